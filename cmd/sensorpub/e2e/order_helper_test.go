package e2e

import (
	"testing"
)

// repeats is how many live readings that come while a backlog is sent may go
// out once more in their turn, on each connection.
const repeats = 8

// outOfTurn returns, by their index, the messages to a topic that are live
// readings and were not repeated after what was still to follow. The slower a
// backlog drains, the more there are.
func outOfTurn(all []passage) map[int]bool {
	retained, replayed := make(map[int]int), make(map[int]int) // by connection
	for i, p := range all {
		if !p.retain {
			replayed[p.link] = i
		}
	}
	out := make(map[int]bool)
	for i, p := range all {
		if p.retain {
			retained[p.link]++
			out[i] = retained[p.link] > 1+repeats && i < replayed[p.link]
		}
	}
	return out
}

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

// checkOrder checks that readings come in order, counting only the last
// occurrence of each.
func checkOrder(t *testing.T, all []published) {
	t.Helper()
	last := make(map[int]int)
	passages := make([]passage, len(all))
	for i, p := range all {
		last[p.seq] = i
		passages[i] = p.passage
	}
	before, early := 0, outOfTurn(passages)
	for i, p := range all {
		if last[p.seq] != i || early[i] {
			continue
		}
		if p.seq < before {
			t.Errorf("reading %d comes after %d on connection %d", p.seq, before, p.link)
		}
		before = p.seq
	}
}

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
