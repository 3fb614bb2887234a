package spool

import (
	"errors"
	"fmt"
	"io/fs"
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
	Settled bool
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
		s.files = &tier{disk: s.Disk, dir: s.RuntimeDir, max: s.MaxBytes}
		if files, err = s.openFirst(s.files); err != nil {
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
	return f, nil
}

// found is what the files of a tier are and say.
type found struct {
	known    *known
	segments []*segment
	number   uint64 // the highest
	done     tally  // of the last segment
	doneOf   uint64 // its number

	unread  bool // there may be more, that cannot be read
	exact   bool // the sequence numbers are those of the last process, which ran in this boot
	records int  // readings that are damaged
	unknown int  // readings that there may have been in damaged ends
	foreign []string
	state   *known // what the card's state file says; nil: there is none that is whole
	stated  bool   // there is a state file, or something of one
}

// openTier locks a tier's directory and reads it.
func (s *Spool) openTier(t *tier) (found, error) {
	unlock, err := t.disk.Lock(t.dir)
	if err != nil {
		return found{}, err
	}
	entries, err := t.disk.List(t.dir)
	if err != nil {
		unlock()
		return found{}, err
	}
	t.unlock = unlock
	f := found{known: newKnown()}
	var pages []page
	for _, e := range entries {
		number, ok := segmentNumber(e.Name)
		f.number = max(f.number, number)
		switch {
		case ok && e.Regular:
			pages = append(pages, s.openSegment(t, &f, number))
		case e.Name == stateName && t == s.card && e.Regular:
			s.openState(t, &f)
		case e.Name != stateName+newSuffix || t != s.card:
			f.foreign = append(f.foreign, e.Name)
		}
	}
	f.count(pages)
	if err := s.settleDown(t, f); err != nil {
		unlock()
		t.unlock = nil
		return found{}, err
	}
	return f, nil
}

// settleDown makes what was found on the card durable: a process that was
// killed may have written it and not synced it. It writes nothing otherwise.
func (s *Spool) settleDown(t *tier, f found) error {
	if t != s.card {
		return nil
	}
	if n := len(f.segments); n > 0 {
		if err := t.disk.Sync(t.path(f.segments[n-1].number)); err != nil {
			return err
		}
	}
	return t.disk.Sync(t.dir)
}

// openSegment reads one segment of a tier.
func (s *Spool) openSegment(t *tier, f *found, number uint64) page {
	seg := &segment{number: number}
	f.segments = append(f.segments, seg)
	b, err := t.disk.Read(t.path(number))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.unread, seg.failed, b = true, time.Now(), nil
	}
	pg := f.known.read(b, s.boot)
	seg.bytes, seg.have, seg.whole = int64(len(b)), pg.have, pg.whole
	f.exact = f.exact || pg.whole && s.boot.is(pg.header.boot)
	f.done, f.doneOf = pg.tally, number
	if err != nil {
		f.doneOf = 0
	}
	return pg
}

// count finds out how many readings are damaged. Where a later segment says how
// many were intact, a torn end is not one that counts.
func (f *found) count(pages []page) {
	intact := make(map[uint64]tally)
	for _, pg := range pages {
		if pg.headed {
			intact[pg.header.after] = pg.header.previous
		}
	}
	for i, pg := range pages {
		if !f.segments[i].failed.IsZero() {
			continue
		}
		f.records += pg.lost
		if was, known := intact[f.segments[i].number]; known {
			f.records += max(0, int(was.readings)-int(pg.readings))
		} else if pg.tail > 0 {
			f.records++
			f.unknown += pg.tail / shortest
		}
	}
}

// shortest is less than the length of any reading's frame.
const shortest = overhead + 56

// adopt takes the segments that were found into a tier.
func (s *Spool) adopt(t *tier, f found) {
	t.segments, t.number, t.done, t.doneOf = f.segments, f.number, f.done, f.doneOf
	t.bytes = 0
	if s.first != 0 { // too late for what it says of positions that are in use now
		f.known.settled = f.known.settled.between(0, s.first)
	}
	for _, seg := range f.segments {
		t.bytes += seg.bytes
	}
	s.known.merge(f.known)
	s.next = max(s.next, s.known.top+1)
	s.damaged += f.records
	if len(f.foreign) > 0 {
		s.say(func(log *slog.Logger) {
			log.Warn("spool directory holds files that are not the spool's: they are left alone",
				"dir", t.dir, "files", len(f.foreign), "first", filepath.Base(f.foreign[0]))
		})
	}
	if f.records > 0 {
		s.say(func(log *slog.Logger) {
			log.Warn("spool is damaged: these readings are lost", "dir", t.dir, "readings", f.records)
		})
	}
}
