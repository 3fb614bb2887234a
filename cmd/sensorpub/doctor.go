package main

import (
	"context"
	"fmt"

	"sensorpub/cmd/sensorpub/doctor"
)

const doctorDetail = `Checks the configuration, this machine, the configured sensors and the connection
to the broker, and prints one line for each check: ok, warn, FAIL, or skip if
there is nothing to check. A hint after a problem says what to do. Each sensor is
read several times, which reveals a bad cable. It connects to the broker with its
own client id. It publishes to sensorpub/NODE/doctor/, where no message remains,
and to each configured topic the message that is retained there or, if there is
none, what it has just read, which it then deletes again. While a daemon is
running, it only listens to these topics. It cannot tell what other users may
read. The exit code is 1 if a check failed, 2 if the configuration is wrong.`

// examine is the command doctor.
func examine(ctx context.Context, e *env) error {
	fs := e.flags()
	asJSON := e.jsonFlag(fs)
	reads := fs.Int("reads", 20, "read each sensor `N` times")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if *reads < 1 {
		return e.misuse(fmt.Errorf("--reads %d: want 1 or more", *reads))
	}
	d := doctor.New(e.Environment, e.file, e.stdout, e.logger())
	others := e.daemons(ctx)
	d.Reads, d.Holder, d.JSON = *reads, clientHolder, *asJSON
	d.Superuser, d.StateDir = e.superuser, e.stateDir()
	d.Reader = func(bus string) int { return busReader(others, bus) }
	err := d.Run(ctx)
	if err != nil && d.Misconfigured() {
		return wrong(err)
	}
	return err
}
