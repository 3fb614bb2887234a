package mqtt

import "time"

// Bounds of the pauses between attempts to connect.
const (
	minPause     = 500 * time.Millisecond
	earlyPause   = 1300 * time.Millisecond // after a useful session, at most: less than one connection a second, and soon back
	maxPause     = 30 * time.Second
	refusedPause = 30 * time.Second // at least, after refused credentials
	stableAfter  = 10 * time.Second // a session that lasted so long was well
)

// A backoff decides how long to wait before the next attempt to connect. The
// pause grows with the length of the outage, an eighth of it, so that a short
// one ends quickly and a long one costs little; connections that keep breaking
// soon after they were made are slowed down as well. Every pause is jittered.
type backoff struct {
	since   time.Time // begin of the outage
	streak  int       // sessions in a row that ended early
	refused bool      // the last answer was that the credentials are wrong
	rand    func() float64
}

// lost notes the end of a session. It was well if it lasted and did not end
// for want of an acknowledgement; it was useful unless all that it sent stayed
// unacknowledged.
func (b *backoff) lost(now time.Time, well, useful bool) {
	b.refused = false
	if well {
		b.streak = 0
		b.since = now
		return
	}
	b.streak++
	if useful || b.since.IsZero() {
		b.since = now
	}
}

// afterLoss is the pause before the first attempt after a session: short after
// one that was well, longer where sessions break early, and up to 30 s where
// they break before anything was acknowledged.
func (b *backoff) afterLoss(useful bool) time.Duration {
	pause := minPause << min(b.streak, 6)
	if useful {
		pause = min(pause, earlyPause)
	}
	return b.jitter(min(pause, maxPause))
}

// afterFailure is the pause after an attempt that failed.
func (b *backoff) afterFailure(now time.Time) time.Duration {
	if b.refused {
		return refusedPause + time.Duration(b.rand()*float64(refusedPause)/4)
	}
	return b.jitter(min(max(now.Sub(b.since)/8, minPause), maxPause))
}

// jitter shortens d by up to a third, so that clients that lost the same
// broker do not all come back at once.
func (b *backoff) jitter(d time.Duration) time.Duration {
	return d - time.Duration(b.rand()*float64(d)/3)
}
