package spool

import "sort"

// A span is the positions from lo to hi, both included.
type span struct{ lo, hi uint64 }

// A set is a set of positions: sorted spans that neither overlap nor touch.
// As positions are given consecutively and settled nearly in order, it is
// hardly ever more than a few spans. The first one usually begins at 0 and is
// the cursor below which all is settled.
type set []span

// after returns the index of the first span that ends at p or later.
func (s set) after(p uint64) int {
	if n := len(s); n > 0 && s[n-1].hi < p {
		return n
	}
	return sort.Search(len(s), func(i int) bool { return s[i].hi >= p })
}

func (s set) has(p uint64) bool {
	i := s.after(p)
	return i < len(s) && s[i].lo <= p
}

// add puts the positions from lo to hi into the set.
func (s *set) add(lo, hi uint64) {
	from := lo
	if from > 0 {
		from-- // a span that ends just below is joined
	}
	i := s.after(from)
	j := i
	for j < len(*s) && (*s)[j].lo <= hi+1 {
		lo, hi = min(lo, (*s)[j].lo), max(hi, (*s)[j].hi)
		j++
	}
	if i < j {
		(*s)[i] = span{lo, hi}
		*s = append((*s)[:i+1], (*s)[j:]...)
		return
	}
	*s = append(*s, span{})
	copy((*s)[i+1:], (*s)[i:])
	(*s)[i] = span{lo, hi}
}

func (s *set) addAll(other set) {
	for _, o := range other {
		s.add(o.lo, o.hi)
	}
}

// without returns the positions of s that are not in other.
func (s set) without(other set) set {
	var rest set
	for _, o := range s {
		lo, left := o.lo, true
		for i := other.after(lo); i < len(other) && other[i].lo <= o.hi; i++ {
			if other[i].lo > lo {
				rest = append(rest, span{lo, other[i].lo - 1})
			}
			if lo, left = other[i].hi+1, other[i].hi < o.hi; !left {
				break
			}
		}
		if left {
			rest = append(rest, span{lo, o.hi})
		}
	}
	return rest
}

// within returns the positions of s that are in other.
func (s set) within(other set) set { return s.without(s.without(other)) }

// between returns the positions p of s with after < p < below.
func (s set) between(after, below uint64) set {
	var part set
	for i := s.after(after); i < len(s) && s[i].lo < below; i++ {
		lo, hi := max(s[i].lo, after+1), min(s[i].hi, below-1)
		if lo <= hi {
			part = append(part, span{lo, hi})
		}
	}
	return part
}

// first returns the n lowest positions of s.
func (s set) first(n int) set {
	var part set
	for _, o := range s {
		if n <= 0 {
			break
		}
		if left := uint64(n); o.hi-o.lo >= left {
			o.hi = o.lo + left - 1
		}
		part = append(part, o)
		n -= int(o.hi - o.lo + 1)
	}
	return part
}

func (s set) count() int {
	n := 0
	for _, o := range s {
		n += int(o.hi - o.lo + 1)
	}
	return n
}

// list returns every position of s. It is for sets of positions that exist.
func (s set) list() []uint64 {
	positions := make([]uint64, 0, s.count())
	for _, o := range s {
		for p := o.lo; p <= o.hi; p++ {
			positions = append(positions, p)
		}
	}
	return positions
}
