// Sensorpub reads temperature probes and publishes what they measure over MQTT.
//
// This package has one file for each command, the exit codes and the log. The
// folders below it have the configuration, the daemon and the doctor.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors/drivers/option"
)

func main() {
	tune()
	os.Exit(mainCode(&env{
		stdin:       os.Stdin,
		stdout:      os.Stdout,
		stderr:      os.Stderr,
		args:        os.Args[1:],
		superuser:   os.Geteuid() == 0,
		Environment: config.Environment{Getenv: os.Getenv, Hostname: os.Hostname},
	}))
}

// tune adapts the runtime to a small board. One thread for Go code halves the
// CPU time per message and raises the rate by half; collecting garbage when the
// heap has grown by a quarter instead of by all of it saves 2.5 MB of 13;
// timers that may be 1 ms late let the kernel merge wake-ups, which saves a
// third of the CPU time at one reading a second (all measured).
func tune() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}
	threads, _ := os.ReadDir("/proc/self/task")
	for _, t := range threads {
		// Only root may do this for other threads (proc(5)); in the service
		// TimerSlackNSec does it. An os.File would first try to poll each file.
		if fd, err := syscall.Open("/proc/"+t.Name()+"/timerslack_ns", syscall.O_WRONLY|syscall.O_CLOEXEC, 0); err == nil {
			syscall.Write(fd, []byte("1000000"))
			syscall.Close(fd)
		}
	}
}

// mainCode runs the command that e.args names and returns the exit code. The
// first SIGTERM or SIGINT asks the command to stop, the second ends the
// process.
func mainCode(e *env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	out := &checkedWriter{w: e.stdout}
	e.stdout, e.stderr = &terminal.Guard{W: out}, &terminal.Guard{W: e.stderr}
	err := execute(ctx, e)
	if err == nil || errors.Is(err, errHelp) {
		err = out.failure()
	}
	return e.report(err)
}

// A command is a row of the table of commands.
type command struct {
	name    string
	args    string // the positional arguments, for the usage line
	summary string // one line
	detail  string // more, for its help
	run     func(ctx context.Context, e *env) error
}

// commands returns the table. The first command runs when none is named.
func commands() []command {
	return []command{
		{"run", "", "run the daemon in the foreground (the default)", "", runDaemon},
		{"check", "", "check the configuration, open nothing", checkDetail, check},
		{"read", "", "read the configured sensors and print what they measure", readDetail, read},
		{"scan", "", "find the buses, chips and probes of this machine", scanDetail, scan},
		{"doctor", "", "check configuration, machine, sensors and broker, and say what to do", doctorDetail, examine},
		{"watch", "", "subscribe and show readings as they arrive", watchDetail, watch},
		{"clear", "", "delete the retained messages of this configuration", clearDetail, clearRetained},
		{"drivers", "[NAME]", "list the drivers, or show one with its options and wiring", "", listDrivers},
		{"init", "", "scan this machine and write a configuration for what it finds", initDetail, initialise},
		{"explain", "TOPIC", "ask the running daemon what happened to the last values for a topic", explainDetail, explain},
		{"completion", "SHELL", "print the completions of bash, zsh or fish", completionDetail, completion},
		{"version", "", "print version, commit, Go version and platform", "", printVersion},
		{"help", "[COMMAND]", "show how to use sensorpub or one of its commands", "", help},
	}
}

// execute finds the command in e.args and runs it. --config and --log-level may
// come before its name.
func execute(ctx context.Context, e *env) error {
	fs := e.flags()
	asked := false
	fs.BoolVar(&asked, "version", false, "")
	fs.BoolVar(&asked, "v", false, "")
	if err := e.parseFlags(fs, e.args); err != nil {
		return err
	}
	if asked {
		return showVersion(e)
	}
	name, rest := commands()[0].name, fs.Args()
	if len(rest) > 0 {
		name, rest = rest[0], rest[1:]
	}
	c, err := lookup(name)
	if err != nil {
		return err
	}
	e.command, e.args = c, rest
	err = c.run(ctx, e)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil // stopped by a signal
	}
	return err
}

// lookup returns the command with the given name.
func lookup(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	err := fmt.Errorf("parse arguments: unknown command %q", name)
	if n := option.Nearest(name, names); n != "" {
		err = fmt.Errorf("%w, did you mean %q?", err, n)
	}
	if isConfigFile(name) {
		return command{}, wrong(err, fmt.Sprintf("sensorpub --config %s runs the daemon with that file", shellWord(name)))
	}
	return command{}, wrong(err, "sensorpub help lists the commands")
}

// help prints the help of the program or of one command to stdout.
func help(ctx context.Context, e *env) error {
	if err := e.parse(e.bareFlags(), 1); err != nil {
		return err
	}
	if len(e.args) == 0 {
		printUsage(e.stdout)
		return nil
	}
	c, err := lookup(e.args[0])
	if err != nil {
		return err
	}
	e.command, e.args = c, []string{"--help"}
	return c.run(ctx, e)
}

func printUsage(w io.Writer) {
	fmt.Fprint(w, "Sensorpub reads temperature probes and publishes what they measure over MQTT.\n\n",
		"usage: sensorpub [COMMAND] [flags]\n\ncommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nsensorpub COMMAND --help shows the flags of a command.\n")
}
