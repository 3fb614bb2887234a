// Package spool keeps readings that wait for the broker, so that they survive the
// process and a power cut.
//
// It has two stores. Every reading is written to the one on a tmpfs before it is
// offered to the publisher: there it survives the process and costs no write to the
// SD card. The one on the disk, which is an SD card, is written only in an outage,
// in batches: each with one write and one fdatasync, because a single small
// durable write costs a card some 17 KB. While the broker is reachable, only one
// small file is written there, at the start and at the end.
//
// Readings pass from [Spool.Append] to the tmpfs and from there, by [Spool.Run],
// to the disk. [Spool.Next] returns them from memory, which has the newest of
// them; [Spool.Load] reads older ones from either store. [Spool.Settle] marks one as
// settled: it need not be kept any longer. A failing store is not used until it works
// again: meanwhile memory replaces the tmpfs. A damaged file costs no more than the
// damaged records.
//
// docs/spool.md has the format and the rules. The package knows nothing of
// topics, brokers or what happens to a reading.
package spool

import (
	"log/slog"
	"sync"
	"time"

	"sensorpub/sensors"
)

// A Spool is the durable storage of waiting readings. Open must be called first and
// Close last; between them one goroutine calls Run, and any goroutine may call the
// other methods.
type Spool struct {
	Dir        string // on the disk; "": that store is off
	RuntimeDir string // on a tmpfs; "": readings that are not on the disk are in memory alone

	SpillAfter    time.Duration // the age at which a waiting reading is worth a write to the disk
	FlushInterval time.Duration // between two writes to the disk
	MaxBytes      int64         // of each store
	Cache         int           // readings kept in memory; 0: 1024
	BootID        string        // /proc/sys/kernel/random/boot_id
	Disk          FS            // nil: the operating system's
	Log           *slog.Logger  // nil: none
	Clock         sensors.Clock // nil: the wall clock alone

	// Beat is called at least every 10 s while Run is alive. It may be nil.
	Beat func()

	*index
	tmpfs   *tmpfs     // nil: off
	disk    *flusher   // nil: off
	loading sync.Mutex // one Load at a time
	damaged int        // found so at the start
}

// Append numbers a reading (Seq, from 1 for each sensor and quantity), keeps it
// and returns it with its position, which is above all earlier ones. It never fails
// and never waits for the disk.
func (s *Spool) Append(r sensors.Reading) Record {
	s.mu.Lock()
	rec := s.add(r)
	if !fits(r) {
		s.lose(intervals{{rec.Position, rec.Position}}, false)
	}
	s.mu.Unlock()
	if s.tmpfs == nil || !s.tmpfs.keep(rec) {
		s.mu.Lock()
		s.hold(rec.Position)
		s.mu.Unlock()
	}
	return rec
}

// Skip numbers a reading that is not to be kept, and keeps the number.
func (s *Spool) Skip(r sensors.Reading) sensors.Reading {
	key := Key{r.Sensor, r.Quantity}
	s.mu.Lock()
	r.Seq = s.number(key).seq
	if s.tmpfs != nil && fits(r) {
		s.skipped[key] = r.Seq
	}
	s.mu.Unlock()
	if s.tmpfs != nil {
		s.tmpfs.keep()
	}
	return r
}

// Next returns the first waiting reading after a position. If there is one that
// has to be read from a file first, by Load, more is true and ok is not.
func (s *Spool) Next(after uint64) (r Record, ok, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(after)
}

// Load reads the waiting readings that follow a position into memory. It may
// take long. It reports whether Next has something new to say of that position;
// if not, there is no more, or it cannot be read for now, and is not tried again
// for 15 s.
func (s *Spool) Load(after uint64) bool {
	s.loading.Lock()
	defer s.loading.Unlock()
	return s.load(after)
}

// Settle marks a reading as settled, so that it need not be kept. It reports whether
// the reading was waiting until now.
func (s *Spool) Settle(position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settle(position)
}

// Waits reports whether a reading is waiting.
func (s *Spool) Waits(position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting.has(position)
}

// Waiting returns how many readings wait, with the lost ones that Losses has not
// returned yet.
func (s *Spool) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count + s.pending.overflow + s.pending.damaged
}

// Losses returns how many waiting readings were lost since the last call:
// dropped to keep MaxBytes, and damaged or unreadable.
func (s *Spool) Losses() (overflow, damaged int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost := s.pending
	s.pending = losses{}
	return lost.overflow, lost.damaged
}

// Kept returns how many waiting readings are in files, and outlive the process.
func (s *Spool) Kept() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count - s.loose.count()
}

// Commit records what was settled since the last call, so that it is not sent again
// after a kill.
func (s *Spool) Commit() {
	s.mu.Lock()
	nothing := len(s.unsaid) == 0
	if s.tmpfs == nil {
		s.unsaid = nil // there is nothing that remembers it but the disk's state
	}
	s.mu.Unlock()
	if s.tmpfs != nil && !nothing {
		s.tmpfs.keep()
	}
}
