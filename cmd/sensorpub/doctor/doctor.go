// Package doctor examines the configuration, the machine, the sensors and the
// connection to the broker. It prints one line for each check and, below a
// failure, what to do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// The statuses of a check.
const (
	statusOK   = "ok"
	statusWarn = "warn"
	statusFail = "FAIL"
	statusSkip = "skip"
)

// A Doctor examines what the daemon needs and reports what it finds.
type Doctor struct {
	Reads int  // per sensor
	JSON  bool // print an object for each check

	Superuser bool // who asks is root

	StateDir string // of the service whose configuration this is, if that does not name one; "": not known

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

	config   *config.Config               // nil: it has errors
	broken   map[string]bool              // buses that cannot be read, as in Probe.Bus
	readings map[string][]sensors.Reading // the last good ones, by sensor
	holder   int                          // of the client id
	checks   int
	failures int
}

// New returns a doctor for the configuration in a file. It prints to out.
func New(e config.Environment, file string, out io.Writer, log *slog.Logger) *Doctor {
	return &Doctor{
		environment: e, file: file, out: out, log: log, host: drivers.Host{Root: e.Root()},
		Holder: func(*config.Config) int { return 0 }, Reader: func(string) int { return 0 },
		step: 10 * time.Second, listen: 3 * time.Second, now: time.Now, synced: clockSynced,
		broken: make(map[string]bool), readings: make(map[string][]sensors.Reading),
	}
}

// Run makes all checks, even after failures, until ctx ends. Its error says how
// many failed.
func (d *Doctor) Run(ctx context.Context) error {
	for _, check := range []func(context.Context){
		d.checkConfig, d.checkWarnings, d.checkPower, d.checkClock, d.checkSpool, d.checkCard, d.checkNodes, d.checkProbes, d.checkSimulated, d.checkBrokers,
	} {
		if check(ctx); ctx.Err() != nil {
			return nil
		}
	}
	if d.failures > 0 {
		return fmt.Errorf("examine this machine: %d of %d checks failed", d.failures, d.checks)
	}
	return nil
}

// Misconfigured reports whether Run found errors in the configuration.
func (d *Doctor) Misconfigured() bool { return d.config == nil }

// say prints the line of a check and its hints.
func (d *Doctor) say(status, object, finding string, hints ...string) {
	switch status {
	case statusSkip:
	case statusFail:
		d.failures++
		fallthrough
	default:
		d.checks++
	}
	for i, h := range hints {
		hints[i] = terminal.Hint(h, d.Superuser)
	}
	hints = slices.DeleteFunc(hints, func(h string) bool { return h == "" })
	if d.JSON {
		fmt.Fprintln(d.out, terminal.JSON(result{strings.ToLower(status), object, finding, hints}))
		return
	}
	text := terminal.Text(finding)
	if object == configuration { // whose errors are lines of ours
		text = strings.ReplaceAll(terminal.Lines(finding), "\n", "\n      ")
	}
	fmt.Fprintf(d.out, "%-4s  %s  %s\n", status, terminal.Pad(terminal.Text(object), 13), text)
	for _, h := range hints {
		fmt.Fprintf(d.out, "      hint: %s\n", h)
	}
}

// configuration is the object of the first check.
const configuration = "configuration"

// A result is what a check prints with JSON.
type result struct {
	Status  string   `json:"status"` // ok, warn, fail or skip
	Check   string   `json:"check"`
	Finding string   `json:"finding"`
	Hints   []string `json:"hints,omitempty"`
}

// checkConfig reads the configuration, which most checks need.
func (d *Doctor) checkConfig(ctx context.Context) {
	c, err := d.environment.Load(ctx, d.file)
	if err != nil {
		d.say(statusFail, configuration, err.Error(), config.Hint(err))
		return
	}
	d.config, d.holder = c, d.Holder(c)
	d.say(statusOK, configuration, fmt.Sprintf("%s: node %s, %s, %s", d.file, c.Node,
		count(len(c.Sensors), "sensor"), count(len(c.Broker.URLs), "broker")))
}

// checkWarnings says what the configuration allows and nobody should want.
func (d *Doctor) checkWarnings(ctx context.Context) {
	if d.config == nil {
		return
	}
	for _, w := range d.config.Warnings(ctx, config.ServiceMemory) {
		d.say(statusWarn, w.About, w.Finding, w.Hint)
	}
}

// count formats a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// cause returns an error without the path, which its line shows already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
