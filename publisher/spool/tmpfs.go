package spool

import "time"

// A tmpfs is the store that each reading is written to as it comes. While it
// fails readings are in memory alone.
type tmpfs struct {
	*store
	flusher *flusher // nil: there is no disk
}

// keep writes a reading and what was settled, and reports whether the store has
// them. Without a reading it writes what was settled.
func (t *tmpfs) keep(records ...Record) bool {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.cause != nil {
		return false
	}
	_, err := t.put(records)
	if err != nil {
		t.fail(err)
	}
	return err == nil
}

// fail notes that readings are in memory alone from now on.
func (t *tmpfs) fail(cause error) {
	t.store.fail(cause)
	if t.flusher == nil {
		return
	}
	// The disk is to say of a position that the tmpfs does not know, so that
	// the next start does not go on from what the tmpfs says.
	t.x.mu.Lock()
	t.x.next++
	t.x.mu.Unlock()
	t.flusher.stateDue.Store(true)
}

// watch looks whether the directory is still the one that is written to.
func (t *tmpfs) watch() {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.file == nil {
		return
	}
	if err := t.check(); err != nil {
		t.fail(err)
	}
}

// heal tries to make a store that fails work again. It begins with what is in
// memory alone.
func (t *tmpfs) heal(now bool) {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.cause == nil || !now && time.Now().Before(t.retry) {
		return
	}
	err := t.reopen()
	t.x.mu.Lock()
	records := t.x.tail.pick(t.x.loose)
	t.x.mu.Unlock()
	saved := len(records)
	for begun := false; err == nil && (len(records) > 0 || !begun); begun = true {
		var n int
		n, err = t.put(records)
		records = records[n:]
	}
	if err != nil {
		t.fail(err)
		return
	}
	t.recovered("saved", saved)
}
