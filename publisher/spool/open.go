package spool

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"sensorpub/sensors"
)

// Recovered is what an earlier process has left.
type Recovered struct {
	Seq     map[Key]uint64 // the last sequence number given to each stream, or one that is certainly not below it
	Floor   uint64         // the same for streams that Seq does not name
	Newest  map[Key]Newest // the newest reading of each stream that is known
	Waiting int            // unsettled records
	Damaged int            // records found damaged, and lost
}

// Newest is the newest reading of a stream.
type Newest struct {
	Record
	Settled bool // it is not among the waiting
}

// Open takes both directories, reads what is in them and makes the spool
// ready. The error is that another process has one of them; storage that fails
// is logged and done without until it works.
func (s *Spool) Open() (Recovered, error) {
	s.defaults()
	var card, files found
	var err error
	if s.Dir != "" {
		s.card = &tier{disk: s.Disk, dir: s.Dir, max: s.MaxBytes}
		if card, err = s.openFirst(s.card); err != nil {
			return Recovered{}, err
		}
	}
	if s.RuntimeDir != "" {
		s.runtime = &tier{disk: s.Disk, dir: s.RuntimeDir, max: s.MaxBytes}
		if files, err = s.openFirst(s.runtime); err != nil {
			if s.card != nil && s.card.unlock != nil {
				s.card.unlock()
			}
			return Recovered{}, err
		}
	}
	s.recover(card, files)
	s.ready(files.exact)
	rec := s.recovered()
	s.report()
	return rec, nil
}

func (s *Spool) defaults() {
	if s.Disk == nil {
		s.Disk = osFS{}
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Clock == nil {
		s.Clock = sensors.WallClock
	}
	s.boot = parseBootID(s.BootID)
	s.known = newKnown()
	s.wake = make(chan struct{}, 1)
}

// openFirst opens a tier at the start.
func (s *Spool) openFirst(t *tier) (found, error) {
	f, err := s.openTier(t)
	if errors.Is(err, ErrInUse) {
		return f, fmt.Errorf("open spool %s: %w", t.dir, ErrInUse)
	}
	if err != nil {
		t.cause, t.since = err, time.Now()
		f.unread = true
		return f, nil
	}
	s.adopt(t, f)
	if t == s.card {
		if err := t.settleDown(); err != nil { // it can be read all the same
			t.cause, t.since = err, time.Now()
		}
	}
	return f, nil
}

// adopt takes the segments that were found into a tier.
func (s *Spool) adopt(t *tier, f found) {
	before, had := s.kept(), t.haves()
	t.stray = false
	t.segments, t.number, t.done, t.doneOf = f.segments, max(t.number, f.number), f.done, f.doneOf
	t.bytes = 0
	t.loose = nil
	for _, seg := range f.segments {
		t.bytes += seg.bytes
		if seg.failed.IsZero() {
			t.loose = append(t.loose, t.path(seg.number))
		}
	}
	t.loose = append(t.loose, t.dir)
	s.learn(f.known, before, t.haves())
	s.miss(had) // of a directory that was opened before
	if s.first != 0 {
		s.catchUp(t, f)
	}
	if len(f.foreign) > 0 {
		s.say(func(log *slog.Logger) {
			log.Warn("spool directory holds files that are not the spool's: they are left alone",
				"dir", t.dir, "files", len(f.foreign), "first", filepath.Base(f.foreign[0]))
		})
	}
}
