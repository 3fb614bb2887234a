package spool

import (
	"math"
	"slices"
	"time"
)

// Load returns waiting readings with after < Position < below, in order, at
// most max, and whether there are more. They end before the first that cannot
// be read now and may be later. What is damaged is left out. It reads files
// without the lock.
func (s *Spool) Load(after, below uint64, max int) (records []Record, more bool) {
	records = s.load(after, below, max, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.waits().without(positions(records)).between(after, below)
	if len(rest) == 0 {
		return records, false
	}
	return slices.DeleteFunc(records, func(r Record) bool { return r.Position > rest[0].lo }), true
}

// kept returns the readings in all segments, also in those that cannot be read
// now.
func (s *Spool) kept() (all set) {
	for _, t := range s.tiers() {
		all.addAll(t.haves())
	}
	return all
}

// tiers returns those that there are.
func (s *Spool) tiers() []*tier {
	return slices.DeleteFunc([]*tier{s.memory, s.runtime, s.card}, func(t *tier) bool { return t == nil })
}

// load returns what can be read; with unspilled, of those that are not on the
// card.
func (s *Spool) load(after, below uint64, max int, unspilled bool) []Record {
	var records []Record
	for len(records) < max {
		want := s.want(after, below, max-len(records), unspilled)
		if len(want) == 0 {
			break
		}
		// Each round ends with all that was wanted read, found to be lost, or
		// in a segment that is not asked again for now.
		records = join(records, s.fetch(want))
		after = want[len(want)-1].hi
	}
	slices.SortFunc(records, func(a, b Record) int {
		if a.Position < b.Position {
			return -1
		}
		return 1
	})
	return records
}

// join appends records to others, which mostly are none.
func join(to, more []Record) []Record {
	if len(to) == 0 {
		return more
	}
	return append(to, more...)
}

// want returns the first n waiting readings between two positions.
func (s *Spool) want(after, below uint64, n int, unspilled bool) set {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting(unspilled).between(after, below).first(n)
}

// waiting returns the waiting readings that can be loaded.
func (s *Spool) waiting(unspilled bool) set {
	have := s.memory.holds()
	have.addAll(s.runtime.holds())
	if unspilled {
		have = have.without(s.card.holds())
	} else {
		have.addAll(s.card.holds())
	}
	return have.without(s.known.settled).without(s.late)
}

// A source is a segment of which readings are to be read.
type source struct {
	tier *tier
	seg  *segment
	want set
}

// fetch reads what is wanted, from whatever segment has it.
func (s *Spool) fetch(want set) []Record {
	var records []Record
	tried := make(map[*segment]bool)
	for len(want) > 0 {
		sources := s.sources(want, tried)
		if len(sources) == 0 {
			break
		}
		for _, src := range sources {
			tried[src.seg] = true
			got := s.readSegment(src)
			records = join(records, got)
			want = want.without(positions(got))
		}
	}
	s.missed(want)
	return records
}

// sources finds the segments that have what is wanted, the runtime tier's
// first.
func (s *Spool) sources(want set, tried map[*segment]bool) []source {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sources []source
	for _, t := range s.tiers() {
		for _, seg := range t.segments {
			part := seg.have.within(want)
			if tried[seg] || !seg.failed.IsZero() || len(part) == 0 {
				continue
			}
			sources = append(sources, source{t, seg, part})
			want = want.without(part)
		}
	}
	return sources
}

// readSegment returns the records that are wanted of a segment, and notes it
// if the segment has lost some.
func (s *Spool) readSegment(src source) []Record {
	b, err := src.tier.disk.Read(src.tier.path(src.seg.number))
	records := pick(b, src.want, s.boot)
	if len(records) == src.want.count() {
		return records
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil || src.tier.gone(src.seg, err):
		// If it was removed in the meantime, the list has it no more either.
		src.seg.have = src.seg.have.without(src.want.without(positions(records)))
	case src.seg.failed.IsZero():
		s.unreadable(src.tier, src.tier.segments, src.seg.number, err)
		src.seg.failed = time.Now()
	}
	return records
}

// pick returns the records of b whose positions are wanted, each once.
func pick(b []byte, want set, boot bootID) []Record {
	records := make([]Record, 0, min(want.count(), len(b)/overhead))
	var seen set
	p := payload{names: make(map[string]string)}
	frames(b, func(kind byte, body []byte, _ *scan) {
		if kind != kindReading || len(body) < 8 {
			return
		}
		p.b, p.bad = body, false
		position := p.uint64()
		if !want.has(position) || seen.has(position) {
			return
		}
		p.b = body
		if r, ok := p.record(boot); ok {
			records = append(records, r)
			seen.add(position, position)
		}
	})
	return records
}

func positions(records []Record) (all set) {
	for _, r := range records {
		all.add(r.Position, r.Position)
	}
	return all
}

// missed settles readings that no segment has any more, and leaves it to Run
// to tell.
func (s *Spool) missed(want set) {
	if len(want) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.miss(want)
}

// miss is missed for who has the lock.
func (s *Spool) miss(want set) {
	want = want.without(s.known.settled).without(s.kept()) // what is kept may be readable later
	if len(want) == 0 {
		return
	}
	s.damaged += want.count()
	s.bad.addAll(s.abandon(want))
	s.wakeUp()
}

// everything is the bounds of a Load of all.
const everything = math.MaxUint64
