package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/timeout"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// A reading is what the witnesses need of a payload.
type reading struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
}

// subscribeWithin bounds the wait for the cluster at the start.
const subscribeWithin = time.Minute

// A witness is a persistent session that has subscribed to everything at QoS 1:
// while it is away, the cluster keeps what it misses, on all three brokers, so
// the kill of any of them costs it nothing. There is one that begins at each
// broker, so that at every kill of one broker two go on seeing what arrives, and
// when.
type witness struct {
	number int
	client paho.Client
	ledger *ledger
}

// newWitness connects and subscribes.
func newWitness(ctx context.Context, number int, urls []string, s *security, l *ledger) (*witness, error) {
	w := &witness{number: number, ledger: l}
	o, err := clientOptions(fmt.Sprintf("witness%d", number+1), urls, s)
	if err != nil {
		return nil, err
	}
	w.client = paho.NewClient(o.SetCleanSession(false).
		SetDefaultPublishHandler(w.handle).SetAutoReconnect(true).SetMaxReconnectInterval(2 * time.Second))
	end := time.Now().Add(subscribeWithin)
	for {
		err := wait(w.client.Connect())
		if err == nil {
			err = wait(w.client.Subscribe("#", 1, nil))
		}
		if err == nil {
			return w, nil
		}
		w.client.Disconnect(0)
		if time.Now().After(end) || !timeout.Sleep(ctx, time.Second) {
			return nil, fmt.Errorf("subscribe as %s: %w", urls[0], err)
		}
	}
}

// collector is the name of the client that reads what is retained.
const collector = "collector"

// clientOptions are those of the witnesses and of the collector.
func clientOptions(name string, urls []string, s *security) (*paho.ClientOptions, error) {
	password, err := s.password(name)
	if err != nil {
		return nil, err
	}
	o := paho.NewClientOptions().SetClientID(name).SetUsername(name).SetPassword(password).SetTLSConfig(s.tls()).
		SetProtocolVersion(4).SetAutoReconnect(false).
		SetConnectTimeout(5 * time.Second).SetKeepAlive(5 * time.Second).SetPingTimeout(3 * time.Second)
	for _, u := range urls {
		o.AddBroker(strings.Replace(u, "mqtts", "ssl", 1))
	}
	return o, nil
}

// wait waits for a token for at most 10 s.
func wait(t paho.Token) error {
	if !t.WaitTimeout(10 * time.Second) {
		return context.DeadlineExceeded
	}
	return t.Error()
}

// handle takes a message. The library acknowledges it afterwards.
func (w *witness) handle(_ paho.Client, m paho.Message) {
	if m.Retained() || len(m.Payload()) == 0 {
		return // from before, or a deletion
	}
	now := time.Now()
	node, rest, _ := strings.Cut(m.Topic(), "/")
	switch {
	case node == "sensorpub":
		node, rest, _ = strings.Cut(rest, "/")
		if rest == "status" && string(m.Payload()) == "online" && !m.Duplicate() {
			w.ledger.online(w.number, node)
		}
	case rest == "temperature/probe":
		var r reading
		json.Unmarshal(m.Payload(), &r) // or else seq is 0, which is noted
		w.ledger.reading(w.number, node, r, m.Duplicate(), now)
	}
}

// close ends the session for good, which otherwise the cluster would keep.
func (w *witness) close() { w.client.Disconnect(250) }

// collect returns what a broker retains: the sequence number and the status of
// each node, as a client gets them that has never been there before. It waits for
// want of each, or until nothing has come for a while.
func collect(ctx context.Context, urls []string, s *security, filter string, want int) (kept map[string]uint64, status map[string]string, err error) {
	var mu sync.Mutex
	kept, status = make(map[string]uint64), make(map[string]string)
	last := time.Now()
	handle := func(_ paho.Client, m paho.Message) {
		mu.Lock()
		defer mu.Unlock()
		last = time.Now()
		if node, ok := strings.CutSuffix(m.Topic(), "/temperature/probe"); ok {
			var r reading
			json.Unmarshal(m.Payload(), &r)
			kept[node] = r.Seq
		} else if node, ok := strings.CutSuffix(strings.TrimPrefix(m.Topic(), "sensorpub/"), "/status"); ok {
			status[node] = string(m.Payload())
		}
	}
	o, err := clientOptions(collector, urls, s)
	if err != nil {
		return nil, nil, err
	}
	c := paho.NewClient(o)
	if err := wait(c.Connect()); err != nil {
		return nil, nil, fmt.Errorf("connect to read what is retained: %w", err)
	}
	defer c.Disconnect(250)
	if err := wait(c.Subscribe(filter, 1, handle)); err != nil {
		return nil, nil, fmt.Errorf("subscribe to what is retained: %w", err)
	}
	for range 120 {
		mu.Lock()
		done := len(status) >= want && (len(kept) >= want || filter != "#") || time.Since(last) > 10*time.Second
		mu.Unlock()
		if done || !timeout.Sleep(ctx, 500*time.Millisecond) {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	return kept, status, nil
}
