package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"time"
)

const usage = `Sensorpub-fleet runs nodes against a cluster of three brokers, kills brokers and
daemons, and exits with 0 if nothing was lost.

usage: sensorpub-fleet [flags]

flags:
  --processes N        daemon processes (default 5)
  --nodes N            further nodes inside this program (default 50)
  --for DURATION       how long, once all are connected (default 1m)
  --interval DURATION  between two readings of a probe (default 10s)
  --faults PLAN        such as "kill 1 at 2m for 30s, cut 2 at 4m for 1m" (default:
                       kill each broker in turn, then some daemons)
                         kill 1 at 1m for 30s    SIGKILL, restarted after 30s
                         kill 1+2 at 1m for 5m   two of them at once
                         stop 1 at 1m for 30s    the same with SIGTERM
                         cut 1 at 1m for 30s     off the network; needs root
                         daemons 20 at 1m        SIGKILL to 20 processes, which are restarted
                                                 at once; also during another fault
                         none                    no faults
  --out DIR            where summary.md, fleet.svg and heap.pprof are written
  --sensorpub FILE     the daemon (default bin/sensorpub)
  --nats-server FILE   the broker (default nats-server)
  --cluster DIR        the brokers' configuration (default deploy/nats)
  --port N             the first of ten ports for each broker (default 23000)
  -h, --help           show this help
`

// options are the values of the flags.
type options struct {
	processes, nodes int
	duration         time.Duration
	interval         time.Duration
	plan             plan
	out              string
	sensorpub, nats  string
	cluster          string
	port             int
}

func parse(args []string) (options, error) {
	o := options{}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IntVar(&o.processes, "processes", 5, "")
	fs.IntVar(&o.nodes, "nodes", 50, "")
	fs.DurationVar(&o.duration, "for", time.Minute, "")
	fs.DurationVar(&o.interval, "interval", 10*time.Second, "")
	faults := fs.String("faults", "", "")
	fs.StringVar(&o.out, "out", "", "")
	fs.StringVar(&o.sensorpub, "sensorpub", "bin/sensorpub", "")
	fs.StringVar(&o.nats, "nats-server", "nats-server", "")
	fs.StringVar(&o.cluster, "cluster", "deploy/nats", "")
	fs.IntVar(&o.port, "port", 23000, "")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case o.processes < 0 || o.nodes < 0 || o.processes+o.nodes == 0 || o.processes+o.nodes > 20000:
		return o, errors.New("want 1 to 20000 processes and nodes")
	case o.interval < 100*time.Millisecond:
		return o, errors.New("want an interval of 100ms or more")
	case o.duration < 10*time.Second || o.duration > 24*time.Hour:
		return o, errors.New("want a duration of 10s to 24h")
	case o.port < 1024 || o.port > 65500:
		return o, errors.New("want a port of 1024 to 65500")
	}
	if *faults == "" {
		o.plan = defaultPlan(o.duration, o.processes)
		return o, nil
	}
	var err error
	o.plan, err = parsePlan(*faults, o.duration)
	return o, err
}
