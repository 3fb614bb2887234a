package spool

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"time"
)

// found is what the files of a tier are and say.
type found struct {
	known    *known
	segments []*segment
	number   uint64 // the highest
	done     tally  // of the last segment
	doneOf   uint64 // its number

	unread  bool // there may be more, that cannot be read
	exact   bool // the sequence numbers are those of the last process, which ran in this boot
	damaged int  // readings that are damaged here
	beyond  int  // of those, how many may be above all positions that known has
	unknown int  // readings that there may have been behind damaged ends
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
		if number < absurd {
			f.number = max(f.number, number)
		}
		switch {
		case ok && e.Regular:
			pages = append(pages, s.openSegment(t, &f, number))
		case e.Name == stateName && e.Regular: // of a card's directory, also where it is none now
			s.openState(t, &f)
		case e.Name == "lost+found": // of every ext4
		case e.Name != stateName+newSuffix || t != s.card:
			f.foreign = append(f.foreign, e.Name)
		}
	}
	f.count(pages, t == s.card)
	return f, nil
}

// settleDown makes what was found durable: a process that was
// killed may have written it and not synced it. It writes nothing otherwise.
func (t *tier) settleDown() error {
	for _, name := range t.loose {
		if err := t.disk.Sync(name); err != nil && !isGone(err) {
			return err
		}
	}
	t.loose = nil
	return nil
}

// openSegment reads one segment of a tier.
func (s *Spool) openSegment(t *tier, f *found, number uint64) page {
	seg := &segment{number: number}
	f.segments = append(f.segments, seg)
	b, err := t.disk.Read(t.path(number))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.unreadable(t, f.segments, number, err)
		f.unread, seg.failed, b = true, time.Now(), nil
	}
	pg := f.known.read(b, s.boot)
	seg.bytes, seg.have, seg.whole = int64(len(b)), pg.have, pg.whole
	f.exact = f.exact || pg.whole && s.boot.is(pg.header.boot)
	if number >= absurd && pg.header.number != number {
		return pg
	}
	f.number = max(f.number, number)
	f.done, f.doneOf = pg.tally, number
	if err != nil {
		f.doneOf = 0
	}
	return pg
}

// unreadable says that a segment cannot be read, unless another of its tier
// cannot, too. It comes before the segment's failed is set.
func (s *Spool) unreadable(t *tier, segments []*segment, number uint64, cause error) {
	if slices.ContainsFunc(segments, func(seg *segment) bool { return !seg.failed.IsZero() }) {
		return
	}
	s.say(func(log *slog.Logger) {
		log.Warn("spool file cannot be read, it is tried again for 10 minutes", "file", t.path(number), "cause", cause)
	})
}

// absurd is a number that no segment comes to have by counting. Only a header
// that says so makes it one to count on from, or there might be none left.
const absurd = 1 << 62

// shortest is less than the length of any reading's frame.
const shortest = overhead + 56

// tmpfsPage is where a write to a tmpfs ends that a kill, or want of room, cuts
// short: between two pages (generic_perform_write in the kernel's mm/filemap.c),
// of which all sizes are multiples of this.
const tmpfsPage = 4 << 10

// count finds out how many readings are damaged. Where a later segment says how
// many were intact, a torn end is not one that counts.
func (f *found) count(pages []page, card bool) {
	intact := make(map[uint64]tally)
	for _, pg := range pages {
		if pg.headed {
			intact[pg.header.after] = pg.header.previous
		}
	}
	last := true // no later segment says how far positions had come
	for i, pg := range slices.Backward(pages) {
		if !f.segments[i].failed.IsZero() {
			continue
		}
		behind := pg.behind
		if was, known := intact[f.segments[i].number]; known {
			f.damaged += max(0, int(was.readings)-int(pg.readings))
		} else if pg.tail > 0 {
			f.damaged++
			behind++
			f.unknown += pg.tail / shortest
			if f.segments[i].bytes%tmpfsPage != 0 {
				f.unknown = reserve // it was cut, and nobody knows how much
			}
		}
		f.damaged += pg.lost
		// A reading that was torn along with a snapshot was given before.
		torn := !card && pg.headed && !pg.whole && len(pg.have) == 0
		if last && !torn {
			f.beyond += behind
		}
		last = last && !pg.headed
	}
}
