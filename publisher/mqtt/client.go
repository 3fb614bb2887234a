package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"sync"
	"time"
)

// beatEvery is the longest wait between two heartbeats.
const beatEvery = 10 * time.Second

// A Client connects to one of several brokers with MQTT 3.1.1, and reconnects
// after every loss.
type Client struct {
	Dialer
	URLs []*url.URL // mqtt, mqtts, ws, wss, each with its port; tried in order, beginning with that of the last session
	Log  *slog.Logger

	// PreferAfter is how long the first broker must have been reachable before a
	// session with another one should be left for it. 0: never.
	PreferAfter time.Duration

	// Record counts connections and losses. It may be shared with an earlier
	// client, and may be nil.
	Record *Record

	back     backoff
	history  connectionLog
	session  *Session      // the last one
	first    int           // index of the URL that a round of attempts begins with
	patience time.Duration // for an attempt while others are left in the round

	mu    sync.Mutex
	state State
}

// A State is the state of the connection.
type State struct {
	Connected bool
	Broker    string    // its URL as it may be shown, or that of the last attempt
	Since     time.Time // when it was made or lost; zero before the first attempt
	Cause     string    // why there is no connection
	Hint      string    // what to do about it; "": not known

	Connections uint64            // made since the start
	Losses      map[string]uint64 // of connections since the start, by reason
	Events      []Event           // the last ones, oldest first
}

// State returns the current state.
func (c *Client) State() State {
	c.mu.Lock()
	s := c.state
	c.mu.Unlock()
	if s.Broker == "" {
		s = State{Broker: Display(c.URLs[0]), Cause: "connecting"}
	}
	c.Record.fill(&s)
	return s
}

func (c *Client) setState(s State) {
	c.mu.Lock()
	c.state = s
	c.mu.Unlock()
}

// Connect tries the brokers in order until one answers or ctx ends. It begins
// with the one of the last session, unless that has acknowledged nothing or was
// left. The broker publishes will, unless it is nil, when the session ends
// without Disconnect.
func (c *Client) Connect(ctx context.Context, will *Message) (*Session, error) {
	pause := c.begin()
	for {
		if err := c.sleep(ctx, pause); err != nil {
			return nil, err
		}
		c.back.refused = false
		s, err := c.try(ctx, will, c.patience, c.failed)
		if err == nil {
			c.session = s
			c.setState(State{Connected: true, Broker: Display(s.broker), Since: s.start})
			c.history.connected(c.Log, s)
			c.Record.connected(s)
			if c.PreferAfter > 0 && s.broker != c.URLs[0] {
				go c.prefer(s) // ends with the session
			}
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.patience = min(2*c.patience, dialTimeout)
		pause = c.back.afterFailure(time.Now())
	}
}

// Once tries each broker once, in order, and returns the last error if none
// answers. will is that of [Client.Connect].
func (c *Client) Once(ctx context.Context, will *Message) (*Session, error) {
	return c.try(ctx, will, dialTimeout, func(*url.URL, error) {})
}

// try makes one round of attempts and reports each that failed. The last broker
// has dialTimeout for its answer, those before it have patience.
func (c *Client) try(ctx context.Context, will *Message, patience time.Duration, failed func(*url.URL, error)) (s *Session, err error) {
	for i, u := range slices.Concat(c.URLs[c.first:], c.URLs[:c.first]) {
		if i == len(c.URLs)-1 {
			patience = dialTimeout
		}
		if s, err = c.dial(ctx, u, patience, will); err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		failed(u, err)
		err = fmt.Errorf("connect to %s: %w", Display(u), err)
	}
	return nil, err
}

// failed records an attempt that failed.
func (c *Client) failed(u *url.URL, err error) {
	if refusesCredentials(err) {
		c.back.refused = true
	}
	c.setState(State{Broker: Display(u), Since: c.history.start, Cause: cause(err), Hint: Hint(err)})
	c.history.failed(c.Log, u, err, time.Now())
}

// begin takes account of how the last session ended and returns the pause before
// the next attempt.
func (c *Client) begin() time.Duration {
	if c.back.rand == nil {
		c.back.rand = rand.Float64
	}
	c.back.several = len(c.URLs) > 1
	c.patience = firstPatience
	now := time.Now()
	if c.session == nil {
		c.back.since = now
		c.history.first(now)
		return 0
	}
	s := c.session
	c.first = slices.Index(c.URLs, s.broker)
	if s.left() {
		c.first, c.patience = 0, dialTimeout // a slow answer is better than coming back here
		c.back.lost(now, true, true)
		c.setState(State{Broker: Display(s.broker), Since: now, Cause: GoingBack})
		c.Record.left(s, now)
		c.history.left(c.Log, s, now)
		return 0
	}
	lasted := now.Sub(s.start)
	useful := !s.conn.inflight.unanswered()
	if !useful { // such as a node that is cut off from its cluster
		c.first = (c.first + 1) % len(c.URLs)
	}
	if errors.Is(s.conn.err(), net.ErrClosed) { // by this side, for a new will
		c.back.several = false
	}
	stable := lasted >= stableAfter && useful && !errors.Is(s.conn.err(), ErrAckTimeout)
	c.back.lost(now, stable, useful)
	c.setState(State{Broker: Display(s.broker), Since: now, Cause: cause(s.conn.err())})
	c.history.lost(c.Log, s, c.ClientID, now)
	c.Record.lost(s, now)
	return c.back.afterLoss(useful)
}

// sleep waits for d, with heartbeats, or until ctx ends.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	for {
		c.Beat()
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
