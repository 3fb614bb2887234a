package mqtt

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A user holds a connection as the publisher does: it says "online" on each
// session, with a will, and makes another when one ends.
type user struct {
	client *Client
	log    *mqtttest.LogBook
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	session *Session // the present one; may have ended
}

// newUser returns a user of a broker in memory.
func newUser(b *mqtttest.Broker) *user {
	u := &user{log: new(mqtttest.LogBook), ended: make(chan struct{})}
	u.client = &Client{
		Dialer: Dialer{ClientID: "test", KeepAlive: 10 * time.Second, Beat: func() {}, DialContext: b.Dial},
		URLs:   []*url.URL{{Scheme: "mqtt", Host: "broker:1883"}}, Log: slog.New(slog.NewTextHandler(u.log, nil)),
	}
	return u
}

// start runs the user until stop.
func (u *user) start() *user {
	ctx, cancel := context.WithCancel(context.Background())
	u.cancel = cancel
	go func() {
		defer close(u.ended)
		for {
			s, err := u.client.Connect(ctx, &Message{"status", []byte("offline"), 1, true})
			if err != nil {
				return
			}
			u.mu.Lock()
			u.session = s
			u.mu.Unlock()
			u.publish(Message{"status", []byte("online"), 1, true})
			select {
			case <-ctx.Done():
				s.Disconnect()
				return
			case <-s.Done():
				s.Drop(errOver)
			}
		}
	}()
	return u
}

// stop ends the user.
func (u *user) stop() {
	u.cancel()
	<-u.ended
}

// publish sends a message on the present session, if it lasts.
func (u *user) publish(m Message) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.session != nil && u.session.conn.err() == nil {
		u.session.Publish(m)
	}
}

// publishEach sends n messages, one every interval.
func (u *user) publishEach(n int, interval time.Duration, qos byte) {
	for range n {
		u.publish(Message{"temperature", []byte("20.0"), qos, true})
		time.Sleep(interval)
	}
}

// bubble runs a test in fake time with a broker and a user of it.
func bubble(t *testing.T, name string, f func(t *testing.T, b *mqtttest.Broker, u *user)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := (&mqtttest.Broker{Pipe: true}).Start(t)
			f(t, b, newUser(b))
		})
	})
}
