package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sensorpub/sensors/drivers"
)

const doctorDetail = `Examines the configuration, this machine, the configured sensors and the way to
the broker, and prints a line for each check: ok, warn, FAIL, or skip where
there is nothing to check. What is wrong is followed by what to do. Each sensor
is read several times, which shows a bad cable; to the broker it connects under
a client id of its own and publishes one message, not retained, to
sensorpub/NODE/doctor/. The exit code is 1 if a check failed, 2 if the
configuration is wrong.`

// The statuses of a check.
const (
	statusOK   = "ok"
	statusWarn = "warn"
	statusFail = "FAIL"
	statusSkip = "skip"
)

// A doctor examines what a daemon needs and says what it finds.
type doctor struct {
	env    *env
	config *Config // nil: it is wrong
	host   drivers.Host
	reads  int           // of each sensor
	step   time.Duration // that each step to the broker may take
	listen time.Duration // to the availability topic
	now    func() time.Time
	synced func() (bool, error) // whether the clock is

	broken   map[string]bool // buses that cannot be read, by Probe.Bus
	daemon   bool            // one runs on this machine
	checks   int
	failures int
}

// examine is the command doctor.
func examine(ctx context.Context, e *env) error {
	fs := e.flags()
	reads := fs.Int("reads", 20, "read each sensor `N` times")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if *reads < 1 {
		return e.misuse(fmt.Errorf("--reads %d: want 1 or more", *reads))
	}
	d := &doctor{
		env: e, host: drivers.Host{Root: e.absRoot()}, reads: *reads,
		step: 10 * time.Second, listen: 3 * time.Second, now: time.Now, synced: clockSynced,
	}
	return d.run(ctx)
}

// run makes all checks, each even if those before it have failed, until ctx
// ends.
func (d *doctor) run(ctx context.Context) error {
	d.broken, d.daemon = make(map[string]bool), daemonRuns(d.host.Root)
	for _, check := range []func(context.Context){
		d.checkConfig, d.checkPower, d.checkClock, d.checkSpool, d.checkNodes, d.checkProbes, d.checkBrokers,
	} {
		if check(ctx); ctx.Err() != nil {
			return nil
		}
	}
	err := fmt.Errorf("examine this machine: %d of %d checks failed", d.failures, d.checks)
	switch {
	case d.config == nil:
		return wrong(err)
	case d.failures > 0:
		return err
	}
	return nil
}

// say prints the line of a check and what to do.
func (d *doctor) say(status, object, finding string, hints ...string) {
	switch status {
	case statusSkip:
	case statusFail:
		d.failures++
		fallthrough
	default:
		d.checks++
	}
	finding = strings.ReplaceAll(finding, "\n", "\n      ")
	fmt.Fprintf(d.env.stdout, "%-4s  %-13s  %s\n", status, object, finding)
	for _, h := range hints {
		if h != "" {
			fmt.Fprintf(d.env.stdout, "      hint: %s\n", h)
		}
	}
}

// checkConfig reads the configuration, which most of the checks need.
func (d *doctor) checkConfig(context.Context) {
	c, err := d.env.load()
	if err != nil {
		var hints []string
		if f := (*failure)(nil); errors.As(err, &f) {
			hints = f.hints
		}
		d.say(statusFail, "configuration", err.Error(), hints...)
		return
	}
	d.config = c
	d.say(statusOK, "configuration", fmt.Sprintf("%s: node %s, %s, %s", d.env.config, c.Node,
		count(len(c.Sensors), "sensor"), count(len(c.Broker.URLs), "broker")))
}

// count writes a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
