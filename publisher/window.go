package publisher

import "time"

// A window is the messages that were sent and not acknowledged. They leave it in
// the order of sending.
type window struct {
	flights  []flight
	backlog  int       // of them, those of the backlog
	progress time.Time // when the head was acknowledged last
}

// A flight is a message in flight.
type flight struct {
	token    Token
	delivery Delivery
	message  Refusal // in case the broker refuses it
	sent     time.Time
}

// head is done when the oldest message is; nil if there is none.
func (w *window) head() <-chan struct{} {
	if len(w.flights) == 0 {
		return nil
	}
	return w.flights[0].token.Done()
}

// push notes that a message was sent.
func (w *window) push(f flight) {
	w.flights = append(w.flights, f)
	if f.delivery.backlog {
		w.backlog++
	}
}

// advance takes the oldest message out, as it was acknowledged.
func (w *window) advance() {
	w.progress = time.Now()
	if w.flights[0].delivery.backlog {
		w.backlog--
	}
	w.flights = append(w.flights[:0], w.flights[1:]...)
}

// headDeadline is when the oldest message must have been acknowledged: timeout
// after it was sent, or after the last acknowledgement. A slow link on which they
// keep coming is fine.
func (w *window) headDeadline(timeout time.Duration) time.Time {
	since := w.flights[0].sent
	if w.progress.After(since) {
		since = w.progress
	}
	return since.Add(timeout)
}

func (w *window) overdue(timeout time.Duration) bool {
	return len(w.flights) > 0 && !time.Now().Before(w.headDeadline(timeout))
}
