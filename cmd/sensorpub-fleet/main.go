// Sensorpub-fleet runs a fleet of nodes against a cluster of three brokers on one
// machine, kills brokers and daemons, and verifies that nothing was lost.
//
// The nodes are daemon processes, and further nodes of the same code inside this
// program. Witnesses subscribe to everything before the first node starts. At the
// end the account of every node is compared with the sequence numbers that arrived,
// and the brokers' retained messages with the newest of them. It is a tool for
// developers, started by scripts/fleet, and not part of the daemon.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	exitOK     = 0 // nothing was lost, and every retained value is the newest
	exitFailed = 1 // otherwise, or the run could not be done
	exitWrong  = 2 // the command line is wrong
)

func main() { os.Exit(mainCode(os.Args[1:], os.Stdout, os.Stderr)) }

// mainCode does the run and returns the exit code. SIGINT or SIGTERM ends it
// early, with its verdict.
func mainCode(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "sensorpub-fleet: parse arguments: %v\n", err)
		return exitWrong
	}
	if o.plan.needsNetworks() {
		if err := ownNetwork(); err != nil {
			fmt.Fprintf(stderr, "sensorpub-fleet: %v\n", err)
			return exitFailed
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := run(ctx, o, stdout)
	if err != nil {
		fmt.Fprintf(stderr, "sensorpub-fleet: %v\n", err)
		return exitFailed
	}
	if !ok {
		return exitFailed
	}
	return exitOK
}
