package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	liveTopic    = "temperature/outside"
	historyTopic = "history/temperature/outside"
)

// outages is a daemon that reads ten times a second and publishes through a
// relay to a broker that is killed again and again. The value of each reading
// is its sequence number.
type outages struct {
	t      *testing.T
	broker *mosquitto
	relay  *relay
	daemon *process
	late   int // readings by which the retained one may lag behind the newest
}

// startOutages starts with a relay that delays the acknowledgements, so that
// some readings are under way whenever the broker dies.
func startOutages(t *testing.T, backlog string, delay time.Duration) *outages {
	t.Helper()
	o := &outages{t: t, late: 1, broker: startMosquitto(t)}
	o.relay = newRelay(t, o.broker.addr)
	o.relay.delay = delay
	o.relay.start()
	values := make([]string, 5000)
	for i := range values {
		values[i] = strconv.Itoa(i + 1)
	}
	o.daemon = startDaemon(t, brokerConfig("mqtt://"+o.relay.addr)+
		fmt.Sprintf("[publish]\nencoding = \"json\"\nprecision = 0\n[queue]\nbacklog = %q\n", backlog)+
		sensor("outside", `interval = "100ms"`, "options = { values = ["+strings.Join(values, ", ")+"] }"), "--log-level", "debug")
	o.awaitLink(0)
	return o
}

// between returns a random time.
func between(least, most time.Duration) time.Duration {
	return least + rand.N(most-least)
}

// run kills the broker n times.
func (o *outages) run(n int) {
	o.t.Helper()
	for range n {
		link := o.lastLink()
		o.broker.kill()
		time.Sleep(between(300*time.Millisecond, 2*time.Second))
		o.broker.restart()
		up := time.Now().Add(between(300*time.Millisecond, 2*time.Second))
		o.awaitLink(link)
		for first := true; first || time.Now().Before(up); first = false {
			o.checkRetained()
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// lastLink returns the number of the last connection.
func (o *outages) lastLink() int {
	o.relay.mu.Lock()
	defer o.relay.mu.Unlock()
	return o.relay.links
}

// awaitLink waits until a reading is acknowledged on a later connection.
func (o *outages) awaitLink(link int) {
	o.t.Helper()
	o.await("a reading with a PUBACK", func(all []passage) bool {
		for i := len(all) - 1; i >= 0 && all[i].link > link; i-- {
			if all[i].topic == liveTopic && all[i].acked {
				return true
			}
		}
		return false
	})
}

// await waits for what the relay has seen.
func (o *outages) await(what string, seen func([]passage) bool) {
	o.t.Helper()
	timeout := time.After(patience)
	for {
		all, changed := o.relay.now()
		if seen(all) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			o.t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

var readLine = regexp.MustCompile(`DEBUG read sensor=outside quantity=temperature value=(\d+)\n`)

// newest returns the sequence number of the newest reading.
func (o *outages) newest() (n int) {
	text := o.daemon.stderr.String()
	if found := readLine.FindAllStringSubmatch(text[max(0, len(text)-1000):], -1); found != nil {
		n, _ = strconv.Atoi(found[len(found)-1][1])
	}
	return n
}

// checkRetained checks that a new subscriber gets the newest reading, or one
// that was the newest just now.
func (o *outages) checkRetained() {
	o.t.Helper()
	newest := o.newest()
	got, there := retained(o.t, o.broker.addr, liveTopic)[liveTopic]
	if !there {
		o.t.Errorf("nothing is retained after %d readings", newest)
	} else if n := seqOf(o.t, got.payload).number; n < newest-o.late {
		o.t.Errorf("got %d retained, want %d, the newest, or at most %d before", n, newest, o.late)
	}
}

// stop stops the daemon and returns its account and what it has published,
// by topic.
func (o *outages) stop() (a account, live, history []published) {
	o.t.Helper()
	a = o.daemon.stop()
	all, _ := o.relay.now()
	for _, p := range all {
		if p.topic == statusTopic {
			continue
		}
		s := published{passage: p, seq: seqOf(o.t, p.payload).number}
		if want := fmt.Sprintf(`{"value":%d.0,`, s.seq); !strings.HasPrefix(p.payload, want) {
			o.t.Errorf("got %v, want the value of its seq", p.message)
		}
		switch p.topic {
		case liveTopic:
			live = append(live, s)
		case historyTopic:
			history = append(history, s)
		default:
			o.t.Errorf("got %v, want another topic", p.message)
		}
	}
	o.t.Logf("%d connections; %d readings in %d messages, %d live and %d history; %+v",
		o.lastLink(), a.read, len(live)+len(history), len(live), len(history), a)
	return a, live, history
}
