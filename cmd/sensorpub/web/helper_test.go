package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// clock is when the snapshots of the tests were taken.
var clock = time.Date(2026, 1, 2, 12, 0, 0, 5e6, time.UTC)

// newest is a reading of a route, as the queue returns it.
func newest(sensor, quantity string, value float64, unit string, encoder publisher.Encoder) publisher.Newest {
	r := sensors.Reading{Sensor: sensor, Quantity: quantity, Value: value, Unit: unit, Time: clock.Add(-time.Second), Seq: 17}
	route := publisher.Route{
		Sensor: sensor, Quantity: quantity, Topic: quantity + "/" + sensor, Unit: unit,
		Encoder: encoder, History: publisher.JSON{Node: "n", Precision: 1}, QoS: 1, Retain: true,
	}
	return publisher.Newest{Reading: r, Raw: r, Route: route, Retained: true}
}

// well is the state of a daemon with one sensor, of which all is well.
func well() daemon.Snapshot {
	return daemon.Snapshot{
		Node: "garden-pi", Version: "1.2.3", Started: clock.Add(-time.Hour), Now: clock,
		Broker: mqtt.State{
			Connected: true, Broker: "mqtt://h:1883", Since: clock.Add(-time.Minute), Connections: 2,
			Losses: map[string]uint64{"closed": 1},
			Events: []mqtt.Event{{Time: clock.Add(-2 * time.Minute), Broker: "mqtt://h:1883", Cause: "closed by the broker"}},
		},
		Account: publisher.Account{
			Read: 9, Acknowledged: 4, Superseded: 1, Queued: 3, Rejected: map[sensors.Reason]uint64{sensors.CRC: 1},
		},
		Capacity: 1024,
		Sensors: []daemon.Sensor{{
			Status:   sensors.Status{Sensor: "outside", Driver: "mock", Good: clock.Add(-time.Second)},
			Interval: 10 * time.Second, Simulated: true,
			Readings: []publisher.Newest{newest("outside", "temperature", 28.4, "°C", publisher.Text{Precision: 1})},
		}},
	}
}

// ill is the state of a daemon with which much is wrong.
func ill() daemon.Snapshot {
	s := well()
	s.Broker.Connected, s.Broker.Cause, s.Broker.Hint = false, "refused", "check it"
	s.Refused = []publisher.Refusal{{Topic: "temperature/attic", Size: 9}}
	s.Spool = &spool.State{
		Tmpfs: spool.StoreState{On: true, Bytes: 4096, Unread: []string{"a.log", "b.log"}},
		Disk:  spool.StoreState{On: true, Bytes: 100, Written: 70_000, Cause: errors.New("no space left on device")},
	}
	s.Sensors = append(s.Sensors, daemon.Sensor{
		Status: sensors.Status{
			Sensor: "pond", Driver: "ds18b20", BadSince: clock.Add(-time.Minute), Cause: "open: no such device",
			Failed: map[string]uint64{"open": 3},
			Rejected: sensors.Rejected{
				Time: clock.Add(-time.Hour), Quantity: "temperature",
				Rejection: sensors.Rejection{Reason: sensors.PowerOn, Detail: "85 °C after power-up"},
			},
		},
		Interval: time.Minute,
	}, daemon.Sensor{Status: sensors.Status{Sensor: "new", Driver: "mock"}, Interval: time.Second})
	return s
}

// A source is a daemon whose state the test sets.
type source struct {
	mu sync.Mutex
	s  daemon.Snapshot
}

func (s *source) snapshot() daemon.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s
}

func (s *source) set(change func(*daemon.Snapshot)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.s)
}

// serverOf returns a server of a daemon in this state.
func serverOf(s daemon.Snapshot) (*Server, *source) {
	src := &source{s: s}
	return &Server{
		Snapshot: src.snapshot, Explain: func(string) (daemon.Explanation, bool) { return daemon.Explanation{}, false },
		Log: slog.New(slog.DiscardHandler), hub: newHub(), history: newHistory(),
	}, src
}

// local is the address at which the requests of ask come.
var local = net.TCPAddrFromAddrPort(netip.MustParseAddrPort("192.168.1.5:9110"))

// get asks a server for a path.
func get(s *Server, path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "localhost:9110"
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A pipeNet is a network in memory, for tests in fake time.
type pipeNet struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeNet() *pipeNet { return &pipeNet{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipeNet) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipeNet) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipeNet) Addr() net.Addr { return local }

// dial waits until a connection is accepted.
func (p *pipeNet) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}
