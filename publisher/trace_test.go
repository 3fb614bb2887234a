package publisher

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// decided writes decisions as "1 acknowledged after 2s".
func decided(all []Decision) string {
	var lines []string
	for _, d := range all {
		line := fmt.Sprint(d.Value, " ", d.Fate)
		if d.Reason != "" {
			line += " " + string(d.Reason)
		}
		if d.Detail != "" {
			line += " (" + d.Detail + ")"
		}
		if d.After > 0 {
			line += fmt.Sprint(" after ", d.After)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestDecisionsSayWhatHasBecomeOfEachValue(t *testing.T) {
	deliver := func(q *Queue) {
		q.Connected()
		time.Sleep(2 * time.Second)
		for d, ok := q.Next(true); ok; d, ok = q.Next(true) {
			q.Ack(d)
		}
	}
	lose := func(q *Queue) { q.Lost() }
	tooFew := Limits{2, DropNewest, Replay, 0}
	for _, c := range []struct {
		name   string
		qos    byte
		limits Limits
		steps  []func(q *Queue)
		want   string
	}{
		{"nothing was read", 1, Limits{9, DropOldest, Replay, 0}, nil, ""},
		{"delivered, then waiting", 1, Limits{9, DropOldest, Replay, 0}, []func(*Queue){putOf(1), deliver, putOf(2)}, "1 acknowledged after 2s\n2 queued"},
		{"without an acknowledgement", 0, Limits{9, DropOldest, Replay, 0}, []func(*Queue){putOf(1), deliver}, "1 sent after 2s"},
		{"sent twice", 1, Limits{9, DropOldest, Replay, 0}, []func(*Queue){putOf(1), deliver, lose, deliver}, "1 acknowledged after 2s"},
		{"only the newest is sent", 1, Limits{9, DropOldest, Latest, 0}, []func(*Queue){putOf(1), putOf(2), putOf(3), deliver}, "1 superseded\n2 superseded\n3 acknowledged after 2s"},
		{"there is no room", 1, tooFew, []func(*Queue){putOf(1), putOf(2), putOf(3), deliver}, "1 acknowledged after 2s\n2 acknowledged after 2s\n3 dropped overflow"},
		{"the oldest makes room", 1, Limits{2, DropOldest, Replay, 0}, []func(*Queue){putOf(1), putOf(2), putOf(3)}, "1 dropped overflow\n2 queued\n3 queued"},
		{
			"rejected by the sensor", 1,
			Limits{9, DropOldest, Replay, 0},
			[]func(*Queue){func(q *Queue) {
				q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.CRC, Detail: "4b is not 1c"})
				q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.Deadband, Detail: "close to 20"})
				q.Reject("gone", "temperature", &sensors.Rejection{Reason: sensors.CRC})
			}},
			"0 rejected crc (4b is not 1c)\n0 deadband (close to 20)",
		},
		{"rejected by the encoder", 1, Limits{9, DropOldest, Replay, 0}, []func(*Queue){putOf(1), func(q *Queue) {
			q.Connected()
			d, _ := q.Next(true)
			q.Refuse(d, Encoding)
		}}, "1 rejected encoding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue([]Route{{Sensor: "a", Quantity: "temperature", Topic: "t/a", QoS: c.qos, Retain: true}}, c.limits)
				q.Trace()
				for _, step := range c.steps {
					step(q)
				}
				all, route, found := q.Decisions("t/a")
				if got := decided(all); got != c.want || !found || route.Sensor != "a" {
					t.Errorf("got of %q %v\n%s\nwant\n%s", route.Sensor, found, got, c.want)
				}
			})
		})
	}
}

// putOf puts a reading of sensor a.
func putOf(v float64) func(*Queue) {
	return func(q *Queue) { q.Put(q.open, sensors.Reading{Sensor: "a", Quantity: "temperature", Value: v}) }
}

func TestDecisionsAreBoundedAndKeptOnlyOnRequest(t *testing.T) {
	q := NewQueue([]Route{{Sensor: "a", Quantity: "temperature", Topic: "t/a", QoS: 1}}, Limits{99, DropOldest, Replay, 0})
	putOf(1)(q)
	if all, _, found := q.Decisions("t/a"); len(all) != 0 || !found {
		t.Errorf("got %v, want none", all)
	}
	q.Trace()
	for v := range 20 {
		putOf(float64(v))(q)
	}
	all, _, _ := q.Decisions("t/a")
	if len(all) != traced || all[0].Value != 4 || all[traced-1].Value != 19 {
		t.Errorf("got %s, want 4 to 19", decided(all))
	}
	if _, _, found := q.Decisions("t/b"); found {
		t.Error("got decisions about a topic that nothing publishes to")
	}
	q.Reconfigure(nil, Limits{99, DropOldest, Replay, 0})
	if _, _, found := q.Decisions("t/a"); found {
		t.Error("got decisions about a topic that is no longer configured")
	}
}

func TestDecisionsKnowWhatTheSpoolHasLost(t *testing.T) {
	q := NewQueue([]Route{{Sensor: "a", Quantity: "temperature", Topic: "t/a", QoS: 1}}, Limits{99, DropOldest, Replay, 0})
	q.Trace()
	putOf(1)(q)
	q.log.Settle(1) // as a spool does without a word to the queue
	if all, _, _ := q.Decisions("t/a"); decided(all) != "1 dropped spool" {
		t.Errorf("got %s", decided(all))
	}
}
