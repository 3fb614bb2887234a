package mqtt

import (
	"errors"
	"time"
)

// Bounds of the pauses between attempts to connect.
const (
	minPause     = 500 * time.Millisecond
	earlyPause   = 1300 * time.Millisecond // at most, after a useful session: fewer than one connection a second, and soon back
	maxPause     = 30 * time.Second
	refusedPause = 30 * time.Second // at least, after refused credentials
	stableAfter  = 10 * time.Second // a session of this length counts as stable

	// Least upper bounds of a pause with several brokers. When a cluster restarts
	// or loses a node, a thousand clients then reconnect over more than 10 s. A loss
	// hits them all at one moment, and the other brokers may answer nobody for the
	// first 4 s, while they elect leaders; between rounds the clients are spread out
	// already.
	lossSpread  = 14500 * time.Millisecond
	roundSpread = 12 * time.Second
)

// A backoff decides how long to wait before the next attempt to connect. The
// pause is an eighth of the length of the outage, so a short outage ends quickly
// and a long one costs little. Connections that keep breaking soon after they
// were made are slowed down as well. Every pause is jittered.
type backoff struct {
	since   time.Time // start of the outage
	streak  int       // consecutive sessions that were not stable
	refused bool      // the broker refused the credentials in the last round
	several bool      // several brokers, which may have many other clients
	rand    func() float64
}

// lost records the end of a session. It was stable if it lasted and did not end
// because of a missing acknowledgement. It was useful unless nothing that it
// sent was acknowledged.
func (b *backoff) lost(now time.Time, stable, useful bool) {
	b.refused = false
	if stable {
		b.streak = 0
		b.since = now
		return
	}
	b.streak++
	if useful || b.since.IsZero() {
		b.since = now
	}
}

// afterLoss returns the pause before the first attempt after a session: short
// after a stable one, longer if sessions break early, and up to 30 s if they
// break before anything is acknowledged. Clients with such a session, as while a
// cluster elects its leaders, made it at different times already.
func (b *backoff) afterLoss(useful bool) time.Duration {
	pause := min(minPause<<min(b.streak, 6), maxPause)
	if useful {
		return b.jitter(min(pause, earlyPause), lossSpread)
	}
	return b.shorten(pause)
}

// afterFailure returns the pause after an attempt that failed.
func (b *backoff) afterFailure(now time.Time) time.Duration {
	if b.refused {
		return refusedPause + time.Duration(b.rand()*float64(refusedPause)/4)
	}
	return b.jitter(min(max(now.Sub(b.since)/8, minPause), maxPause), roundSpread)
}

// jitter shortens d by up to a third, so that clients that lost the same broker
// do not all come back at once. A single broker has few clients, which should be
// back soon. With several brokers, the pause is anything up to d or spread,
// whichever is longer, after a loss as well as between rounds: whenever the
// brokers return, their clients do not all reconnect within a second.
func (b *backoff) jitter(d, spread time.Duration) time.Duration {
	if b.several {
		return minPause + time.Duration(b.rand()*float64(max(d, spread)-minPause))
	}
	return b.shorten(d)
}

// shorten shortens d by up to a third.
func (b *backoff) shorten(d time.Duration) time.Duration {
	return d - time.Duration(b.rand()*float64(d)/3)
}

// refusesCredentials reports whether an error is a refusal of the credentials.
func refusesCredentials(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused) && refused.Credentials()
}
