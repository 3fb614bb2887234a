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
of its own and publishes one message, not retained, to sensorpub/NODE/doctor/.
The exit code is 1 if a check failed, 2 if the configuration is wrong.`

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
	d := doctor.New(e.Environment, e.file, e.stdout, e.logger())
	d.Reads, d.Daemon = *reads, daemonRuns(e.Root())
	err := d.Run(ctx)
	if err != nil && d.Misconfigured() {
		return wrong(err)
	}
	return err
}
