package spool

import "sort"

// A tail is the newest readings, in memory: a ring in the order of positions.
type tail struct {
	ring    []Record
	head, n int
}

// recordBytes is about what a reading takes in a tail. The bytes of its names
// are shared.
const recordBytes = 128

func (t *tail) at(i int) *Record {
	if i += t.head; i >= len(t.ring) {
		i -= len(t.ring)
	}
	return &t.ring[i]
}

// push adds a reading, which is newer than all others.
func (t *tail) push(r Record) {
	if t.n == len(t.ring) {
		ring := make([]Record, max(16, 2*t.n))
		for i := range t.n {
			ring[i] = *t.at(i)
		}
		t.ring, t.head = ring, 0
	}
	t.n++
	*t.at(t.n - 1) = r
}

// trim forgets the oldest readings until there are at most size, or until one
// that is to be kept.
func (t *tail) trim(size int, keep intervals) {
	for t.n > size && !keep.has(t.at(0).Position) {
		*t.at(0) = Record{}
		t.n--
		if t.head++; t.head == len(t.ring) {
			t.head = 0
		}
	}
}

// compact forgets all readings that need not be kept.
func (t *tail) compact(keep intervals) {
	n := 0
	for i := range t.n {
		if r := *t.at(i); keep.has(r.Position) {
			*t.at(n) = r
			n++
		}
	}
	t.n = n
}

// get returns the reading at a position.
func (t *tail) get(position uint64) (r Record, ok bool) {
	if i := t.index(position); i < t.n && t.at(i).Position == position {
		return *t.at(i), true
	}
	return Record{}, false
}

// index returns that of the first reading at a position or after it.
func (t *tail) index(position uint64) int {
	if t.n == 0 || position <= t.at(0).Position { // as in a backlog
		return 0
	}
	return sort.Search(t.n, func(i int) bool { return t.at(i).Position >= position })
}

// pick returns the wanted readings that are there.
func (t *tail) pick(want intervals) (records []Record) {
	for _, o := range want {
		for i := t.index(o.lo); i < t.n && t.at(i).Position <= o.hi; i++ {
			records = append(records, *t.at(i))
		}
	}
	return records
}
