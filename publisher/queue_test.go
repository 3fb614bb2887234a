package publisher

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sensorpub/sensors"
)

// newTestQueue has a retained stream "a" and "b" at QoS 1.
func newTestQueue(capacity int, overflow, backlog string) *Queue {
	return NewQueue(testRoutes("a", "b"), Limits{capacity, overflow, backlog, 0})
}

func testRoutes(names ...string) []Route {
	var routes []Route
	for _, n := range names {
		routes = append(routes, Route{
			Sensor: n, Quantity: "temperature", Topic: "temperature/" + n,
			Encoder: Text{2}, History: JSON{"node", 2}, QoS: 1, Retain: true,
		})
	}
	return routes
}

// put accepts, if there is room, one reading for each name.
func put(t *testing.T, q *Queue, names ...string) {
	t.Helper()
	for _, n := range names {
		r := sensors.Reading{Sensor: n, Quantity: "temperature", Value: 20, Time: time.Now()}
		if err := q.Put(t.Context(), r); err != nil && !errors.Is(err, sensors.ErrNoRoom) {
			t.Fatal(err)
		}
	}
	balanced(t, q)
}

func balanced(t *testing.T, q *Queue) {
	t.Helper()
	if err := q.Account().Check(); err != nil {
		t.Fatal(err)
	}
}

// next takes up to n deliveries and returns them, and how they look.
func next(q *Queue, n int) (ds []Delivery, look string) {
	var words []string
	for range n {
		d, ok := q.Next(true)
		if !ok {
			break
		}
		ds, words = append(ds, d), append(words, word(d))
	}
	return ds, strings.Join(words, " ")
}

// word returns how a delivery looks: sensor, number, "r" if retained, "h" if for
// history.
func word(d Delivery) string {
	w := fmt.Sprint(d.Reading.Sensor, d.Reading.Seq)
	if d.Retain {
		w += "r"
	}
	if d.History {
		w += "h"
	}
	return w
}

func ack(q *Queue, ds []Delivery) {
	for _, d := range ds {
		q.Ack(d)
	}
}

// expect takes and acknowledges everything and compares it.
func expect(t *testing.T, q *Queue, want string) {
	t.Helper()
	ds, got := next(q, 1000)
	ack(q, ds)
	balanced(t, q)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReadingsGoOutOnceInOrderWhileConnected(t *testing.T) {
	for _, backlog := range []string{Replay, Latest, History} {
		q := newTestQueue(10, DropOldest, backlog)
		q.Connected()
		put(t, q, "a", "b", "a", "a")
		expect(t, q, "a1r b1r a2r a3r")
		put(t, q, "b")
		expect(t, q, "b2r")
		if a := q.Account(); a.Acknowledged != 5 || a.Queued != 0 {
			t.Errorf("%s: got %v, want 5 acknowledged", backlog, a)
		}
	}
}

func TestWhatAnOutageLeft(t *testing.T) {
	cases := []struct {
		name, backlog string
		offline       []string
		want          string
		account       string
	}{
		{
			"replay sends the newest, then all but it without retain, then it once more", Replay,
			[]string{"a", "b", "a", "a"},
			"a3r b1r a1 a2 a3r",
			"read 4 = acknowledged 4 + superseded 0 + rejected 0 + dropped 0 + queued 0",
		},
		{
			"latest sends the newest only", Latest,
			[]string{"a", "b", "a", "a"},
			"a3r b1r",
			"read 4 = acknowledged 2 + superseded 2 + rejected 0 + dropped 0 + queued 0",
		},
		{
			"history sends the rest to history", History,
			[]string{"a", "b", "a", "a"},
			"a3r b1r a1h a2h",
			"read 4 = acknowledged 4 + superseded 0 + rejected 0 + dropped 0 + queued 0",
		},
		{
			"a single reading goes out once", Replay,
			[]string{"a"},
			"a1r",
			"read 1 = acknowledged 1 + superseded 0 + rejected 0 + dropped 0 + queued 0",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			q := newTestQueue(10, DropOldest, c.backlog)
			put(t, q, c.offline...)
			q.Connected()
			expect(t, q, c.want)
			if got := q.Account().String(); got != c.account {
				t.Errorf("got  %s\nwant %s", got, c.account)
			}
		})
	}
}

func TestNewestGoesOutOnEveryConnection(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "b")
	q.Connected()
	expect(t, q, "a1r b1r")
	q.Lost()
	q.Connected()
	expect(t, q, "a1r b1r") // a broker that lost its store heals
	if a := q.Account(); a.Acknowledged != 2 {
		t.Errorf("got %v, want each counted once", a)
	}
}

func TestWithoutRetainNothingIsSentAgain(t *testing.T) {
	routes := testRoutes("a")
	routes[0].Retain = false
	q := NewQueue(routes, Limits{10, DropOldest, Replay, 0})
	put(t, q, "a")
	q.Connected()
	expect(t, q, "a1")
	q.Lost()
	q.Connected()
	expect(t, q, "")
}

func TestUnacknowledgedReadingsComeAgain(t *testing.T) {
	cases := []struct{ backlog, want string }{
		{Replay, "a3r a2 a3r"},
		{Latest, "a3r"},
		{History, "a3r a2h"},
	}
	for _, c := range cases {
		q := newTestQueue(10, DropOldest, c.backlog)
		q.Connected()
		put(t, q, "a", "a", "a")
		ds, _ := next(q, 3)
		ack(q, ds[:1])
		q.Lost()
		balanced(t, q)
		q.Connected()
		expect(t, q, c.want)
	}
}

func TestLiveReadingsDoNotWaitForTheBacklog(t *testing.T) {
	cases := []struct{ backlog, first, rest string }{
		{Replay, "a3r a1", "a4r a2 a4r"},
		{History, "a3r a1h", "a4r a2h"},
	}
	for _, c := range cases {
		q := newTestQueue(10, DropOldest, c.backlog)
		put(t, q, "a", "a", "a")
		q.Connected()
		ds, got := next(q, 2)
		if got != c.first {
			t.Errorf("%s: got %s, want %s", c.backlog, got, c.first)
		}
		put(t, q, "a")
		ack(q, ds)
		expect(t, q, c.rest)
	}
}

func TestTheNewestComesAgainOnlyAfterOlderOnes(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "b", "b")
	q.Connected()
	ds, got := next(q, 2)
	if got != "a1r b2r" {
		t.Errorf("got %s, want a1r b2r", got)
	}
	put(t, q, "a", "b")
	ack(q, ds)
	expect(t, q, "a2r b3r b1 b3r")
}

func TestReadingBeforeTheAnnouncementReplacesIt(t *testing.T) {
	cases := []struct{ backlog, want string }{
		{Replay, "a3r a1 a2 a3r"},
		{Latest, "a3r"},
		{History, "a3r a1h a2h"},
	}
	for _, c := range cases {
		q := newTestQueue(10, DropOldest, c.backlog)
		put(t, q, "a", "a")
		q.Connected()
		put(t, q, "a")
		expect(t, q, c.want)
	}
}

func TestTheNewestDoesNotGoToHistory(t *testing.T) {
	q := newTestQueue(10, DropOldest, History)
	put(t, q, "a", "a", "a")
	q.Connected()
	ds, got := next(q, 1)
	if got != "a3r" {
		t.Errorf("got %s, want a3r", got)
	}
	ack(q, ds)
	q.Lost()
	q.Connected()
	expect(t, q, "a3r a1h a2h")
}

func TestBacklogThatWasCutShortEndsOnTheNewest(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "a", "a")
	q.Connected()
	ds, _ := next(q, 1) // the newest is acknowledged, then the connection breaks
	ack(q, ds)
	q.Lost()
	q.Connected()
	expect(t, q, "a3r a1 a2 a3r")
}

// The newest reading was acknowledged, but when it was sent once more after an
// older one it was lost. It comes again even without retain.
func TestLossOfTheLastMessageIsMadeGood(t *testing.T) {
	routes := testRoutes("a")
	routes[0].Retain = false
	q := NewQueue(routes, Limits{10, DropOldest, Replay, 0})
	put(t, q, "a", "a")
	q.Connected()
	ds, _ := next(q, 3)
	ack(q, ds[:2])
	q.Lost()
	q.Connected()
	expect(t, q, "a2")
	q.Lost()
	q.Connected()
	expect(t, q, "")
}

// Where no connection lasts for long, each gets further than the one before.
func TestWhatWaitsGoesFirst(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "b")
	for _, want := range []string{"a1r", "b1r", "a1r"} {
		q.Connected()
		ds, got := next(q, 1)
		ack(q, ds)
		q.Lost()
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestWhatWentFirstDoesNotComeAgain(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "a", "a")
	q.Connected()
	ds, _ := next(q, 2) // the newest, and the first of the backlog
	ack(q, ds)
	q.Lost() // before the newest went once more
	put(t, q, "a")
	q.Connected()
	expect(t, q, "a4r a2 a4r")
	if a := q.Account(); a.Acknowledged != 4 || a.Queued != 0 {
		t.Errorf("got %v, want each counted once", a)
	}
	q.Lost()
	q.Connected()
	expect(t, q, "a4r")
}

func TestRejectedReadingsAreInTheAccount(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.CRC})
	q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.PowerOn})
	q.Reject("b", "temperature", &sensors.Rejection{Reason: sensors.CRC})
	balanced(t, q)
	want := "read 3 = acknowledged 0 + superseded 0 + rejected 3 (crc 2, power-on 1) + dropped 0 + queued 0"
	if got := q.Account().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSentAtQoS0IsNotCalledAcknowledged(t *testing.T) {
	routes := testRoutes("a")
	routes[0].QoS = 0
	q := NewQueue(routes, Limits{10, DropOldest, Replay, 0})
	q.Connected()
	put(t, q, "a")
	expect(t, q, "a1r")
	want := "read 1 = acknowledged 0 + sent at QoS 0 1 + superseded 0 + rejected 0 + dropped 0 + queued 0"
	if got := q.Account().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
