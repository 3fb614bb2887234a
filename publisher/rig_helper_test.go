package publisher

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"testing"
	"time"

	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors"
)

// A rig is a publisher that talks to a scripted broker. Within a bubble of
// testing/synctest its minutes pass at once.
type rig struct {
	t      *testing.T
	queue  *Queue
	mqtt   *mqtt.Client
	pub    *Publisher
	log    *mqtttest.LogBook
	cancel context.CancelFunc
	ended  chan struct{}
}

// newRig wires a publisher for the sensors "a" and "b" to the broker.
func newRig(t *testing.T, b *mqtttest.Broker, backlog string) *rig {
	book := &mqtttest.LogBook{}
	log := slog.New(slog.NewTextHandler(book, nil))
	r := &rig{t: t, log: book, queue: newTestQueue(10_000, DropOldest, backlog), ended: make(chan struct{})}
	r.mqtt = &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:    "test",
			KeepAlive:   10 * time.Second,
			Beat:        func() {},
			DialContext: b.Dial,
		},
		URLs: []*url.URL{{Scheme: "mqtt", Host: "broker:1883"}}, Log: log,
	}
	r.pub = &Publisher{
		Queue: r.queue, Log: log, Beat: func() {},
		Settings: Settings{
			Connector: connector{r.mqtt}, Window: 16, AckTimeout: 10 * time.Second, Grace: 5 * time.Second, Availability: "status",
		},
	}
	return r
}

// A connector makes the sessions of a client into the publisher's.
type connector struct{ client *mqtt.Client }

func (c connector) Connect(ctx context.Context, will *Message) (Session, error) {
	s, err := c.client.Connect(ctx, (*mqtt.Message)(will))
	return session{s}, err
}

type session struct{ *mqtt.Session }

func (s session) Publish(m Message) Token { return s.Session.Publish(mqtt.Message(m)) }

func (s session) Subscribe(topics []string, handle func(Message)) Token {
	return s.Session.Subscribe(topics, func(m mqtt.Message) { handle(Message(m)) })
}

// start runs the publisher until stop, or the end of the test.
func (r *rig) start() *rig {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() {
		defer close(r.ended)
		r.pub.Run(ctx)
	}()
	return r
}

// stop ends the publisher as a SIGTERM does and returns how long it took.
func (r *rig) stop() time.Duration {
	start := time.Now()
	r.queue.Close()
	<-r.ended
	r.cancel()
	balanced(r.t, r.queue)
	return time.Since(start)
}

// read puts n readings of the sensor, one every interval.
func (r *rig) read(sensor string, n int, interval time.Duration) {
	r.t.Helper()
	for range n {
		put(r.t, r.queue, sensor)
		time.Sleep(interval)
	}
}

// account checks the account against what is wanted, and that it balances.
func (r *rig) wantAccount(want string) {
	r.t.Helper()
	balanced(r.t, r.queue)
	if got := r.queue.Account().String(); got != want {
		r.t.Errorf("got account  %s\nwant account %s", got, want)
	}
}

// onlyTrue checks that nothing counts as acknowledged that the broker did not
// acknowledge.
func (r *rig) onlyTrue(b *mqtttest.Broker) {
	r.t.Helper()
	answered := 0
	for _, m := range b.Acknowledged() {
		if m.Topic != "status" {
			answered++
		}
	}
	if got := r.queue.Account().Acknowledged; got > uint64(answered) {
		r.t.Errorf("%d count as acknowledged, the broker has acknowledged %d", got, answered)
	}
}

func pipeBroker(t *testing.T) *mqtttest.Broker {
	return (&mqtttest.Broker{Pipe: true}).Start(t)
}

// values returns the payloads of a topic in the order of their arrival.
func values(messages []mqtttest.Message, topic string) (all []string) {
	for _, m := range messages {
		if m.Topic == topic {
			all = append(all, string(m.Payload))
		}
	}
	return all
}

// count numbers the readings of a sensor by their value, so that a test can
// follow each: 1.0, 2.0, 3.0 …
type count struct {
	rig    *rig
	sensor string
	n      int
}

func (c *count) put() {
	c.n++
	r := sensors.Reading{Sensor: c.sensor, Quantity: "temperature", Value: float64(c.n), Time: time.Now()}
	if err := c.rig.queue.Put(context.Background(), r); err != nil {
		c.rig.t.Error(err)
	}
}

func (c *count) newest() string { return fmt.Sprintf("%d.0", c.n) }

// route dials a broker by its address.
func route(brokers map[string]*mqtttest.Broker) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return brokers[address].Dial(ctx, network, address)
	}
}
