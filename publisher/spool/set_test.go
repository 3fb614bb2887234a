package spool

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// naive is a set as plain as can be, of positions below 200.
type naive map[uint64]bool

func (n naive) set() set {
	var s set
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

func TestSetDoesAsANaiveOneDoes(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func() (set, naive) {
		var s set
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
	check := func(what string, got set, want naive) {
		t.Helper()
		if !slices.Equal(got, want.set()) {
			t.Fatalf("%s: got %v, want %v", what, got, want.set())
		}
	}
	for range 5000 {
		a, na := random()
		b, nb := random()
		check("add", a, na)
		check("without", a.without(b), na.filter(func(p uint64) bool { return !nb[p] }))
		check("within", a.within(b), na.filter(func(p uint64) bool { return nb[p] }))
		x, y := rnd.Uint64N(200), rnd.Uint64N(200)
		check("between", a.between(x, y), na.filter(func(p uint64) bool { return x < p && p < y }))
		if got := a.has(x); got != na[x] {
			t.Fatalf("has: got %t, want %t", got, na[x])
		}
		if got := a.count(); got != len(na) {
			t.Fatalf("count: got %d, want %d", got, len(na))
		}
		if got, want := a.first(7).list(), a.list(); !slices.Equal(got, want[:min(7, len(want))]) {
			t.Fatalf("first: got %v of %v", got, want)
		}
		// What the file says of a set is the set.
		var w writer
		w.settled(a)
		k := newKnown()
		k.read(w.buf, bootID{})
		check("frame", k.settled, na)
	}
}
