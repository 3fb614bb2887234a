package e2e

import (
	"testing"
)

// published is a reading as it was sent.
type published struct {
	passage
	seq int
}

// acked returns which readings the broker acknowledged.
func acked(all ...published) map[int]bool {
	seqs := make(map[int]bool)
	for _, p := range all {
		if p.acked {
			seqs[p.seq] = true
		}
	}
	return seqs
}

// checkComplete checks that each of the readings was acknowledged.
func checkComplete(t *testing.T, a account, seqs map[int]bool) {
	t.Helper()
	for n := 1; n <= a.read; n++ {
		if !seqs[n] {
			t.Errorf("reading %d of %d has no PUBACK", n, a.read)
		}
	}
	if len(seqs) != a.read || a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v and %d readings with a PUBACK, want all acknowledged", a, len(seqs))
	}
}

// checkOrder checks that, on each connection, retained readings come in order,
// and so do the others, which are of a backlog.
func checkOrder(t *testing.T, all []published) {
	t.Helper()
	before := make(map[lane]int)
	for _, p := range all {
		l := p.lane()
		if p.seq < before[l] {
			t.Errorf("reading %d comes after %d on connection %d (retained: %t)", p.seq, before[l], p.link, p.retain)
		}
		before[l] = p.seq
	}
}

// A lane is the messages to a topic that must come in order: those of one
// connection that are retained, or those that are not.
type lane struct {
	link   int
	retain bool
}

func (p passage) lane() lane { return lane{p.link, p.retain} }

// checkAscending checks that no reading comes after a newer one.
func checkAscending(t *testing.T, what string, all []published) {
	t.Helper()
	before := 0
	for _, p := range all {
		if p.seq < before {
			t.Errorf("%s: reading %d comes after %d", what, p.seq, before)
		}
		before = p.seq
	}
}

// byLink sorts by connection, from the first.
func byLink(all []published, links int) [][]published {
	sorted := make([][]published, links)
	for _, p := range all {
		sorted[p.link-1] = append(sorted[p.link-1], p)
	}
	return sorted
}

// onlyRetained returns those with or without the retain flag.
func onlyRetained(all []published, retain bool) (some []published) {
	for _, p := range all {
		if p.retain == retain {
			some = append(some, p)
		}
	}
	return some
}
