// Package doctor examines the configuration, the machine, the sensors and the
// connection to the broker. It prints one line for each check and, below a
// failure, what to do.
package doctor

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// A Doctor examines what the daemon needs and reports what it finds.
type Doctor struct {
	Reads int  // per sensor
	JSON  bool // print an object for each check

	Superuser bool // the user is root

	StateDir string // of the service, if this is its configuration and sets none; "": not known

	// Holder returns the process on this machine that uses the client id of a
	// configuration, and Reader the one that reads from a bus, as in Probe.Bus;
	// 0 if there is none.
	Holder func(*config.Config) int
	Reader func(bus string) int

	environment config.Environment
	file        string // of the configuration
	out         io.Writer
	log         *slog.Logger
	host        drivers.Host
	step        time.Duration // limit of each step towards the broker
	listen      time.Duration // how long to listen to the availability topic
	now         func() time.Time
	synced      func() (bool, error) // whether the clock is synchronised

	config *config.Config // nil: it has errors
}

// New returns a doctor for the configuration in a file. It prints to out.
func New(e config.Environment, file string, out io.Writer, log *slog.Logger) *Doctor {
	return &Doctor{
		environment: e, file: file, out: out, log: log, host: drivers.Host{Root: e.Root()},
		Holder: func(*config.Config) int { return 0 }, Reader: func(string) int { return 0 },
		step: 10 * time.Second, listen: 3 * time.Second, now: time.Now, synced: clockSynced,
	}
}

// Run makes all checks, even after failures, until ctx ends. Its error says how
// many failed.
func (d *Doctor) Run(ctx context.Context) error {
	r := &report{out: d.out, json: d.JSON, superuser: d.Superuser}
	d.config = d.load(ctx, r)
	for _, check := range d.checks(r) {
		if ctx.Err() != nil {
			return nil
		}
		check(ctx)
	}
	if r.failures > 0 && ctx.Err() == nil {
		return fmt.Errorf("examine this machine: %d of %d checks failed", r.failures, r.checks)
	}
	return nil
}

// checks returns the checks after that of the configuration, in their order.
func (d *Doctor) checks(r *report) []func(context.Context) {
	power := func(context.Context) { checkPower(r, d.host) }
	clock := func(context.Context) { checkClock(r, d.now(), d.synced) }
	if d.config == nil {
		return []func(context.Context){power, clock}
	}
	c := d.config
	holder := d.Holder(c)
	probes := &sampler{report: r, config: c, host: d.host, reads: d.Reads, reader: d.Reader}
	var broken map[string]bool
	var readings map[string][]sensors.Reading
	return []func(context.Context){
		func(ctx context.Context) { checkWarnings(ctx, r, c) },
		power, clock,
		func(context.Context) { checkSpool(r, c.Spool) },
		func(context.Context) { checkCard(r, c, d.StateDir) },
		func(context.Context) { broken = checkBuses(r, d.host, c) },
		func(ctx context.Context) { readings = probes.check(ctx, broken) },
		func(context.Context) { checkSimulated(r, c.Sensors) },
		func(ctx context.Context) { d.checkBrokers(ctx, r, holder, readings) },
	}
}

// Misconfigured reports whether Run found errors in the configuration.
func (d *Doctor) Misconfigured() bool { return d.config == nil }

// load reads the configuration, which most checks need, or returns nil if it
// has errors.
func (d *Doctor) load(ctx context.Context, r *report) *config.Config {
	c, err := d.environment.Load(ctx, d.file)
	if err != nil {
		r.say(statusFail, configuration, err.Error(), config.Hint(err))
		return nil
	}
	r.say(statusOK, configuration, fmt.Sprintf("%s: node %s, %s, %s", d.file, c.Node,
		count(len(c.Sensors), "sensor"), count(len(c.Broker.URLs), "broker")))
	return c
}

// checkWarnings reports what is valid in the configuration but probably unintended.
func checkWarnings(ctx context.Context, r *report, c *config.Config) {
	for _, w := range c.Warnings(ctx, config.ServiceMemory) {
		r.say(statusWarn, w.About, w.Finding, w.Hint)
	}
}

// checkBrokers tests the connection to each broker, step by step, and publishes
// what was read from the sensors.
func (d *Doctor) checkBrokers(ctx context.Context, r *report, holder int, readings map[string][]sensors.Reading) {
	c := d.config
	m, err := c.MQTT(ctx, d.log)
	if err != nil {
		r.say(statusFail, "credentials", err.Error(), secretHint(err, d.Superuser))
		return
	}
	if c.Broker.Username != "" && m.Password == "" {
		r.say(statusWarn, "credentials", fmt.Sprintf("user %q has no password", c.Broker.Username),
			"set broker.password_file; a credential of the service is found with sudo CREDENTIALS_DIRECTORY=/run/credentials/sensorpub.service sensorpub doctor")
	}
	way := &reach{r, c, d.step, d.now}
	way.checkOwnCertificate(ctx)
	m.ClientID = mqtt.SideID(m.ClientID, "doctor") // with the same id, the broker would disconnect the daemon
	for _, u := range c.Broker.Servers {
		if ctx.Err() == nil && way.check(ctx, u) {
			m.URLs = []*url.URL{u}
			t := &trial{client: m, step: d.step, ack: c.Broker.AckTimeout, subjects: subjectsOf(c, readings)}
			(&broker{r, c, t, holder, d.listen}).check(ctx)
		}
	}
}
