package spool

import (
	"cmp"
	"log/slog"
	"slices"
	"sort"
	"time"
)

// How often a file that cannot be read is retried, and for how long before its
// readings are dropped.
const (
	recheck = 15 * time.Second
	giveUp  = 10 * time.Minute
)

// pageSize is how many readings Load takes into memory.
const pageSize = 512

// load makes the page of the index begin with the first waiting reading after a
// position. It reports whether find can return something new.
func (x *index) load(after uint64) bool {
	for again := false; ; again = true {
		x.mu.Lock()
		want := x.waiting.after(after).first(pageSize)
		x.mu.Unlock()
		if len(want) == 0 {
			return again
		}
		page := x.fetch(want)
		x.mu.Lock()
		x.page = page
		_, ok, more := x.find(after)
		p, _ := x.waiting.next(after)
		x.mu.Unlock()
		if ok || !more {
			return true
		}
		if p == want[0].lo {
			return false
		}
	}
}

// A source is a segment from which readings are to be read.
type source struct {
	*store
	seg  *segment
	want intervals
}

// fetch returns the wanted readings that can be read now, in order, from memory or
// from any segment that has them. The lock must not be held.
func (x *index) fetch(want intervals) []Record {
	x.mu.Lock()
	records := x.tail.pick(want)
	x.mu.Unlock()
	want = want.without(positions(records))
	tried := make(map[*segment]bool)
	for len(want) > 0 {
		sources := x.sources(want, tried)
		if len(sources) == 0 {
			break
		}
		for _, src := range sources {
			tried[src.seg] = true
			got := src.read()
			want = want.without(positions(got))
			if records == nil { // as it mostly is
				records = got
			} else {
				records = append(records, got...)
			}
		}
	}
	x.mu.Lock()
	x.orphan(want)
	x.mu.Unlock()
	slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.Position, b.Position) })
	return records
}

// sources finds the segments that have what is wanted, those on the tmpfs first.
func (x *index) sources(want intervals, tried map[*segment]bool) []source {
	x.mu.Lock()
	defer x.mu.Unlock()
	var sources []source
	for _, t := range x.stores {
		for _, seg := range t.segments {
			part := seg.have.within(want)
			if tried[seg] || len(part) == 0 || !seg.failed.IsZero() && time.Since(seg.tried) < recheck {
				continue
			}
			sources = append(sources, source{t, seg, part})
			want = want.without(part)
		}
	}
	return sources
}

// read returns the wanted readings of a segment, and records it if the segment has
// lost some.
func (src source) read() []Record {
	x, seg := src.x, src.seg
	b, err := src.disk.Read(src.path(seg.number))
	records := pick(b, src.want, x.boot)
	if isGone(err) {
		src.check()
		return records
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	missing := src.want.without(positions(records))
	now := time.Now()
	switch {
	case err == nil, !seg.failed.IsZero() && now.Sub(seg.failed) >= giveUp:
		seg.failed = time.Time{}
		seg.have = seg.have.without(missing)
	case seg.failed.IsZero():
		seg.failed = now
		x.say(func(log *slog.Logger) {
			log.Warn("spool file cannot be read, retrying for 10 minutes", "file", src.path(seg.number), "cause", err)
		})
		fallthrough
	default:
		seg.tried = now
	}
	return records
}

// pick returns the records of b whose positions are wanted, each once.
func pick(b []byte, want intervals, boot bootID) []Record {
	if len(b) == 0 {
		return nil
	}
	records := make([]Record, 0, min(want.count(), len(b)/overhead))
	var seen intervals
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

// search returns the record at a position, if it is among those given in order.
func search(records []Record, position uint64) (r Record, ok bool) {
	i := sort.Search(len(records), func(i int) bool { return records[i].Position >= position })
	if i == len(records) || records[i].Position != position {
		return Record{}, false
	}
	return records[i], true
}
