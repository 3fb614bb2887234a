package spool

import "sort"

// A span is the positions from lo to hi, both included.
type span struct{ lo, hi uint64 }

// An intervals is a set of positions: sorted spans that neither overlap nor
// touch. As positions are given consecutively and settled nearly in order, it
// is hardly ever more than a few spans.
type intervals []span

// from returns the index of the first span that ends at p or later.
func (s intervals) from(p uint64) int {
	if n := len(s); n > 0 && s[n-1].hi < p {
		return n
	}
	return sort.Search(len(s), func(i int) bool { return s[i].hi >= p })
}

func (s intervals) has(p uint64) bool {
	i := s.from(p)
	return i < len(s) && s[i].lo <= p
}

// next returns the first position of s after p.
func (s intervals) next(p uint64) (position uint64, ok bool) {
	i := s.from(p + 1)
	if i == len(s) {
		return 0, false
	}
	return max(s[i].lo, p+1), true
}

// add puts the positions from lo to hi into the set.
func (s *intervals) add(lo, hi uint64) {
	below := lo
	if below > 0 {
		below-- // a span that ends just below is joined
	}
	i := s.from(below)
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

func (s *intervals) addAll(other intervals) {
	for _, o := range other {
		s.add(o.lo, o.hi)
	}
}

// remove takes a position out of the set, and reports whether it was there.
func (s *intervals) remove(p uint64) bool {
	i := s.from(p)
	if i == len(*s) || (*s)[i].lo > p {
		return false
	}
	switch o := &(*s)[i]; {
	case o.lo == o.hi:
		*s = append((*s)[:i], (*s)[i+1:]...)
	case p == o.lo:
		o.lo++
	case p == o.hi:
		o.hi--
	default:
		*s = append(*s, span{})
		copy((*s)[i+1:], (*s)[i:])
		(*s)[i].hi, (*s)[i+1].lo = p-1, p+1
	}
	return true
}

// without returns the positions of s that are not in other.
func (s intervals) without(other intervals) intervals {
	var rest intervals
	for _, o := range s {
		lo, left := o.lo, true
		for i := other.from(lo); i < len(other) && other[i].lo <= o.hi; i++ {
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
func (s intervals) within(other intervals) intervals { return s.without(s.without(other)) }

// after returns the positions of s after p.
func (s intervals) after(p uint64) intervals {
	var rest intervals
	for _, o := range s[s.from(p+1):] {
		rest = append(rest, span{max(o.lo, p+1), o.hi})
	}
	return rest
}

// first returns the n lowest positions of s.
func (s intervals) first(n int) intervals {
	var part intervals
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

func (s intervals) count() int {
	n := 0
	for _, o := range s {
		n += int(o.hi - o.lo + 1)
	}
	return n
}

// last returns the highest position of s, or 0.
func (s intervals) last() uint64 {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].hi
}

// positions returns those of records.
func positions(records []Record) (all intervals) {
	for _, r := range records {
		all.add(r.Position, r.Position)
	}
	return all
}
