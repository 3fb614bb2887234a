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

// tend checks whether the directory is still the one that is written to, and tries to
// make a failing store work again, beginning with the readings that are in memory
// alone. With now it does not wait until that is due.
func (t *tmpfs) tend(now bool) {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.file != nil {
		if err := t.check(); err != nil {
			t.fail(err)
		}
	}
	if t.cause == nil || !now && time.Now().Before(t.retry) {
		return
	}
	saved, err := t.heal()
	if err != nil {
		t.fail(err)
		return
	}
	t.recovered("saved", saved)
}

// heal begins a segment with what is in memory alone, and returns how many
// readings that is.
func (t *tmpfs) heal() (saved int, err error) {
	if err := t.reopen(); err != nil {
		return 0, err
	}
	t.x.mu.Lock()
	records := t.x.tail.pick(t.x.loose)
	t.x.mu.Unlock()
	for {
		n, err := t.put(records[saved:])
		if saved += n; err != nil || saved == len(records) {
			return saved, err
		}
	}
}
