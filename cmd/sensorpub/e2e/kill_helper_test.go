package e2e

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
}

// startOutages starts with a relay that delays acknowledgements, so that some
// readings are in flight whenever the broker dies.
func startOutages(t *testing.T, backlog string, delay time.Duration) *outages {
	t.Helper()
	o := &outages{t: t, broker: startMosquitto(t)}
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

// between returns a random duration.
func between(least, most time.Duration) time.Duration {
	return least + rand.N(most-least)
}

// run kills the broker n times, for two readings at least each time.
func (o *outages) run(n int) {
	o.t.Helper()
	for range n {
		link := o.lastLink()
		o.broker.kill()
		read := o.newest()
		time.Sleep(between(300*time.Millisecond, 2*time.Second))
		o.daemon.stderr.await(o.t, fmt.Sprintf(" value=%d\n", read+2))
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
	o.relay.await("a reading with a PUBACK", func(all []passage) bool {
		for i := len(all) - 1; i >= 0 && all[i].link > link; i-- {
			if all[i].topic == liveTopic && all[i].acked {
				return true
			}
		}
		return false
	})
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

// checkRetained checks that a new subscriber gets nothing older than the newest
// reading that the broker acknowledged, and soon the newest of all. How soon
// depends on the machine: the broker may serve the subscriber before it reads
// what waits at its other socket.
func (o *outages) checkRetained() {
	o.t.Helper()
	newest := o.newest()
	for deadline := time.Now().Add(patience); ; {
		least := o.newestAcked()
		got, there := retained(o.t, o.broker.addr, liveTopic)[liveTopic]
		if !there {
			o.t.Errorf("nothing is retained after %d readings", newest)
			return
		}
		switch n := seqOf(o.t, got.payload).number; {
		case n < least:
			o.t.Errorf("got %d retained, want %d, which the broker has acknowledged, or a newer one", n, least)
			return
		case n >= newest-1: // it is in the log before it is sent
			return
		case time.Now().After(deadline):
			o.t.Errorf("got %d retained for %v, want %d, the newest", n, patience, newest)
			return
		}
	}
}

// newestAcked returns the number of the newest reading that the broker has
// retained and acknowledged on this connection.
func (o *outages) newestAcked() (most int) {
	all, _ := o.relay.now()
	link := 0
	for _, p := range all {
		if p.link > link {
			link, most = p.link, 0
		}
		if p.link == link && p.topic == liveTopic && p.retain && p.acked {
			most = max(most, seqOf(o.t, p.payload).number)
		}
	}
	return most
}

// checkBeginnings checks that each connection begins with the newest reading so
// far: of those logged before the line about the connection, all but perhaps
// the last, because a reading is logged when it is queued.
func (o *outages) checkBeginnings(links [][]published) {
	o.t.Helper()
	newest, link := 0, 0
	for line := range strings.Lines(o.daemon.stderr.String()) {
		if found := readLine.FindStringSubmatch(line); found != nil {
			newest, _ = strconv.Atoi(found[1])
			continue
		}
		if !strings.Contains(line, "connected broker=") {
			continue
		}
		for link < len(links) && len(links[link]) == 0 {
			link++ // one that ended before anything was sent
		}
		if link == len(links) {
			return
		}
		if p := links[link][0]; p.seq < newest {
			o.t.Errorf("connection %d begins with reading %d, want %d", p.link, p.seq, newest)
		}
		link++
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
		if want := fmt.Sprintf(`{"value":%d,`, s.seq); !strings.HasPrefix(p.payload, want) {
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
