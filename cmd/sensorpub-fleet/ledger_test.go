package main

import (
	"testing"
	"time"
)

func TestBitsetCountsUpToANumber(t *testing.T) {
	var b bitset
	for _, n := range []uint64{1, 2, 63, 64, 65, 200} {
		if !b.add(n) || b.add(n) {
			t.Errorf("%d is not new exactly once", n)
		}
	}
	for last, want := range map[uint64]int{0: 0, 1: 1, 62: 2, 63: 3, 64: 4, 65: 5, 199: 5, 200: 6, 5000: 6} {
		if got := b.count(last); got != want {
			t.Errorf("got %d up to %d, want %d", got, last, want)
		}
	}
	if got := b.max(); got != 200 {
		t.Errorf("got %d as the highest, want 200", got)
	}
}

// online stands for the node's status in a sequence of readings.
const online = 0

func TestTrackChecksTheOrderThatIsPromised(t *testing.T) {
	for _, tt := range []struct {
		name                          string
		seqs                          []uint64
		disorder, duplicates, repeats int
	}{
		{"readings in order", []uint64{online, 1, 2, 3}, 0, 0, 0},
		{"the newest first, then live ones ahead of the backlog, then the newest", []uint64{online, 1, 5, online, 2, 6, 3, 4, 6}, 0, 0, 1},
		{"a live one late", []uint64{online, 1, 3, 2}, 0, 0, 0}, // it may be the backlog
		{"the backlog backwards", []uint64{online, 1, 5, online, 4, 3, 2}, 2, 0, 0},
		{"two live ones late", []uint64{online, 9, 5, 4}, 1, 0, 0},
		{"the backlog again from its beginning on the next connection", []uint64{online, 1, 6, online, 2, 3, 7, online, 2, 3, 4, 5, 7}, 0, 2, 1},
		{"what was missed on one connection comes on the next", []uint64{online, 1, 6, online, 4, 8, online, 2, 3, 5, 7, 8}, 0, 0, 1},
		{"the same without the next connection", []uint64{online, 1, 6, online, 4, 8, 2, 3, 5, 7, 8}, 2, 0, 1},
		{"one message twice", []uint64{online, 1, 2, 1, 2, 3}, 0, 1, 1},
	} {
		var tr track
		for _, seq := range tt.seqs {
			if seq == online {
				tr.online()
			} else {
				tr.reading(seq, false)
			}
		}
		if tr.disorder != tt.disorder || tr.duplicates != tt.duplicates || tr.repeats != tt.repeats {
			t.Errorf("%s: got %d out of order, %d duplicates, %d repeats, want %d, %d, %d",
				tt.name, tr.disorder, tr.duplicates, tr.repeats, tt.disorder, tt.duplicates, tt.repeats)
		}
	}
}

func TestWhatABrokerDeliversOnceMoreSaysNothingAboutTheOrder(t *testing.T) {
	var tr track
	for _, seq := range []uint64{5, 4} {
		tr.reading(seq, false)
	}
	for _, seq := range []uint64{3, 2, 5} {
		tr.reading(seq, true)
	}
	if tr.disorder+tr.duplicates+tr.repeats != 0 || tr.seen.count(5) != 4 {
		t.Errorf("got %+v, want four readings and nothing wrong", tr)
	}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestLedgerCountsAReadingOnceForAllWitnesses(t *testing.T) {
	l := newLedger([]string{"a"}, 2, &timeline{step: time.Second})
	l.latency.start(noon)
	for i := range 2 {
		l.reading(i, "a", reading{Seq: 1, Time: noon}, false, noon.Add(time.Duration(i+1)*time.Millisecond))
	}
	if arrived, messages, last := l.progress(); arrived != 1 || messages != 2 || !last.Equal(noon.Add(time.Millisecond)) {
		t.Errorf("got %d readings in %d messages, the last at %v", arrived, messages, last)
	}
	if got := l.latency.all(); len(got) != 1 || got[0] != time.Millisecond {
		t.Errorf("got %v as latency, want that of the first witness", got)
	}
}

func TestLedgerNotesWhatNoNodeSends(t *testing.T) {
	l := newLedger([]string{"a"}, 1, new(timeline))
	l.reading(0, "b", reading{Seq: 1}, false, noon)
	l.reading(0, "a", reading{Seq: 0}, false, noon)
	l.reading(0, "a", reading{Seq: maxSeq + 1}, false, noon)
	if len(l.strange) != 3 || l.arrived != 0 {
		t.Errorf("got %v and %d readings, want three notes", l.strange, l.arrived)
	}
}
