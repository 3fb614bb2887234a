// Sensorpub-demo shows what sensorpub does, on one machine: simulated probes,
// the real daemon code, an MQTT broker, and a subscriber that shows what it
// receives.
//
// The broker is linked into this program and never into sensorpub. The cable
// between daemon and broker is cut now and then to show what an outage costs.
// On a terminal the subscriber is a live view; otherwise it prints one line per
// message.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The exit codes.
const (
	exitOK     = 0 // stopped as asked, or help was shown
	exitFailed = 1 // the work failed
	exitWrong  = 2 // the command line is wrong
)

// version is set by the linker: -X main.version=1.2.3.
var version = "dev"

const usage = `Sensorpub-demo runs simulated probes, the real daemon code, an MQTT broker and a
subscriber, and shows what the subscriber receives: a live view on a terminal,
otherwise one line "TOPIC PAYLOAD" for each message. The status page is at
http://127.0.0.1:9110/, or another port if that is in use.

usage: sensorpub-demo [flags]

flags:
  --for DURATION     end after that time, such as 30s (default: at Ctrl-C)
  --listen ADDRESS   where the broker listens (default 127.0.0.1:1883, or another
                     port if that is in use). At an address other than loopback,
                     anyone on the network can use it: it asks for no password.
  --outage DURATION  time between outages, each of which cuts the daemon off from
                     the broker for 4s; at least 5s, or 0 for none (default 30s)
  -h, --help         show this help
`

func main() {
	os.Exit(mainCode(&process{os.Args[1:], os.Stdout, os.Stderr, os.Getenv}))
}

// A process is everything the demo sees of the process around it.
type process struct {
	args   []string
	stdout *os.File
	stderr io.Writer
	getenv func(string) string
}

// mainCode runs the demo and returns the exit code. The first SIGTERM or SIGINT
// asks it to stop, the second ends the process.
func mainCode(p *process) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	o, err := parse(p.args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = fmt.Fprint(p.stdout, usage)
	case err != nil:
		fmt.Fprintf(p.stderr, "sensorpub-demo: parse arguments: %v\nhint: sensorpub-demo --help shows the flags\n", err)
		return exitWrong
	default:
		err = run(ctx, o, p)
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "sensorpub-demo: %v\n", err)
		return exitFailed
	}
	return exitOK
}

// options are the values of the flags.
type options struct {
	duration time.Duration // 0: until a signal
	listen   string        // "": the default address, or any free port
	outage   time.Duration // 0: none
}

func parse(args []string) (options, error) {
	o := options{outage: 30 * time.Second}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Func("for", "", func(s string) (err error) {
		o.duration, err = time.ParseDuration(s)
		if err != nil || o.duration <= 0 {
			return errors.New("want a duration such as 30s")
		}
		return nil
	})
	fs.Func("listen", "", func(s string) error {
		o.listen = s
		return checkAddress(s)
	})
	fs.Func("outage", "", func(s string) (err error) {
		o.outage, err = time.ParseDuration(s)
		if err != nil || o.outage != 0 && o.outage < 5*time.Second {
			return errors.New("want a duration such as 30s, 5s or more, or 0")
		}
		return nil
	})
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return o, err
	case err != nil: // package flag writes flags with one dash
		words := strings.NewReplacer("flag provided but not defined: -", "unknown flag --", " -", " --")
		return o, errors.New(words.Replace(err.Error()))
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return o, nil
}

// checkAddress returns what is wrong with an address to listen on.
func checkAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("want an address and a port such as 127.0.0.1:1883")
	}
	return nil
}

// cause returns the error of the system, without what the layers above added.
func cause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
