package daemon

import (
	"context"
	"errors"
	"slices"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/sensors"
)

// reload reads the configuration again and applies what has changed. One with
// errors changes nothing.
func (d *Daemon) reload(ctx context.Context) {
	d.watchdog.reloading()
	defer d.watchdog.ready()
	c, m, err := d.Load(ctx)
	if ctx.Err() != nil {
		return // stopped meanwhile
	}
	if err != nil {
		d.refuse(err)
		return
	}
	if keys := c.KeepFixed(d.config); len(keys) > 0 {
		d.log.Warn("needs a restart; the old values stay active", "keys", keys)
	}
	diff := config.Diff(d.config, c)
	diff.Session = diff.Session || m.Password != d.mqtt.Password
	d.apply(ctx, c, m, diff)
	if args := diff.Args(); len(args) > 0 {
		d.log.Info("reloaded", args...)
	} else {
		d.log.Info("reloaded, nothing has changed")
	}
}

// refuse logs each error of a configuration.
func (d *Daemon) refuse(err error) {
	causes := []string{err.Error()}
	var list config.Errors
	if errors.As(err, &list) {
		causes = nil
		for _, e := range list {
			causes = append(causes, e.String())
		}
	}
	for _, cause := range causes {
		d.log.Error("not reloaded; the old configuration stays active", "cause", cause)
	}
}

// apply makes a configuration the active one. Topics are remembered before the
// queue gets its routes, and that gets them before the sensors that feed it.
func (d *Daemon) apply(ctx context.Context, c *config.Config, m *mqtt.Client, diff config.Difference) {
	d.announcer.configure(c)
	d.queue.Reconfigure(c.Routes, c.Queue.Limits())
	if diff.Session {
		m.Beat, m.Record = d.publisher.Beat, d.mqtt.Record
	} else {
		m = d.mqtt
	}
	d.publisher.Change(settings(c, m))
	c.OneWire.Log = d.log
	c.OneWire.TakeOver(&d.config.OneWire)
	buses := sensors.Reconfigure(d.buses, c.Probes, diff.Keeps, d.queue, d.log, bootClock)
	for _, b := range buses {
		if !slices.Contains(d.buses, b) {
			d.startReading(ctx, b)
		}
	}
	d.mu.Lock()
	d.config, d.mqtt, d.buses = c, m, buses
	d.mu.Unlock()
	select {
	case d.change <- buses:
	case <-ctx.Done():
	}
}
