package main

import (
	"fmt"
	"time"
)

// An account is what a node reports about its readings at the end.
type account struct {
	read      uint64 // accepted by its last process, with those that the spool kept for it
	recovered uint64 // of those, kept by the spool
	dropped   uint64
	queued    uint64 // still waiting
	missing   bool   // the node has left no account
}

// A verdict compares what the nodes accepted with what arrived.
type verdict struct {
	nodes      int
	accepted   int
	arrived    int
	lost       int
	dropped    int
	waiting    int // in the end, in a spool or in memory
	duplicates int // of readings older than the newest
	repeats    int // of the newest
	disorder   int
	noAccount  int
	strange    int // series with readings that no account has, and messages that no node sends

	retainedRight, retainedLate, retainedWrong int           // late: only when asked again
	retainedWithin                             time.Duration // until the last of them was right
	statusRight, statusWrong                   int
	complaints                                 []string // the first few
}

// ok reports whether all is as it was promised.
func (v *verdict) ok() bool {
	return v.lost+v.dropped+v.waiting+v.disorder+v.noAccount+v.strange+v.retainedWrong+v.statusWrong == 0
}

func (v *verdict) complain(format string, args ...any) {
	if len(v.complaints) < 20 {
		v.complaints = append(v.complaints, fmt.Sprintf(format, args...))
	}
}

// newest returns the sequence number of the last reading that was accepted. After
// a kill the account begins with the restart, and the numbers before it must be
// there without a gap.
func (s *series) newest(a account) uint64 {
	last := a.read
	if !s.restart.IsZero() {
		last = s.arrived.max()
		if fresh := a.read - a.recovered; s.firstNew > 0 && fresh > 0 {
			last = max(last, s.firstNew+fresh-1)
		}
	}
	return last
}

// judge compares a node's account with what arrived, and returns the number of
// its newest reading.
func (v *verdict) judge(node string, s *series, a account) uint64 {
	v.nodes++
	if a.missing {
		v.noAccount++
		v.complain("%s: no account", node)
		a.read = s.arrived.max()
	}
	newest := s.newest(a)
	arrived := s.arrived.count(newest)
	lost := int(newest) - arrived
	if !s.restart.IsZero() && s.firstNew == 0 && a.read > a.recovered {
		lost += int(a.read - a.recovered) // nothing of the last process has come
	}
	v.accepted += arrived + lost
	v.arrived += arrived
	v.dropped += int(a.dropped)
	v.waiting += int(a.queued)
	v.lost += lost
	if lost > 0 {
		v.complain("%s: %d of %d readings have not arrived", node, lost, arrived+lost)
	}
	if over := s.arrived.max(); over > newest {
		v.strange++
		v.complain("%s: reading %d has arrived, the account ends at %d", node, over, newest)
	}
	best := s.best()
	v.duplicates += best.duplicates
	v.repeats += best.repeats
	v.disorder += best.disorder
	if best.disorder > 0 {
		v.complain("%s: %d readings out of order", node, best.disorder)
	}
	return newest
}

// best returns the lowest counts of all witnesses. What a node does wrong every
// witness sees; what only one sees is due to its own reconnection.
func (s *series) best() (b track) {
	for i, t := range s.tracks {
		if i == 0 {
			b = track{duplicates: t.duplicates, repeats: t.repeats, disorder: t.disorder}
			continue
		}
		b.duplicates = min(b.duplicates, t.duplicates)
		b.repeats = min(b.repeats, t.repeats)
		b.disorder = min(b.disorder, t.disorder)
	}
	return b
}

// retains reports whether each broker retains the newest reading of a node, which
// is 0 if it has read nothing.
func retains(kept []map[string]uint64, node string, newest uint64) bool {
	for _, k := range kept {
		if k[node] != newest {
			return false
		}
	}
	return true
}

// retained compares what the brokers retain of a node with its newest reading.
func (v *verdict) retained(node string, newest uint64, kept []map[string]uint64) {
	if retains(kept, node, newest) {
		v.retainedRight++
		return
	}
	v.retainedWrong++
	for b, k := range kept {
		if k[node] != newest {
			v.complain("%s: broker %d retains reading %d, want %d", node, b+1, k[node], newest)
		}
	}
}

// status compares the retained status of a node with what it should be: online
// before it stopped, and offline afterwards.
func (v *verdict) status(node string, all map[string]string, want string) {
	if got := all[node]; got == want {
		v.statusRight++
	} else {
		v.statusWrong++
		v.complain("%s: its status is %q, want %s", node, got, want)
	}
}
