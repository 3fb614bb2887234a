// Package spool keeps readings that wait for the broker, so that neither the
// end of the process nor that of the machine loses them.
//
// It has two tiers. In the runtime tier, on a tmpfs, every reading is written
// before it is offered to the publisher: it survives the process and costs no
// write to the card. The card tier, on an SD card, is written only in an
// outage, in batches: each with one write and one fdatasync, because a single
// small durable write costs a card some 17 KB. While the broker is reachable
// nothing is written there but one small file at the start and at the end.
//
// Readings pass from [Spool.Append] to the runtime tier, from there by
// [Spool.Run] to the card, and from either by [Spool.Load] to the caller, until
// [Spool.Settle] says that their fate is decided. A tier that fails is done
// without until it works again: meanwhile memory takes the runtime tier's
// place. A damaged file costs no more than the damaged records.
//
// docs/spool.md has the format and the rules. The package knows nothing of
// topics, brokers or what becomes of a reading.
package spool

import (
	"log/slog"
	"sync"
	"time"

	"sensorpub/sensors"
)

// A Spool is the durable storage of the readings that wait. Open comes first
// and Close last; between them Run is one goroutine's, and all other methods
// may be called by any.
type Spool struct {
	Dir        string // on the card; "": no card tier
	RuntimeDir string // on a tmpfs; "": the runtime tier is in memory

	SpillAfter    time.Duration // the age at which a waiting reading is worth a write to the card
	FlushInterval time.Duration // between two writes to the card
	MaxBytes      int64         // of each tier
	BootID        string        // /proc/sys/kernel/random/boot_id
	Disk          FS            // nil: the operating system's
	Log           *slog.Logger  // nil: none
	Clock         sensors.Clock // nil: the wall clock alone

	// Beat is called at least every 10 s while Run is alive.
	Beat func()

	// Lost is called by Run and Close, without any lock, when waiting readings
	// wait no more or are away, for TakeLost to be called; nil: nobody wants to
	// know.
	Lost func()

	// Late is called by Run, without any lock, when something of an earlier
	// process has been found after the start, for Claim to be called; nil: it
	// need not be claimed.
	Late func()

	mu      sync.Mutex
	boot    bootID
	first   uint64 // position of the first reading of this process
	next    uint64 // position of the next reading
	earlier uint64 // the highest position that earlier processes have given
	stride  uint64 // rises with time, and faster than any sequence number
	leapt   bool   // sequence numbers have been raised by it at the start
	known   *known // what a snapshot says; settled is the set of settled positions
	pending set    // settled, and not written yet
	marks   []mark // when recent readings came
	out     writer // used again for each write to the runtime tier

	runtime *tier // the runtime tier; nil: RuntimeDir is ""
	memory  *tier // in its place; nil: not needed
	card    *tier // nil: Dir is ""

	reserved     *known        // the sequence numbers that the card says, from which those in use are at most reserve away
	unwritten    bool          // it does not say so
	flushed      time.Time     // when a batch was last written to the card
	pause        time.Duration // before the card is tried again
	retryCard    time.Time
	retryRuntime time.Time
	rechecked    time.Time // when unreadable segments were last tried

	gone    set  // dropped, and not told yet
	bad     set  // damaged, and not told yet
	away    set  // not to be read for now, and not told yet
	over    set  // found settled after the start, and not told yet
	late    set  // found after the start, and not claimed yet
	lateBad int  // found damaged after the start, and not claimed yet
	news    bool // something of an earlier process was found, and not claimed yet
	notes   []func()
	damaged int
	dropped uint64
	closing bool
	wake    chan struct{} // Run has something to do
}

// A mark says when a reading came.
type mark struct {
	position uint64
	at       time.Time
}

// bounds of the memory that takes the runtime tier's place
const (
	memoryBytes   = 1 << 20   // where there is none
	fallbackBytes = 256 << 10 // while it fails
)

// Append keeps a reading and returns its position. It never fails and never
// waits for the card. What was settled before is written along with it. lost
// are the positions of waiting readings that were dropped for it.
func (s *Spool) Append(r sensors.Reading) (position uint64, lost []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	position = s.next
	s.next++
	rec := Record{position, r}
	s.known.note(rec)
	s.mark(position)
	s.keep(rec, &lost)
	return position, lost
}

// keep writes a reading to the runtime tier, or to what is in its place.
func (s *Spool) keep(r Record, lost *[]uint64) {
	if s.memory == nil {
		err := s.put(s.runtime, r, lost)
		if err == nil {
			return
		}
		s.degrade(err)
	}
	s.put(s.memory, r, lost) // memory does not fail
}

// Settle says that the fate of a reading is decided: it need not be kept.
func (s *Spool) Settle(position uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if position < s.next && !s.known.settled.has(position) {
		s.known.settled.add(position, position)
		s.pending.add(position, position)
	}
}

// Commit writes what was settled since the last time.
func (s *Spool) Commit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return
	}
	if s.memory == nil {
		if err := s.put(s.runtime, Record{}, nil); err != nil {
			s.degrade(err)
		}
	}
	s.pending = nil // in memory there is nothing to remember
}

// Holds tells whether a waiting reading can be loaded, now or perhaps later.
func (s *Spool) Holds(position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.known.settled.has(position) &&
		(s.memory.has(position) || s.runtime.has(position) || s.card.has(position))
}

// mark notes when a reading came, exactly enough to tell whether it is older
// than SpillAfter.
func (s *Spool) mark(position uint64) {
	now := time.Now()
	if n := len(s.marks); n > 0 && now.Sub(s.marks[n-1].at) < s.SpillAfter/32 {
		return
	}
	for len(s.marks) > 1 && now.Sub(s.marks[1].at) >= s.SpillAfter {
		s.marks = s.marks[1:]
	}
	s.marks = append(s.marks, mark{position, now})
}

// came returns when a reading came, or a moment before.
func (s *Spool) came(position uint64) time.Time {
	var at time.Time
	for i, m := range s.marks {
		if i == 0 || m.position <= position {
			at = m.at
		}
	}
	return at
}

// wakeUp makes Run look at once.
func (s *Spool) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
