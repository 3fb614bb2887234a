package main

import (
	"context"
	"fmt"

	"sensorpub/cmd/sensorpub/doctor"
)

const doctorDetail = `Examines the configuration, this machine, the configured sensors and the way to
the broker, and prints one line for each check: ok, warn, FAIL, or skip where
there is nothing to check. A hint after a fault says what to do. Each sensor is
read several times, which reveals a bad cable. At the broker it uses a client id
of its own. It publishes to sensorpub/NODE/doctor/, where nothing stays, and to
each topic of the configuration what is retained there or, where nothing is,
what it has just read, which it deletes again. While a daemon is running, it
only listens to these topics. It cannot know what other users may read.
The exit code is 1 if a check failed, 2 if the configuration is wrong.`

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
