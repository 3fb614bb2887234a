package spool

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is a set of positions as plain as can be, of positions below 200.
type naive map[uint64]bool

func (n naive) intervals() intervals {
	var s intervals
	for p := uint64(0); p < 200; p++ {
		switch k := len(s); {
		case !n[p]:
		case k > 0 && s[k-1].hi+1 == p:
			s[k-1].hi = p
		default:
			s = append(s, span{p, p})
		}
	}
	return s
}

func (n naive) filter(keep func(uint64) bool) naive {
	m := make(naive)
	for p := range n {
		if keep(p) {
			m[p] = true
		}
	}
	return m
}

func TestIntervalsDoAsANaiveSetDoes(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func() (intervals, naive) {
		var s intervals
		n := make(naive)
		for range rnd.IntN(30) {
			lo := rnd.Uint64N(190)
			hi := lo + rnd.Uint64N(10)
			s.add(lo, hi)
			for p := lo; p <= hi; p++ {
				n[p] = true
			}
		}
		return s, n
	}
	check := func(what string, got intervals, want naive) {
		t.Helper()
		if !slices.Equal(got, want.intervals()) {
			t.Fatalf("%s: got %v, want %v", what, got, want.intervals())
		}
	}
	for range 5000 {
		a, na := random()
		b, nb := random()
		check("add", a, na)
		check("without", a.without(b), na.filter(func(p uint64) bool { return !nb[p] }))
		check("within", a.within(b), na.filter(func(p uint64) bool { return nb[p] }))
		x := rnd.Uint64N(200)
		check("after", a.after(x), na.filter(func(p uint64) bool { return x < p }))
		next, ok := a.next(x)
		if rest := a.after(x); ok != (len(rest) > 0) || ok && next != rest[0].lo {
			t.Fatalf("next: got %d, %t, want the first of %v", next, ok, rest)
		}
		if got, want := a.last(), a.first(a.count()); len(want) > 0 && got != want[len(want)-1].hi {
			t.Fatalf("last: got %d of %v", got, want)
		}
		if got := a.has(x); got != na[x] {
			t.Fatalf("has: got %t, want %t", got, na[x])
		}
		if got := a.count(); got != len(na) {
			t.Fatalf("count: got %d, want %d", got, len(na))
		}
		first := a.first(7)
		check("first", first, na.filter(func(p uint64) bool { return first.has(p) }))
		if got, want := first.count(), min(7, len(na)); got != want || len(a.without(first)) > 0 && first.last() > a.without(first)[0].lo {
			t.Fatalf("first: got %v of %v", first, a)
		}
		// What the file says of a set is the set.
		var w writer
		w.settled(a)
		k := newSnapshot()
		k.read(w.buf, bootID{})
		check("frame", k.settled, na)
		if got := a.remove(x); got != na[x] {
			t.Fatalf("remove: got %t, want %t", got, na[x])
		}
		check("remove", a, na.filter(func(p uint64) bool { return p != x }))
	}
}
