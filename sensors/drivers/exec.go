package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// exec reads a probe by running a program, such as a driver in another language or a
// client of a networked probe.
var exec = Driver{
	Name:        "exec",
	Summary:     "the output of a command: one number, or a line \"quantity number\" for each",
	Quantities:  sensors.Quantities,
	AnyQuantity: true,
	Accuracy:    "depends on the command",
	Wiring: `none; the command runs as the user of the service, without a shell, with PATH,
LANG, HOME and SENSORPUB_RUN only. systemd/sensorpub.service gives it no /home and no
/root, no sudo or setuid, no devices except I²C and SPI, write access only to /tmp
and the service's own directories, and 64 MB shared with the daemon. When it ends,
every process that it has started is killed, identified by SENSORPUB_RUN; a process
that removes that variable and leaves the process group is not`,
	Options: []option.Option{
		{Name: "command", Default: []string{}, Example: []string{"/usr/local/bin/read-probe", "--once"}, Required: true, Doc: "absolute path of a program, then its arguments"},
		{Name: "timeout", Default: 10 * time.Second, Min: 0.1, Max: 14, Doc: "the command and what it has started are killed after that time"},
		{Name: "quantities", Default: []string{"temperature"}, Doc: "what it prints; with only one, the number may stand alone"},
		anyUnits,
	},
	configure: configureExec,
}

// An execProbe is a configured command.
type execProbe struct {
	command []string
	timeout time.Duration
	sources []source
}

func configureExec(_ Host, sensor string, v option.Values) (sensors.Probe, error) {
	p := execProbe{command: v.Strings("command"), timeout: v.Duration("timeout")}
	if len(p.command) == 0 || !filepath.IsAbs(p.command[0]) {
		return sensors.Probe{}, fmt.Errorf("options.command = %s: want the absolute path of a program%s, then its arguments", option.Format(p.command), suchAs(p.command))
	}
	if i := slices.IndexFunc(p.command, func(arg string) bool { return strings.ContainsRune(arg, 0) }); i >= 0 {
		return sensors.Probe{}, fmt.Errorf("options.command = %s: an argument has a zero byte", option.Format(p.command))
	}
	var err error
	if p.sources, err = chooseAny(v); err != nil {
		return sensors.Probe{}, err
	}
	open := func() (sensors.Sensor, error) { return p, nil }
	return sensors.Probe{Bus: "exec " + sensor, Quantities: quantitiesOf(p.sources), Open: open}, nil
}

// The limits of a command's output.
const (
	execOutput = 4096                   // bytes
	execLinger = 500 * time.Millisecond // for processes it leaves behind that hold its output open
)

// Read runs the command once. It is killed when ctx ends.
func (p execProbe) Read(ctx context.Context) ([]sensors.Measurement, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	stdout, stderr := capped{strict: true}, capped{}
	c := osexec.CommandContext(ctx, p.command[0], p.command[1:]...)
	run := newRun()
	c.Env = []string{"PATH=" + execPath, "LANG=C.UTF-8", "HOME=/", run}
	c.Dir = "/"
	c.Stdout, c.Stderr = &stdout, &stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.WaitDelay = execLinger
	err := c.Run()
	if c.Process != nil {
		c.Cancel() // processes left behind; the kernel assigns ids in turn, so this one is not reused yet
		killLeft(run)
	}
	if err = p.judge(ctx, err, stdout.over, stderr.last()); err != nil {
		return nil, err
	}
	values, err := parseOutput(withoutMark(stdout.text), p.sources)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(p.command[0]), unquoted(err))
	}
	return values, nil
}

// judge returns why the output of a run cannot be trusted, or nil.
func (p execProbe) judge(ctx context.Context, err error, over bool, last string) error {
	name := filepath.Base(p.command[0])
	switch {
	case errors.Is(err, osexec.ErrWaitDelay):
		return fmt.Errorf("%s: has left a process that holds its output open", name)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s: has not ended within %v and was killed%s", name, p.timeout, last)
	case ctx.Err() != nil:
		return ctx.Err()
	case over:
		return fmt.Errorf("%s: printed more than %d bytes", name, execOutput)
	case errors.As(err, new(*fs.PathError)):
		return fmt.Errorf("%s: %w%s", name, homeHint(p.command[0], err), notStarted(p.command[0], err))
	case err != nil:
		return fmt.Errorf("%s: %w%s%s", name, err, last, badLineEnd(p.command[0]))
	}
	return nil
}

// Close does nothing.
func (p execProbe) Close() error { return nil }
