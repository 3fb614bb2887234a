package main

import (
	"context"
	"errors"
	"slices"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// reload reads the configuration again and changes what has changed in it. A
// wrong one changes nothing.
func (s *service) reload(ctx context.Context) {
	s.watchdog.reloading()
	defer s.watchdog.ready()
	c, m, err := s.load()
	if err != nil {
		s.refuse(err)
		return
	}
	if keys := c.keepFixed(s.config); len(keys) > 0 {
		s.log.Warn("needs a restart, the old values stay in force", "keys", keys)
	}
	d := diff(s.config, c)
	d.session = d.session || m.Password != s.mqtt.Password
	s.apply(ctx, c, m, d)
	if args := d.args(); len(args) > 0 {
		s.log.Info("reloaded", args...)
	} else {
		s.log.Info("reloaded, nothing has changed")
	}
}

// refuse logs each error of a configuration.
func (s *service) refuse(err error) {
	causes := []string{err.Error()}
	var list errorList
	if errors.As(err, &list) {
		causes = list
	}
	for _, cause := range causes {
		s.log.Error("not reloaded, the old configuration stays in force", "cause", cause)
	}
}

// apply puts a configuration into force. Streams of readings are there before
// the sensors that feed them.
func (s *service) apply(ctx context.Context, c *Config, m *mqtt.Client, d difference) {
	s.queue.Reconfigure(c.publisherRoutes(), c.Queue.Capacity, c.Queue.Overflow, c.Queue.Backlog, c.Queue.MaxAge)
	if d.session {
		m.Beat = s.publisher.Beat
	} else {
		m = s.mqtt
	}
	s.publisher.Change(publisher.Settings{
		Connector: connector{m}, Window: c.Broker.Window, AckTimeout: c.Broker.AckTimeout,
		Grace: c.Queue.Grace, Availability: c.Availability.Topic,
	})
	c.oneWire.Log = s.log
	c.oneWire.TakeOver(&s.config.oneWire)
	buses := sensors.Reconfigure(s.buses, c.probes, d.keeps, s.queue, s.log, bootClock)
	for _, b := range buses {
		if !slices.Contains(s.buses, b) {
			s.startReading(ctx, b)
		}
	}
	s.mu.Lock()
	s.config, s.mqtt, s.buses = c, m, buses
	s.mu.Unlock()
	select {
	case s.change <- buses:
	case <-ctx.Done():
	}
}
