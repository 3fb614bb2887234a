package main

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// A daemon is the parts of sensorpub, wired as in cmd/sensorpub/run.go, and
// the cable to its broker.
type daemon struct {
	buses     []*sensors.Bus
	scheduler *sensors.Scheduler
	queue     *publisher.Queue
	publisher *publisher.Publisher
	mqtt      *mqtt.Client
	cable     *cable
}

// newDaemon wires the daemon with the defaults of the configuration.
func newDaemon(broker *url.URL, probes []sensors.Probe, published []series, log *slog.Logger) *daemon {
	routes := make([]publisher.Route, len(published))
	for i, s := range published {
		routes[i] = s.Route
	}
	queue := publisher.NewQueue(routes, 1024, publisher.DropOldest, publisher.Replay)
	buses := sensors.Buses(probes, queue, log, sensors.WallClock)
	c := new(cable)
	m := client(broker, "sensorpub-demo", log)
	m.DialContext = c.dial
	return &daemon{
		buses: buses, queue: queue, mqtt: m, cable: c,
		scheduler: &sensors.Scheduler{Buses: buses, Beat: noBeat},
		publisher: &publisher.Publisher{
			Queue: queue, Connector: connector{m},
			Window: 16, AckTimeout: 10 * time.Second, Grace: 5 * time.Second,
			Availability: statusTopic, Log: log, Beat: noBeat,
		},
	}
}

// state returns what the daemon says of itself.
func (d *daemon) state() daemonState {
	return daemonState{d.mqtt.State(), d.queue.Account(), d.cable.isCut()}
}

// subscriber returns a client apart from the daemon's that receives all that
// is published.
func subscriber(broker *url.URL, published []series) *mqtt.Subscriber {
	filters := []string{statusTopic}
	for _, s := range published {
		filters = append(filters, s.Topic)
	}
	m := client(broker, "sensorpub-demo-view", slog.New(slog.DiscardHandler))
	return &mqtt.Subscriber{Client: m, Filters: filters}
}

func client(broker *url.URL, id string, log *slog.Logger) *mqtt.Client {
	return &mqtt.Client{
		URLs: []*url.URL{broker}, ClientID: id, KeepAlive: 10 * time.Second, Log: log, Beat: noBeat,
	}
}

// noBeat stands where systemd's watchdog would be fed.
func noBeat() {}

// A connector makes the sessions of a client into the publisher's.
type connector struct{ client *mqtt.Client }

// Connect implements [publisher.Connector].
func (c connector) Connect(ctx context.Context, will *publisher.Message) (publisher.Session, error) {
	s, err := c.client.Connect(ctx, (*mqtt.Message)(will))
	return session{s}, err
}

type session struct{ *mqtt.Session }

// Publish implements [publisher.Session].
func (s session) Publish(m publisher.Message) publisher.Token {
	return s.Session.Publish(mqtt.Message(m))
}
