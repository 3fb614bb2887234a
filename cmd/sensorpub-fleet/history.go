package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/timeout"
)

const (
	sampleEvery   = time.Second
	progressEvery = 5 // samples for each line
)

// errLate says that something has not happened within its bound.
var errLate = errors.New("not done")

// A history is what happened in a run.
type history struct {
	begin       time.Time // of the run proper: all nodes were connected
	ended       time.Time
	first, last footprint // at its beginning and at its end
	samples     []sample
	printed     int // samples since the last line
	messages    int // at that line
	printedAt   time.Time

	mu     sync.Mutex
	marks  []mark
	failed string // the present fault; "": none
}

// A mark is a fault that happened.
type mark struct {
	fault
	began, undone time.Time
}

// A sample is the state at one time.
type sample struct {
	at           time.Time
	connected    int
	read, queued uint64 // of the nodes in this program
}

// poll looks at all nodes.
func (f *fleet) poll() sample {
	s := sample{at: time.Now()}
	for _, n := range f.nodes {
		read, queued := n.poll()
		s.read += read
		s.queued += queued
	}
	for _, m := range f.members {
		if m.isConnected() {
			s.connected++
		}
	}
	return s
}

// await looks at all nodes each second, until done, ctx ends, a process ends by
// itself, or the time is up.
func (f *fleet) await(ctx context.Context, what string, most time.Duration, done func() bool) error {
	if what != "" {
		f.say("waiting %s", what)
	}
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for end := time.Now().Add(most); time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-f.broken:
			return err
		case <-ticker.C:
		}
		f.samples = append(f.samples, f.poll())
		f.progress()
		if done() {
			return nil
		}
	}
	return fmt.Errorf("wait %s: %w within %v", what, errLate, most)
}

// progress prints every fifth sample.
func (f *fleet) progress() {
	if f.printed++; f.printed < progressEvery {
		return
	}
	s := f.samples[len(f.samples)-1]
	arrived, messages, _ := f.ledger.progress()
	rate := float64(messages-f.messages) / s.at.Sub(f.printedAt).Seconds() / float64(len(f.witnesses))
	if f.printedAt.IsZero() {
		rate = 0
	}
	f.printed, f.messages, f.printedAt = 0, messages, s.at
	since := time.Duration(0)
	if !f.begin.IsZero() {
		since = s.at.Sub(f.begin)
	}
	f.mu.Lock()
	failed := f.failed
	f.mu.Unlock()
	f.say("%6v  connected %d/%d  read by nodes %d, waiting %d  arrived %d  %.0f/s  %s",
		since.Round(time.Second), s.connected, len(f.members), s.read, s.queued, arrived, rate, failed)
}

func (f *fleet) allConnected() bool {
	return f.samples[len(f.samples)-1].connected == len(f.members)
}

// allSent reports whether all are connected and next to nothing waits: at any
// time some readings are just on their way.
func (f *fleet) allSent() bool {
	s := f.samples[len(f.samples)-1]
	return s.connected == len(f.members) && s.queued <= uint64(len(f.nodes)/20)
}

// fail makes the faults of the plan happen. When ctx ends it undoes those that
// have begun.
func (f *fleet) fail(ctx context.Context) error {
	begun := make(map[int]time.Time)
	for _, s := range f.opt.plan.steps() {
		fault := f.opt.plan[s.fault]
		ended := !timeout.Sleep(ctx, time.Until(f.begin.Add(s.at)))
		began, isBegun := begun[s.fault]
		switch {
		case !s.undo && !ended:
			begun[s.fault] = time.Now()
			f.say("-- %v", fault)
			if err := f.beginFault(fault); err != nil {
				return err
			}
		case s.undo && isBegun:
			if err := f.cluster.undo(fault); err != nil {
				return err
			}
			f.mark(mark{fault, began, time.Now()})
		}
	}
	return nil
}

func (f *fleet) beginFault(fault fault) error {
	if fault.kind == daemons {
		f.killDaemons(fault.daemons)
		return nil
	}
	f.failing(fault.String())
	return f.cluster.begin(fault)
}

// mark notes a fault that is undone.
func (f *fleet) mark(m mark) {
	f.mu.Lock()
	f.marks = append(f.marks, m)
	f.mu.Unlock()
	if m.kind != daemons {
		f.failing("")
		f.say("-- %v is over", m.fault)
	}
}

// failing notes which fault of brokers is present.
func (f *fleet) failing(what string) {
	f.mu.Lock()
	f.failed = what
	f.mu.Unlock()
}

// killDaemons kills n processes, which are started again.
func (f *fleet) killDaemons(n int) {
	for i := range min(n, len(f.processes)) {
		f.processes[i*len(f.processes)/n%len(f.processes)].kill()
	}
}
