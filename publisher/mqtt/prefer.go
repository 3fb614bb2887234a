package mqtt

import (
	"context"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// probeEvery is the longest time between two trial connections to the first broker.
const probeEvery = time.Minute

// prefer keeps trying the first broker while a session with another lasts, and
// closes Leave of the session when the first has been reachable for PreferAfter.
func (c *Client) prefer(s *Session) {
	// It tries rarely, and at times that differ between clients: a broker that was lost
	// may have had thousands, which all lost it at the same time.
	every := min(max(c.PreferAfter/4, 100*time.Millisecond), probeEvery)
	next := time.NewTimer(time.Duration(rand.Float64() * float64(every)))
	defer next.Stop()
	var since time.Time // the first broker has been reachable; zero: it is not
	for {
		select {
		case <-s.Done():
			return
		case <-next.C:
			next.Reset(every)
		}
		if err := c.probe(c.URLs[0]); err != nil {
			since = time.Time{}
			if refusesCredentials(err) {
				next.Reset(max(every, refusedPause))
			}
			continue
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) >= c.PreferAfter {
			close(s.leave)
			return
		}
	}
}

// probe makes a session with the same credentials, which ends right away, or
// returns why there is none. An open port is not enough: a working session would be
// left for nothing.
func (c *Client) probe(u *url.URL) error {
	probe := c.Dialer
	probe.ClientID, probe.Beat = SideID(c.ClientID, "probe"), func() {}
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	s, err := probe.dial(ctx, u, dialTimeout, nil)
	if err == nil {
		s.Disconnect()
	}
	return err
}

// maxID is how long a client id may be that every broker accepts, in bytes
// (MQTT 3.1.1, section 3.1.3.1).
const maxID = 23

// SideID returns a client id for a program that runs beside a daemon, such as a
// command: with the daemon's own id, the broker would disconnect the daemon. It
// is no longer than maxID unless the daemon's is.
func SideID(id, role string) string {
	suffix := "-" + role
	if len(id) <= maxID && len(id)+len(suffix) > maxID {
		id = strings.ToValidUTF8(id[:maxID-len(suffix)], "")
	}
	return id + suffix
}
