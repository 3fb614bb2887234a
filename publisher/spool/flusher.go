package spool

import (
	"cmp"
	"sync/atomic"
	"time"
)

// A flusher maintains the store on the disk: it writes readings that have waited
// long enough, and deletes settled ones.
type flusher struct {
	*store
	after    time.Duration // the age at which a waiting reading is worth a write
	interval time.Duration // between two writes
	beat     func()

	flushed   time.Time   // when a batch was last begun
	stateDue  atomic.Bool // the state file is to be written
	stateNext uint64      // the position that it says comes next
}

// mark records in the state file that a process is running, and reports whether
// that succeeded.
func (f *flusher) mark() bool {
	f.writing.Lock()
	defer f.writing.Unlock()
	if f.cause != nil {
		return false
	}
	found := f.syncFound() // if that fails it can be read all the same
	err := f.writeState(false)
	if cause := cmp.Or(err, found); cause != nil {
		f.fail(cause)
	}
	return err == nil
}

// work does what is due; with all, also what could wait.
func (f *flusher) work(all bool) {
	f.writing.Lock()
	defer f.writing.Unlock()
	if !all && time.Now().Before(f.retry) {
		return
	}
	if err := f.try(all); err != nil {
		f.fail(err)
		return
	}
	f.recovered()
}

func (f *flusher) try(all bool) error {
	reopened := f.unlock == nil
	if err := f.reopen(); err != nil {
		return err
	}
	if err := f.syncFound(); err != nil {
		return err
	}
	// A disk that failed must first prove that it can be written.
	if reopened || !all && (f.cause != nil || f.stateDue.Load() || f.outdated()) {
		if err := f.writeState(false); err != nil {
			return err
		}
	}
	if err := f.sweep(); err != nil {
		return err
	}
	if due := f.due(); !all && (due.IsZero() || time.Now().Before(due)) {
		return nil
	}
	return f.flush()
}

// syncFound makes durable what was found at the start: a process that was
// killed may have written it and not synced it.
func (f *flusher) syncFound() error {
	for _, name := range f.unsynced {
		if err := f.disk.Sync(name); err != nil && !isGone(err) {
			return err
		}
	}
	f.unsynced = nil
	return nil
}

// due returns when the next batch is to be written; zero if there is nothing to
// write.
func (f *flusher) due() time.Time {
	x := f.x
	x.mu.Lock()
	defer x.mu.Unlock()
	kept := f.holds()
	rest := x.waiting.without(kept)
	if len(rest) == 0 {
		return time.Time{}
	}
	if x.loose.count() > x.room/2 || int64(rest.count())*typicalBytes > f.max/2 {
		return time.Now() // or newer readings than those here would be lost for want of room
	}
	wait := f.after
	if len(kept.within(x.waiting)) > 0 { // the outage has lasted that long already
		wait = min(wait, f.interval)
	}
	due := x.arrivals.of(rest[0].lo).Add(wait)
	if next := f.flushed.Add(f.interval); next.After(due) {
		due = next
	}
	return due
}

// next returns for how long there is nothing to do, at most wait.
func (f *flusher) next(wait time.Duration) time.Duration {
	due := f.due()
	f.writing.Lock()
	defer f.writing.Unlock()
	if f.retry.After(due) {
		due = f.retry
	}
	if !due.IsZero() {
		wait = min(wait, time.Until(due))
	}
	return wait
}

// typicalBytes is the length of an ordinary reading's frame.
const typicalBytes = 96

// flush writes the waiting readings that are not on the disk, in batches of at most
// a segment, each with one write and one fdatasync.
func (f *flusher) flush() error {
	f.flushed = time.Now()
	size := int(f.chunk() / typicalBytes)
	for after := uint64(0); ; {
		f.x.mu.Lock()
		want := f.x.waiting.without(f.holds()).after(after).first(size)
		f.x.mu.Unlock()
		for records := f.x.fetch(want); len(records) > 0; {
			n, err := f.put(records)
			if err == nil {
				err = f.check()
			}
			if err != nil {
				return err
			}
			records = records[n:]
			f.beat()
		}
		if want.count() < size { // and not what has come meanwhile
			return nil
		}
		after = want.last()
	}
}
