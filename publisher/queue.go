package publisher

import (
	"context"
	"errors"
	"sync"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Queue is the bounded buffer between the buses and the publisher. Readings
// wait in its log and nowhere else; of them the queue itself knows the newest
// of each series, the positions of live ones, what is in flight, and a cursor
// in the backlog. It keeps the [Account] and decides what goes out next. It is
// a [sensors.Sink].
//
// On the publisher's side, Connected begins a connection, Next returns what to
// send, Ack or Refuse settles it, and Lost ends the connection.
type Queue struct {
	mu sync.Mutex // guards what follows
	dispatch

	ready  chan struct{} // there may be something to send
	open   context.Context
	closer context.CancelFunc
}

// NewQueue returns a queue for the given routes, with a log in memory.
func NewQueue(routes []Route, limits Limits) *Queue {
	q := &Queue{
		ready:    make(chan struct{}, 1),
		dispatch: dispatch{stock: newStock(len(routes), limits)},
	}
	q.open, q.closer = context.WithCancel(context.Background())
	for _, r := range routes {
		s := &series{route: &r}
		q.add(s)
		q.attach(s)
	}
	return q
}

// Restore replaces the log with one that an earlier process has left, with the
// newest reading of each series it knows. It must be called before all else.
func (q *Queue) Restore(log Log, left spool.Recovered) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.log = log
	for k, n := range left.Newest {
		if s := q.series[k]; s != nil && s.route.accepts(n.Reading.Unit) {
			s.newest, s.restored, s.seen = n.Record, n.Settled, true
		}
	}
	q.account.Recovered = uint64(left.Waiting)
	q.account.Read = uint64(left.Waiting + left.Damaged)
	if left.Damaged > 0 {
		q.account.Dropped[Damaged] = uint64(left.Damaged)
	}
}

var errClosed = errors.New("the queue is closed")

// Put accepts a reading. With Overflow Block it waits for room; otherwise it
// returns at once. An error means that ctx ended, that the queue is closed
// and its log in memory, or, with DropNewest, that there is no room; the reading
// is in the account in every case.
func (q *Queue) Put(ctx context.Context, r sensors.Reading) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.series[seriesKey(r.Sensor, r.Quantity)]
	err := q.awaitRoom(ctx, s)
	q.account.Read++ // and what becomes of it, under the same lock
	switch {
	case err != nil:
		q.account.Dropped[Stopped]++
		return err
	case s == nil, s.retired: // its sensor was removed while it was read
		q.account.Dropped[Removed]++
		return nil
	case q.Overflow == DropNewest && q.crowded(q.heldBack()):
		rec := spool.Record{Reading: q.log.Skip(r)}
		q.account.Dropped[Overflow]++
		q.traces.queued(s.route, rec)
		q.traces.settled(rec, FateDropped, Overflow)
		return sensors.ErrNoRoom
	}
	previous := s.newest
	s.newest = q.log.Append(r)
	q.traces.queued(s.route, s.newest)
	s.restored, s.cleared, s.seen = false, false, true
	switch {
	case q.connected:
		q.lineReading(s)
	case q.Backlog == Latest:
		q.supersede(previous)
	}
	if q.refuses(s.route.Topic) && !q.inFlight(previous.Position) {
		q.drop(previous, Refused)
	}
	q.bound()
	q.signal()
	return nil
}

// awaitRoom waits, with Overflow Block, until there is room for a reading of
// the series, ctx ends or the queue is closed.
func (q *Queue) awaitRoom(ctx context.Context, s *series) error {
	for s != nil && q.Overflow == Block && q.open.Err() == nil && q.crowded(q.heldBack()) {
		freed := q.freed
		var expiry <-chan time.Time // of those before it
		if q.MaxAge > 0 {
			expiry = time.After(max(q.MaxAge/10, time.Second))
		}
		q.waiters++
		q.mu.Unlock()
		select {
		case <-freed:
		case <-expiry:
		case <-ctx.Done():
		case <-q.open.Done():
		}
		q.mu.Lock()
		q.waiters--
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if _, memory := q.log.(*memoryLog); memory && q.open.Err() != nil {
		return errClosed
	}
	return nil
}

// bound keeps Capacity.
func (q *Queue) bound() {
	if q.Overflow == DropOldest {
		q.dropOldest(q.heldBack())
	}
}

// Reject counts a value that was read and does not become a reading. One
// within the deadband is not false: the reading before it stands for it.
func (q *Queue) Reject(sensor, quantity string, why *sensors.Rejection) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.account.Read++
	q.traces.rejected(seriesKey(sensor, quantity), why)
	if why.Reason == sensors.Deadband {
		q.account.Superseded++
		return
	}
	q.account.Rejected[why.Reason]++
}

// Live notes that the readings of a quantity have become live or stale.
// At first none is live. A sensor whose quantities are all live is "online" on its
// status topic; the reading that made it so goes out before that. An optional
// quantity that has had no reading is not among them.
func (q *Queue) Live(sensor, quantity string, live bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.series[seriesKey(sensor, quantity)]
	if s == nil || s.retired || !s.exists() {
		return // just removed from the configuration, or nothing that the device has
	}
	s.live = live
	s.cleared = s.cleared || !live && s.route.Retain && s.route.ClearStale
	if q.connected {
		q.lineNotice(s, false)
		q.signal()
	}
}

// Close closes the queue. Queued readings can still be delivered; a later reading
// waits for the next process, if the log outlives this one.
func (q *Queue) Close() {
	q.closer()
	q.signal()
}

// Closed is closed by Close.
func (q *Queue) Closed() <-chan struct{} { return q.open.Done() }

// Ready receives when there may be something new for Next.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// Account returns the account of the readings so far.
func (q *Queue) Account() Account {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.countLosses()
	a := q.account.clone()
	a.Queued = uint64(q.log.Waiting())
	return a
}

// Newest returns the newest reading of each route that has one, in the order of
// the routes.
func (q *Queue) Newest() []Newest {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []Newest
	for _, s := range q.ordered {
		if r := s.newest; !s.retired && r.Position != 0 {
			raw := q.corrected(r.Reading)
			all = append(all, Newest{s.route.Convert(raw), raw, *s.route, q.log.Waits(r.Position), s.retains()})
		}
	}
	return all
}

// recall notes which statuses earlier processes have sent. The spool may have
// forgotten their readings, as it does with a restart of the machine.
func (q *Queue) recall(t *Topics) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, st := range q.statuses {
		st.before = t.knows(st.topic)
	}
}

// Existing returns the routes, in their order, without the optional ones that
// have had no reading.
func (q *Queue) Existing() []Route {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []Route
	for _, s := range q.ordered {
		if !s.retired && s.exists() {
			all = append(all, *s.route)
		}
	}
	return all
}

// Trace makes the queue keep the last decisions about each series.
func (q *Queue) Trace() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.traces = make(traces)
}

// Decisions returns the last decisions about what is published to a topic,
// oldest first, with its route. It reports whether anything is.
func (q *Queue) Decisions(topic string) (all []Decision, route Route, found bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.ordered {
		if !s.retired && s.route.Topic == topic {
			return q.traces.of(s.key(), q.log), *s.route, true
		}
	}
	return nil, Route{}, false
}

// Commit makes settlements survive the process.
func (q *Queue) Commit() {
	q.mu.Lock()
	q.countLosses()
	q.mu.Unlock()
	q.log.Commit()
}

func (q *Queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
