package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// brokers is the size of the cluster.
const brokers = 3

// The kinds of fault.
const (
	kill    = "kill"    // SIGKILL to brokers
	stop    = "stop"    // SIGTERM to brokers
	cut     = "cut"     // brokers are off the network
	daemons = "daemons" // SIGKILL to daemon processes
)

// A fault is something that fails during the run.
type fault struct {
	kind    string
	brokers []int         // counted from 1; none if daemons fail
	daemons int           // how many
	at      time.Duration // since all nodes were connected
	lasts   time.Duration // until it is undone; 0 for daemons
}

func (f fault) end() time.Duration { return f.at + f.lasts }

// String returns the fault as a plan has it, without its time.
func (f fault) String() string {
	if f.kind == daemons {
		return fmt.Sprintf("%s %d", f.kind, f.daemons)
	}
	var names []string
	for _, b := range f.brokers {
		names = append(names, strconv.Itoa(b))
	}
	return f.kind + " " + strings.Join(names, "+")
}

// A plan is the faults of a run.
type plan []fault

// needsNetworks reports whether the brokers need networks of their own.
func (p plan) needsNetworks() bool {
	for _, f := range p {
		if f.kind == cut {
			return true
		}
	}
	return false
}

// defaultPlan kills each broker in turn, and then some of the daemons. In a run of
// ten minutes, all nodes are back at their first broker before the next is killed.
func defaultPlan(run time.Duration, processes int) plan {
	step := run * 7 / 20
	var p plan
	for i := range brokers {
		p = append(p, fault{kind: kill, brokers: []int{i + 1}, at: run/10 + time.Duration(i)*step, lasts: min(step*2/5, 30*time.Second)})
	}
	if processes > 0 {
		p = append(p, fault{kind: daemons, daemons: max(processes/10, 1), at: run * 19 / 20})
	}
	return p
}

// A step is that a fault begins or is undone.
type step struct {
	at    time.Duration
	fault int // its place in the plan
	undo  bool
}

// steps returns the steps of a plan in the order of their times.
func (p plan) steps() (steps []step) {
	for i, f := range p {
		steps = append(steps, step{f.at, i, false}, step{f.end(), i, true})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return steps
}

// parsePlan parses faults that are separated by commas. Those of brokers follow
// each other, and daemons may fail at any time. All must be undone by the end of
// the run.
func parsePlan(text string, run time.Duration) (plan, error) {
	if text == "none" {
		return nil, nil
	}
	var p plan
	free := time.Duration(0) // when all brokers are well again
	for item := range strings.SplitSeq(text, ",") {
		f, err := parseFault(strings.Fields(item))
		if err != nil {
			return nil, fmt.Errorf("fault %q: %w", strings.TrimSpace(item), err)
		}
		if f.kind != daemons {
			if f.at < free {
				return nil, fmt.Errorf("fault %q: begins before the one before it is undone", strings.TrimSpace(item))
			}
			free = f.end()
		}
		if f.end() > run {
			return nil, fmt.Errorf("fault %q: ends after the run, which takes %v", strings.TrimSpace(item), run)
		}
		p = append(p, f)
	}
	return p, nil
}

var errFault = errors.New(`want a fault such as "kill 1 at 2m for 30s" or "daemons 20 at 1m"`)

func parseFault(words []string) (f fault, err error) {
	if len(words) < 4 || words[2] != "at" {
		return f, errFault
	}
	f.kind = words[0]
	if f.at, err = time.ParseDuration(words[3]); err != nil || f.at < 0 {
		return f, errFault
	}
	switch f.kind {
	case daemons:
		f.daemons, err = strconv.Atoi(words[1])
		if err != nil || f.daemons < 1 || len(words) != 4 {
			return f, errFault
		}
		return f, nil
	case kill, stop, cut:
		if len(words) != 6 || words[4] != "for" {
			return f, errFault
		}
		if f.lasts, err = time.ParseDuration(words[5]); err != nil || f.lasts <= 0 {
			return f, errFault
		}
		f.brokers, err = parseBrokers(words[1])
		return f, err
	}
	return f, fmt.Errorf("kind %q: want kill, stop, cut or daemons", f.kind)
}

func parseBrokers(text string) (all []int, err error) {
	seen := make(map[int]bool)
	for word := range strings.SplitSeq(text, "+") {
		b, err := strconv.Atoi(word)
		if err != nil || b < 1 || b > brokers || seen[b] {
			return nil, fmt.Errorf("brokers %q: want numbers such as 1 or 1+2, up to %d", text, brokers)
		}
		seen[b] = true
		all = append(all, b)
	}
	return all, nil
}
