package publisher

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// TestBrokerKilledTwentyTimes reads ten times a second from two sensors while
// the broker is killed and started again, at random moments, and then checks
// all that it has received.
func TestBrokerKilledTwentyTimes(t *testing.T) {
	for _, backlog := range []string{Replay, Latest, History} {
		for _, forgets := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, the broker forgets: %v", backlog, forgets), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { killTwentyTimes(t, backlog, forgets) })
			})
		}
	}
}

func killTwentyTimes(t *testing.T, backlog string, forgets bool) {
	b := pipeBroker(t)
	r := newRig(t, b, backlog).start()
	sensors := []*count{{rig: r, sensor: "a"}, {rig: r, sensor: "b"}}
	tick := func(n int) {
		for range n {
			for _, s := range sensors {
				s.put()
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	for i := range 20 {
		tick(13 + i)
		b.Kill()
		if forgets {
			b.ForgetRetained()
		}
		tick(7 + 3*i)
		connects := len(b.Connects())
		b.Start(t)
		b.Await("the connection", time.Minute, func() bool { return len(b.Connects()) > connects })
		// From here on each topic's retained value is the newest.
		time.Sleep(20 * time.Millisecond)
		for range 5 {
			for _, s := range sensors {
				if p, _ := b.Retained("temperature/" + s.sensor); string(p) != s.newest() {
					t.Errorf("after kill %d: got %s retained at %s, want %s", i, p, s.sensor, s.newest())
				}
			}
			tick(1)
		}
	}
	time.Sleep(time.Minute)
	r.onlyTrue(b)
	r.stop()
	for _, s := range sensors {
		s.check(t, b, backlog)
	}
	a := r.queue.Account()
	if a.Queued != 0 || len(a.Dropped) != 0 || len(a.Rejected) != 0 || (a.Superseded > 0) != (backlog == Latest) {
		t.Errorf("%s: got %v", backlog, a)
	}
}

// check looks at what has reached the broker of one sensor's series.
func (c *count) check(t *testing.T, b *mqtttest.Broker, backlog string) {
	live := values(b.Messages(), "temperature/"+c.sensor)
	history := values(b.Messages(), "history/temperature/"+c.sensor)
	seen := map[string]int{} // where each value stands last
	for i, v := range live {
		seen[v] = i
	}
	for _, h := range history {
		seen[h[len(`{"value":`):strings.IndexByte(h, ',')]] = -1
	}
	last, lost := -1, 0
	for n := 1; n <= c.n; n++ {
		at, ok := seen[fmt.Sprintf("%d.0", n)]
		switch {
		case !ok:
			lost++
		case at >= 0 && at < last:
			t.Fatalf("%s: %d.0 came before an older one for the last time", c.sensor, n)
		case at >= 0:
			last = at
		}
	}
	if lost > 0 && backlog != Latest || lost == 0 && backlog == Latest {
		t.Errorf("%s: %d of %d readings have not arrived", c.sensor, lost, c.n)
	}
	if got := live[len(live)-1]; got != c.newest() {
		t.Errorf("%s: a live subscriber ends on %s, want %s", c.sensor, got, c.newest())
	}
	if (len(history) > 0) != (backlog == History) {
		t.Errorf("%s: %d messages went to history", c.sensor, len(history))
	}
	if extra := len(live) + len(history) - len(seen); extra > 20*16 {
		t.Errorf("%s: %d duplicates, want at most the window at each loss", c.sensor, extra)
	}
}

func TestReplayedReadingsAreNotRetained(t *testing.T) {
	bubble(t, "an outage of ten readings", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		b.Stop()
		r.start()
		a := &count{rig: r, sensor: "a"}
		for range 10 {
			a.put()
		}
		b.Start(t)
		time.Sleep(10 * time.Second)
		r.stop()
		var got []string
		for _, m := range b.Messages() {
			got = append(got, fmt.Sprintf("%s %s %v", m.Topic, m.Payload, m.Retain))
		}
		want := []string{"temperature/a 10.0 true", "status online true"}
		for n := 1; n < 10; n++ {
			want = append(want, fmt.Sprintf("temperature/a %d.0 false", n))
		}
		want = append(want, "temperature/a 10.0 true", "status offline true")
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestLiveReadingsDoNotWaitForAcknowledgementsOfTheBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, History)
		b.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Delay(150*time.Millisecond)))
		a := &count{rig: r, sensor: "a"}
		for range 200 {
			a.put()
		}
		r.start()
		time.Sleep(310 * time.Millisecond) // in the midst of the history
		for range 5 {
			a.put()
			time.Sleep(10 * time.Millisecond)
			if p, _ := b.Retained("temperature/a"); string(p) != a.newest() {
				t.Errorf("got %s retained after 10 ms, want %s", p, a.newest())
			}
			time.Sleep(200 * time.Millisecond)
		}
		if r.queue.Account().Queued == 0 {
			t.Error("the history is through already, so nothing was tested")
		}
		r.stop()
	})
}
