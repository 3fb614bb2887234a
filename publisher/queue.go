package publisher

import (
	"context"
	"errors"
	"sync"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Route says where the readings of one quantity of one sensor go, and how.
type Route struct {
	Sensor   string
	Quantity string
	Topic    string
	Encoder  Encoder
	History  Encoder // for readings that go to history/Topic, always JSON
	Unit     string  // readings are converted to it; "": they are as they came
	QoS      byte    // 0, 1 or 2
	Retain   bool

	Status     string // topic of the sensor's own "online" and "offline", one for all its quantities; "": none
	ClearStale bool   // the retained reading is deleted when it is no longer live
}

// The ways of a full queue.
const (
	DropOldest = "drop-oldest" // the default
	DropNewest = "drop-newest"
	Block      = "block" // the bus waits, and its probes miss their turns
)

// What an outage's readings become when the broker is back. In each case the
// newest reading of a topic goes out first.
const (
	Replay  = "replay"  // all go to their topic, oldest first, retain off, then the newest once more
	Latest  = "latest"  // they are superseded by the newest
	History = "history" // they go to history/<topic>, never retained, after live readings
)

// A Queue is the bounded buffer between the buses and the publisher, and the
// only place where readings wait. It numbers readings, keeps their account and
// decides what goes out next. It is a [sensors.Sink]. With a Spool each reading
// is stored before it is offered, and of a long outage only the newest stay in
// memory, too.
//
// On the publisher's side, Connected begins a connection, Next hands out what
// to send, Ack or Refuse ends it, and Lost ends the connection.
type Queue struct {
	Capacity int           // readings that may wait, not counting those in flight and the newest of each topic; with a Spool and DropOldest, in memory
	Overflow string        // DropOldest, DropNewest or Block
	Backlog  string        // Replay, Latest or History
	MaxAge   time.Duration // older readings are not sent, but for the newest of a live sensor; 0: no limit
	Clock    sensors.Clock // the one that stamps the readings
	Spool    *spool.Spool  // nil: none

	mu        sync.Mutex
	account   Account
	streams   map[key]*stream
	ordered   []*stream      // as configured, then the retired ones
	numbers   map[key]uint64 // how far those have counted that are no more
	floor     uint64         // how far all others may have counted before the start
	statuses  []*status      // of the sensors that have a topic for it
	accepted  uint64         // readings so far, without a spool
	waiting   []*entry       // accepted and not settled, in order; settled ones are cleared away now and then
	gap       gap            // what waits in the spool only
	flying    int            // unsettled entries in flight
	owed      int            // settled entries that are to be sent in their turn
	connected bool

	// What is to be sent on this connection, in this order of precedence.
	announce []*stream // whose newest reading goes out first
	live     []*entry
	backlog  []*entry
	repeats  int // live readings that are in the backlog, or were

	ready  chan struct{} // there may be something to send
	freed  chan struct{} // closed and renewed when a place gets free
	open   context.Context
	closer context.CancelFunc
}

type key struct{ sensor, quantity string }

// A stream is the series of readings of one route.
type stream struct {
	route     *Route // replaced, never changed
	retired   bool   // it is no longer configured, and goes when nothing of it waits
	seq       uint64
	newest    *entry
	announced bool   // false: its newest reading is still to go out first
	last      *entry // sent last on this connection
	behind    int    // its entries in the backlog

	unfit unfit // the publisher's

	status  *status // of its sensor; nil: none is published
	live    bool    // its newest reading may be taken for the present
	cleared bool    // its retained reading is to be deleted, until there is a new one
}

// An entry is a reading in the queue, or a notice between live readings.
type entry struct {
	notice    *notice // or the rest
	reading   sensors.Reading
	stream    *stream
	position  uint64 // in the order of acceptance; with a spool, the place there
	settled   bool   // its fate is in the account
	skip      bool   // it is not to be sent: given up, or left to the spool
	earlier   bool   // it was the newest and an earlier process has read it
	inherited bool   // it was delivered by an earlier process
	queued    bool   // it is in the backlog
	closing   bool   // only for a subscriber to end on it
	owed      bool   // it went out before older ones, and is to be sent again in its turn
	flights   int    // messages under way that carry it
}

// NewQueue returns a queue for the given routes.
func NewQueue(routes []Route, capacity int, overflow, backlog string) *Queue {
	q := &Queue{
		Capacity: capacity, Overflow: overflow, Backlog: backlog, Clock: sensors.WallClock,
		streams: make(map[key]*stream, len(routes)),
		ready:   make(chan struct{}, 1),
		freed:   make(chan struct{}),
	}
	q.open, q.closer = context.WithCancel(context.Background())
	q.account.Rejected = make(map[sensors.Reason]uint64)
	q.account.Dropped = make(map[sensors.Reason]uint64)
	for _, r := range routes {
		s := &stream{route: &r}
		q.streams[key{r.Sensor, r.Quantity}] = s
		q.ordered = append(q.ordered, s)
		q.attach(s)
	}
	return q
}

var errClosed = errors.New("the queue is closed")

// Put accepts a reading and numbers it. With Overflow Block it waits for a
// place; otherwise it returns at once. An error means that the queue is closed
// or that ctx ended; the reading is in the account in every case.
func (q *Queue) Put(ctx context.Context, r sensors.Reading) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.streams[key{r.Sensor, r.Quantity}]
	var err error
	if s != nil && q.Overflow == Block {
		err = q.awaitRoom(ctx)
	}
	q.account.Read++ // and what becomes of it, under the same lock
	switch {
	case err != nil:
		q.account.Dropped[Stopped]++
		return err
	case s == nil, s.retired: // meanwhile
		q.account.Dropped[Removed]++
		return nil
	}
	if q.open.Err() != nil {
		q.account.Dropped[Stopped]++
		return errClosed
	}
	s.seq++
	r.Seq = s.seq
	if q.Overflow == DropNewest && q.crowded() {
		q.account.Dropped[Overflow]++
		return nil
	}
	e := &entry{reading: r, stream: s, position: q.store(r)}
	q.account.Queued++
	q.waiting = append(q.waiting, e)
	previous := s.newest
	s.newest, s.cleared = e, false
	q.line(e, previous)
	q.trim()
	q.tidy()
	q.signal()
	return nil
}

// Reject counts a value that was read and does not become a reading. One
// within the deadband is not false: the reading before it stands for it.
func (q *Queue) Reject(sensor, quantity string, reason sensors.Reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.account.Read++
	if reason == sensors.Deadband {
		q.account.Superseded++
		return
	}
	q.account.Rejected[reason]++
}

// awaitRoom waits until there is a place, ctx ends or the queue is closed.
func (q *Queue) awaitRoom(ctx context.Context) error {
	for q.Overflow == Block && q.crowded() {
		freed := q.freed
		var expiry <-chan time.Time // of those before it
		if q.MaxAge > 0 {
			expiry = time.After(max(q.MaxAge/10, time.Second))
		}
		q.mu.Unlock()
		select {
		case <-freed:
		case <-expiry:
		case <-ctx.Done():
		case <-q.open.Done():
		}
		q.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if q.open.Err() != nil {
			return errClosed
		}
	}
	return nil
}

// Close ends acceptance. What is queued can still be delivered.
func (q *Queue) Close() {
	q.closer()
	q.signal()
}

// Closed is closed by Close.
func (q *Queue) Closed() <-chan struct{} { return q.open.Done() }

// Ready receives when there may be something new for Next.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// Account returns what has become of the readings so far.
func (q *Queue) Account() Account {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.account.clone()
}

func (q *Queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}
