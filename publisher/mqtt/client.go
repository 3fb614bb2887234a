package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// beatEvery is the longest wait between two heartbeats.
const beatEvery = 10 * time.Second

// stalled is how long a write to the broker may take.
const stalled = 5 * time.Second

// A Client connects to one of several brokers with MQTT 3.1.1, and again after
// every loss.
//
// Each connection is a new client of the library with everything that the
// library would do on its own turned off: it reports a message that was never
// acknowledged as delivered once it has reconnected, and resends in map order.
type Client struct {
	URLs      []*url.URL // mqtt, mqtts, ws, wss, each with its port; tried in order
	ClientID  string
	Username  string
	Password  string                      // used only with Username
	TLS       func() (*tls.Config, error) // read anew for each connection, so that renewed certificates are used
	KeepAlive time.Duration               // whole seconds
	Will      string                      // topic on which the broker says "offline" for us; "": none
	Log       *slog.Logger
	Beat      func() // called at least every 10 s while connecting

	// DialContext opens a TCP connection. Nil: as net.Dialer does.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	back    backoff
	session *Session // the last one
	outage  outage

	mu    sync.Mutex
	state State
}

// A State tells whether there is a connection, and to which broker.
type State struct {
	Connected bool
	Broker    string    // the URL, of the connection or of the last attempt
	Since     time.Time // of the connection or of its loss; zero before the first attempt
	Cause     string    // why there is none
}

// State returns the present state.
func (m *Client) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state.Broker == "" {
		return State{Broker: m.URLs[0].Redacted(), Cause: "connecting"}
	}
	return m.state
}

func (m *Client) setState(s State) {
	m.mu.Lock()
	m.state = s
	m.mu.Unlock()
}

// Connect tries the brokers in order until one answers or ctx ends.
func (m *Client) Connect(ctx context.Context) (*Session, error) {
	pause := m.begin()
	for {
		if err := m.sleep(ctx, pause); err != nil {
			return nil, err
		}
		m.back.refused = false
		s, err := m.try(ctx, m.failed)
		if err == nil {
			m.established(s)
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		pause = m.back.afterFailure(time.Now())
	}
}

// Once tries each broker once, in order, and returns the last error if none
// answers.
func (m *Client) Once(ctx context.Context) (*Session, error) {
	return m.try(ctx, func(*url.URL, error) {})
}

// try makes one round of attempts and tells of each that failed.
func (m *Client) try(ctx context.Context, failed func(*url.URL, error)) (s *Session, err error) {
	for _, u := range m.URLs {
		m.Beat()
		if s, err = m.dial(ctx, u); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failed(u, err)
		err = fmt.Errorf("connect to %s: %w", u.Redacted(), err)
	}
	return nil, err
}

// begin looks at how the last session ended and returns the pause before the
// next attempt.
func (m *Client) begin() time.Duration {
	if m.back.rand == nil {
		m.back.rand = rand.Float64
	}
	now := time.Now()
	if m.session == nil {
		m.back.since = now
		m.outage.first(now)
		return 0
	}
	s := m.session
	lasted := now.Sub(s.start)
	useful := !s.guard.ledger.unanswered()
	well := lasted >= stableAfter && useful && !s.dropped
	m.back.lost(now, well, useful)
	m.setState(State{Broker: s.url, Since: now, Cause: cause(s.guard.err())})
	m.lost(s, now)
	return m.back.afterLoss(useful)
}

// sleep waits, with heartbeats.
func (m *Client) sleep(ctx context.Context, d time.Duration) error {
	for {
		m.Beat()
		part := min(d, beatEvery)
		d -= part
		timer := time.NewTimer(part)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		if d <= 0 {
			return nil
		}
	}
}

// dial makes one attempt to connect to one broker.
func (m *Client) dial(ctx context.Context, u *url.URL) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := m.open(ctx, u)
	if err != nil {
		return nil, err
	}
	g := newGuard(conn, stalled, m.KeepAlive)
	client := paho.NewClient(m.options(g, u))
	token := client.Connect()
	select {
	case <-token.Done():
		err = token.Error()
	case <-ctx.Done():
		g.fail(errors.New("no answer to CONNECT in time"))
		<-token.Done()
		err = ctx.Err()
	}
	if err != nil {
		g.fail(err)
		return nil, g.err()
	}
	return &Session{client: client, guard: g, url: u.Redacted(), start: time.Now()}, nil
}

// options sets the library up for one connection and nothing else.
func (m *Client) options(g *guard, u *url.URL) *paho.ClientOptions {
	o := paho.NewClientOptions()
	o.Servers = []*url.URL{u}
	o.SetClientID(m.ClientID)
	if m.Username != "" {
		o.SetUsername(m.Username).SetPassword(m.Password)
	}
	o.SetProtocolVersion(4) // without it, every failed attempt is made twice
	o.SetCleanSession(true)
	o.SetStore(noStore{})
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetConnectTimeout(dialTimeout)
	o.SetWriteTimeout(time.Second) // of handing a packet to the guard, which never blocks
	o.SetKeepAlive(0)              // the guard does it
	if m.Will != "" {
		o.SetWill(m.Will, "offline", 1, true)
	}
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) {
		go g.flush() // ends with the connection
		return g, nil
	})
	return o
}
