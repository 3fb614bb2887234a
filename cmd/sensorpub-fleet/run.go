package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"time"

	"sensorpub/cmd/sensorpub/timeout"
)

// Bounds of the parts of a run.
const (
	connectMost = 3 * time.Minute  // until all nodes are connected at first
	recoverMost = 5 * time.Minute  // until all are connected again and have sent what waited
	hurry       = time.Minute      // the same, if the run was interrupted
	quiet       = 15 * time.Second // without a new reading, at the end
	quietMost   = 2 * time.Minute  // until there is none
	askAgain    = 3 * time.Minute  // until every broker retains what it should
)

// run does the whole run, writes what came of it, and reports whether all is as
// it was promised. When ctx ends the run proper does, and what follows takes a few
// minutes at most.
func run(ctx context.Context, o options, out io.Writer) (ok bool, err error) {
	raiseFiles()
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return false, err
		}
	}
	work, err := os.MkdirTemp("", "sensorpub-fleet-")
	if err != nil {
		return false, err
	}
	f, err := newFleet(o, out, work)
	if err != nil {
		os.RemoveAll(work)
		return false, err
	}
	defer func() {
		f.stop()
		f.cluster.close()
		err = errors.Join(err, f.cluster.net.remove())
		if ok && err == nil {
			os.RemoveAll(work)
		} else {
			f.say("the brokers' logs and stores stay in %s", work)
		}
	}()
	if err := f.startBrokers(ctx); err != nil {
		return false, err
	}
	f.startNodes(ctx)
	err = f.await(ctx, "until all are connected", connectMost, f.allConnected)
	if ctx.Err() != nil {
		return false, errors.New("interrupted before all were connected")
	}
	if err != nil {
		return false, fmt.Errorf("%w\n%s", err, f.cluster.tail())
	}
	if err := f.steady(ctx); err != nil {
		return false, err
	}
	wait := recoverMost
	if ctx.Err() != nil {
		wait = hurry
	}
	v := f.settle(context.WithoutCancel(ctx), wait)
	return v.ok(), f.write(v)
}

// raiseFiles allows as many open files as the system does (getrlimit(2)).
func raiseFiles() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
}

// steady is the run proper: faults happen, and everything is measured.
func (f *fleet) steady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.opt.duration)
	defer cancel()
	f.begin = time.Now()
	f.latency.start(f.begin)
	f.first = footprintOf(f.cluster, f.processes)
	failing := make(chan error, 1)
	f.running.Go(func() { failing <- f.fail(ctx) })
	err := f.await(ctx, "", f.opt.duration, func() bool { return false })
	if errors.Is(err, errLate) || ctx.Err() != nil {
		err = nil
	}
	f.ended = time.Now()
	cancel()
	return errors.Join(err, <-failing)
}

// settle waits until nothing is on its way, stops the nodes, and judges.
func (f *fleet) settle(ctx context.Context, most time.Duration) *verdict {
	if err := f.await(ctx, "until all are connected and nothing waits", most, f.allSent); err != nil {
		f.say("%v", err)
	}
	f.last = footprintOf(f.cluster, f.processes)
	f.profile()
	v := new(verdict)
	// Only statuses: what a NATS server reads of retained readings while new ones
	// arrive stays in its cache for two minutes, although it is out of date.
	_, status, err := collect(ctx, f.cluster.urls(0), f.security, "sensorpub/+/status", len(f.members))
	if err != nil {
		v.complain("%v", err)
	}
	for _, m := range f.members {
		v.status(m.name, status, "online")
	}
	f.say("stopping the nodes")
	f.stop()
	f.poll()
	f.say("waiting for what is on its way to the witnesses")
	for end := time.Now().Add(quietMost); time.Now().Before(end); {
		_, _, last := f.ledger.progress()
		if time.Since(last) > quiet || !timeout.Sleep(ctx, time.Second) {
			break
		}
	}
	for _, w := range f.witnesses {
		w.close()
	}
	v.strange, v.complaints = len(f.ledger.strange), append(v.complaints, f.ledger.strange...)
	newest := make(map[string]uint64)
	for _, m := range f.members {
		newest[m.name] = v.judge(m.name, f.ledger.of(m.name), m.account())
	}
	f.askRetained(ctx, v, newest)
	return v
}

// askRetained asks each broker what it retains. One may lag, or answer from its
// cache, so they are asked again as long as something is not right.
func (f *fleet) askRetained(ctx context.Context, v *verdict, newest map[string]uint64) {
	var kept []map[string]uint64
	var status []map[string]string
	for begin := time.Now(); ; {
		kept, status = nil, nil
		for b := range brokers {
			k, s, err := collect(ctx, f.cluster.urls(b)[:1], f.security, "#", len(f.members))
			if err != nil {
				f.say("%v", err)
			}
			kept, status = append(kept, k), append(status, s)
		}
		wrong := 0
		for _, m := range f.members {
			if !retains(kept, m.name, newest[m.name]) {
				wrong++
			}
		}
		if v.retainedLate == 0 {
			v.retainedLate = wrong
		}
		v.retainedWithin = time.Since(begin)
		if wrong == 0 || time.Since(begin) > askAgain || !timeout.Sleep(ctx, 5*time.Second) {
			break
		}
	}
	for _, m := range f.members {
		v.retained(m.name, newest[m.name], kept)
		v.status(m.name, status[0], "offline")
	}
	v.retainedLate -= v.retainedWrong
	v.retainedRight -= v.retainedLate
}

// profile writes a profile of the heap.
func (f *fleet) profile() {
	if f.opt.out == "" {
		return
	}
	file, err := os.Create(filepath.Join(f.opt.out, "heap.pprof"))
	if err == nil {
		err = errors.Join(pprof.WriteHeapProfile(file), file.Close())
	}
	if err != nil {
		f.say("write heap.pprof: %v", err)
	}
}

// write prints the summary, and writes it and the plot.
func (f *fleet) write(v *verdict) error {
	text := f.summary(v)
	fmt.Fprintf(f.out, "\n%s", text)
	for _, line := range append(v.complaints, f.errors.all()...) {
		fmt.Fprintf(f.out, "! %s\n", line)
	}
	if f.opt.out == "" {
		return nil
	}
	return errors.Join(
		os.WriteFile(filepath.Join(f.opt.out, "summary.md"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(f.opt.out, "fleet.svg"), f.plot(), 0o644),
	)
}
