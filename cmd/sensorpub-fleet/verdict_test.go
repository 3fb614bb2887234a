package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// seen returns a series of readings that arrived in that order.
func seen(seqs ...uint64) *series {
	s := &series{tracks: make([]track, 1)}
	for _, n := range seqs {
		s.tracks[0].reading(n, false)
		s.arrived.add(n)
	}
	return s
}

// killed returns a series of a daemon that was killed, and whose next process
// began with the reading first.
func killed(first uint64, seqs ...uint64) *series {
	s := seen(seqs...)
	s.restart, s.firstNew = noon, first
	return s
}

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		name    string
		series  *series
		account account
		want    verdict
	}{
		{"all has arrived", seen(1, 2, 3), account{read: 3}, verdict{accepted: 3, arrived: 3}},
		{"one in the middle is lost", seen(1, 3), account{read: 3}, verdict{accepted: 3, arrived: 2, lost: 1}},
		{"the last two are lost", seen(1), account{read: 3}, verdict{accepted: 3, arrived: 1, lost: 2}},
		{"nothing was read", seen(), account{}, verdict{}},
		{"a reading was dropped, and is lost", seen(2, 3), account{read: 3, dropped: 1}, verdict{accepted: 3, arrived: 2, lost: 1, dropped: 1}},
		{"one still waits", seen(1, 2), account{read: 3, queued: 1}, verdict{accepted: 3, arrived: 2, lost: 1, waiting: 1}},
		{"a duplicate, a repeat, and one out of order", seen(1, 2, 1, 2, 9, 5, 4), account{read: 2}, verdict{accepted: 2, arrived: 2, duplicates: 1, repeats: 1, disorder: 1, strange: 1}},
		{"the node left no account", seen(1, 3), account{missing: true}, verdict{accepted: 3, arrived: 2, lost: 1, noAccount: 1}},
		{"after a kill all has arrived", killed(3, 1, 2, 3, 4), account{read: 3, recovered: 1}, verdict{accepted: 4, arrived: 4}},
		{"after a kill one from before it is lost", killed(3, 1, 3, 4), account{read: 2}, verdict{accepted: 4, arrived: 3, lost: 1}},
		{"after a kill the last is lost", killed(3, 1, 2, 3, 4), account{read: 3}, verdict{accepted: 5, arrived: 4, lost: 1}},
		{"after a kill nothing new has come", killed(0, 1, 2), account{read: 3, recovered: 1}, verdict{accepted: 4, arrived: 2, lost: 2}},
	} {
		var v verdict
		v.judge("a", tt.series, tt.account)
		tt.want.nodes, v.complaints = 1, nil
		if !same(v, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, v, tt.want)
		}
		bad := tt.want.lost+tt.want.dropped+tt.want.waiting+tt.want.disorder+tt.want.noAccount > 0
		if v.ok() == bad {
			t.Errorf("%s: got ok %t", tt.name, v.ok())
		}
	}
}

func same(a, b verdict) bool {
	return slices.Equal(a.figures(), b.figures())
}

func (v verdict) figures() []int {
	return []int{v.nodes, v.accepted, v.arrived, v.lost, v.dropped, v.waiting, v.duplicates, v.repeats, v.disorder, v.noAccount, v.strange}
}

func TestVerdictOnWhatIsRetained(t *testing.T) {
	var v verdict
	kept := []map[string]uint64{{"a": 3, "b": 2, "e": 3}, {"a": 3, "b": 3, "e": 3}}
	v.retained("a", 3, kept)
	v.retained("b", 3, kept) // one broker has an older one
	v.retained("c", 3, kept)
	v.retained("d", 0, kept) // has read nothing
	v.retained("e", 2, kept) // retained is what it never read
	if v.retainedRight != 2 || v.retainedWrong != 3 || v.ok() {
		t.Errorf("got %+v, want two right and three wrong", v)
	}
}

func TestVerdictOnStatuses(t *testing.T) {
	var v verdict
	before, after := map[string]string{"a": "online", "b": "offline"}, map[string]string{"a": "offline", "b": "offline"}
	for _, node := range []string{"a", "b", "c"} {
		v.status(node, before, "online")
		v.status(node, after, "offline")
	}
	if v.statusRight != 3 || v.statusWrong != 3 || v.ok() {
		t.Errorf("got %d right and %d wrong, ok %t, want 3 of each, which is not ok", v.statusRight, v.statusWrong, v.ok())
	}
}

func TestWhatOnlyOneWitnessSeesIsNotTheNodes(t *testing.T) {
	s := &series{tracks: []track{{duplicates: 4, repeats: 1, disorder: 2}, {duplicates: 3, repeats: 5}}}
	if b := s.best(); b.duplicates != 3 || b.repeats != 1 || b.disorder != 0 {
		t.Errorf("got %+v, want the lowest of each", b)
	}
}

func TestEffectOfAFault(t *testing.T) {
	at := func(seconds float64) time.Time { return noon.Add(time.Duration(seconds * float64(time.Second))) }
	outages := []outage{
		{"one", at(-1), at(5), at(6)}, // before
		{"one", at(0), at(2), at(3)},
		{"one", at(1), at(12), at(13)},
		{"one", at(0), at(7), time.Time{}},
		{"two", at(10), at(20), at(21)},          // of another broker
		{"one", at(2), time.Time{}, time.Time{}}, // not yet back
		{"one", at(31), at(32), at(33)},          // after it was undone
		{"one", at(60), at(61), at(62)},          // after
	}
	got := effectOf(outages, noon, at(30), at(60), func(broker string) bool { return broker == "one" })
	want := effect{
		lost: 4, others: 2, back: 3, within: 12 * time.Second, spread: 10 * time.Second, middle: 10 * time.Second,
		acked: []time.Duration{3 * time.Second, 12 * time.Second},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestKillsAreAlsoSummedUp(t *testing.T) {
	f := &fleet{cluster: &cluster{port: 4000}}
	f.last.at = noon.Add(10 * time.Minute)
	for i, acked := range [][]int{{4, 10}, {8}, {100}} { // seconds after the loss, by fault
		fault := fault{kind: kill, brokers: []int{i + 1}, at: time.Duration(i) * time.Minute, lasts: 30 * time.Second}
		if i == 2 {
			fault.kind = stop
		}
		began := noon.Add(fault.at)
		f.marks = append(f.marks, mark{fault, began, began.Add(fault.lasts)})
		for _, s := range acked {
			back := began.Add(time.Duration(s) * time.Second)
			f.members = append(f.members, &member{outages: []outage{{f.cluster.at(i+1, 2), began, back, back}}})
		}
	}
	got := f.effects()
	want := "| all 2 kills | | | 3; 0 | | | 8 s, 10 s |\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got\n%swant at its end\n%s", got, want)
	}
	f.marks = f.marks[1:]
	if got := f.effects(); strings.Contains(got, "all") {
		t.Errorf("there is a sum of one kill:\n%s", got)
	}
}

func TestQuantile(t *testing.T) {
	values := []time.Duration{5, 1, 4, 2, 3}
	for q, want := range map[float64]time.Duration{0: 1, 0.2: 1, 0.5: 3, 0.95: 5, 1: 5} {
		if got := quantile(values, q); got != want {
			t.Errorf("got %d at %v, want %d", got, q, want)
		}
	}
	if got := quantile(nil, 0.5); got != 0 {
		t.Errorf("got %v of nothing, want 0", got)
	}
}
