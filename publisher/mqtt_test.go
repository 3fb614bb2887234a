package publisher

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// bubble runs a test in fake time with a broker and a publisher for it.
func bubble(t *testing.T, name string, f func(t *testing.T, b *mqtttest.Broker, r *rig)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := pipeBroker(t)
			f(t, b, newRig(t, b, Replay))
		})
	})
}

func TestEveryQoSIsDelivered(t *testing.T) {
	for qos := range byte(3) {
		bubble(t, fmt.Sprintf("QoS %d", qos), func(t *testing.T, b *mqtttest.Broker, r *rig) {
			for i := range r.queue.ordered {
				r.queue.ordered[i].route.QoS = qos
			}
			r.start()
			r.read("a", 3, time.Second)
			r.stop()
			for _, m := range b.Messages() {
				if m.Topic == "temperature/a" && (m.QoS != qos || !m.Retain) {
					t.Errorf("got %+v, want QoS %d, retained", m, qos)
				}
			}
			if got := values(b.Messages(), "temperature/a"); len(got) != 3 {
				t.Errorf("got %d messages, want 3", len(got))
			}
			if got := values(b.Messages(), "status"); !slices.Equal(got, []string{"online", "offline"}) {
				t.Errorf("status: got %q", got)
			}
			want := "read 3 = acknowledged 3 + superseded 0 + rejected 0 + dropped 0 + queued 0"
			if qos == 0 {
				want = "read 3 = acknowledged 0 + sent at QoS 0 3 + superseded 0 + rejected 0 + dropped 0 + queued 0"
			}
			r.wantAccount(want)
		})
	}
}

func TestNothingIsAcknowledgedWithoutItsAcknowledgement(t *testing.T) {
	on := mqtttest.On
	faults := []struct {
		name  string
		qos   byte
		fault mqtttest.Fault
	}{
		{"the broker never acknowledges", 1, on(mqtttest.PUBLISH, mqtttest.Drop)},
		{"the broker closes the connection instead", 1, on(mqtttest.PUBLISH, mqtttest.Close)},
		{"the broker resets the connection instead", 1, on(mqtttest.PUBLISH, mqtttest.Reset)},
		{"the broker acknowledges another packet identifier", 1, on(mqtttest.PUBLISH, mqtttest.WrongID)},
		{"a PUBCOMP comes where a PUBACK is due", 1, on(mqtttest.PUBLISH, mqtttest.As(mqtttest.PUBCOMP))},
		{"a PUBREC comes where a PUBACK is due", 1, on(mqtttest.PUBLISH, mqtttest.As(mqtttest.PUBREC))},
		{"a PUBACK comes where a PUBREC is due", 2, on(mqtttest.PUBLISH, mqtttest.As(mqtttest.PUBACK))},
		{"a PUBCOMP comes where a PUBREC is due", 2, on(mqtttest.PUBLISH, mqtttest.As(mqtttest.PUBCOMP))},
		{"the PUBCOMP never comes", 2, on(mqtttest.PUBREL, mqtttest.Drop)},
	}
	for _, f := range faults {
		bubble(t, f.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			for i := range r.queue.ordered {
				r.queue.ordered[i].route.QoS = f.qos
			}
			if f.qos == 2 {
				r.pub.Availability = "" // or what is at QoS 1 shows that only QoS 2 fails
			}
			b.Inject(f.fault)
			r.start()
			r.read("a", 60, 10*time.Second)
			r.wantAccount("read 60 = acknowledged 0 + superseded 0 + rejected 0 + dropped 0 + queued 60")
			if n := len(b.Connects()); n < 10 || n > 120 {
				t.Errorf("got %d connections in 10 minutes, want some, but with a pause between them", n)
			}
			if n := len(r.log.Lines("")); n > 16 {
				t.Errorf("got %d log lines, want few:\n%s", n, strings.Join(r.log.Lines(""), ""))
			}
			b.Inject()
			r.read("a", 1, time.Minute)
			r.wantAccount("read 61 = acknowledged 61 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			r.onlyTrue(b)
			r.stop()
		})
	}
}

func TestOddAcknowledgementsAreBorne(t *testing.T) {
	on := mqtttest.On
	faults := []struct {
		name       string
		fault      mqtttest.Fault
		reconnects bool
	}{
		{"each PUBACK comes twice", on(mqtttest.PUBLISH, mqtttest.Twice), false},
		{"PUBACKs come 5 s late", on(mqtttest.PUBLISH, mqtttest.Delay(5*time.Second)), false},
		{"every 7th PUBACK is lost", mqtttest.Every(7, on(mqtttest.PUBLISH, mqtttest.Drop)), true},
	}
	for _, f := range faults {
		bubble(t, f.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			b.Inject(f.fault)
			r.start()
			r.read("a", 100, time.Second)
			b.Inject()
			time.Sleep(time.Minute)
			r.wantAccount("read 100 = acknowledged 100 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			r.onlyTrue(b)
			if n := len(b.Connects()); (n > 1) != f.reconnects {
				t.Errorf("got %d connections, want more than one: %v", n, f.reconnects)
			}
			r.stop()
		})
	}
}

func TestRefusedConnections(t *testing.T) {
	for _, code := range []byte{1, 2, 3, 4, 5, 6, 128, 255} {
		bubble(t, fmt.Sprintf("code %d", code), func(t *testing.T, b *mqtttest.Broker, r *rig) {
			b.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Connack(code)))
			r.start()
			r.read("a", 10, time.Minute)
			r.wantAccount("read 10 = acknowledged 0 + superseded 0 + rejected 0 + dropped 0 + queued 10")
			if lines := r.log.Lines(fmt.Sprintf("code %d", code)); len(lines) != 1 {
				t.Errorf("the log names the code %d times, want once: %q", len(lines), lines)
			}
			limit := 80
			if code == 4 || code == 5 {
				limit = 20 // one in 30 s
			}
			if n := len(b.Connects()); n < 10 || n > limit {
				t.Errorf("got %d attempts in 10 minutes, want 10 to %d", n, limit)
			}
			for _, c := range b.Connects() {
				if c.Level != 4 {
					t.Errorf("got a CONNECT of protocol level %d, want 4 (MQTT 3.1.1) only", c.Level)
				}
			}
			b.Inject()
			r.read("a", 1, time.Minute)
			r.wantAccount("read 11 = acknowledged 11 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			r.stop()
		})
	}
}

func TestBrokenBrokers(t *testing.T) {
	on := mqtttest.On
	type broken struct {
		name  string
		fault mqtttest.Fault
	}
	faults := []broken{
		{"no CONNACK", on(mqtttest.CONNECT, mqtttest.Drop)},
		{"a packet of 256 MiB is announced", on(mqtttest.PUBLISH, mqtttest.Announce(1<<28))},
		{"a PUBLISH that nobody asked for", on(mqtttest.PUBLISH, mqtttest.Push(mqtttest.Message{Topic: "x", Payload: []byte("y")}))},
		{"a SUBACK that nobody asked for", on(mqtttest.PUBLISH, mqtttest.Bytes(0x90, 3, 0, 1, 1))},
		{"a SUBACK with too many codes", on(mqtttest.PUBLISH, mqtttest.Bytes(0x90, 5, 0, 1, 1, 1, 1))},
		{"HTTP", on(mqtttest.ACCEPT, mqtttest.Bytes([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")...))},
		{"no PINGRESP and no PUBACK", func(c *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
			if p.Type == mqtttest.PINGREQ || p.Type == mqtttest.PUBLISH {
				return mqtttest.Drop
			}
			return nil
		}},
		{"the broker stops reading", on(mqtttest.PUBLISH, mqtttest.StopReading)},
	}
	for seed := range uint64(20) {
		faults = append(faults,
			broken{fmt.Sprintf("garbage at accept, seed %d", seed), on(mqtttest.ACCEPT, mqtttest.Garbage(seed, 64))},
			broken{fmt.Sprintf("garbage for CONNACK, seed %d", seed), on(mqtttest.CONNECT, mqtttest.Garbage(seed, 64))},
			broken{
				fmt.Sprintf("garbage between PUBACKs, seed %d", seed),
				mqtttest.Every(3, on(mqtttest.PUBLISH, mqtttest.Then(mqtttest.Answer, mqtttest.Garbage(seed, 64)))),
			})
	}
	for _, f := range faults {
		bubble(t, f.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			b.Inject(f.fault)
			r.start()
			r.read("a", 20, 10*time.Second)
			b.Inject()
			time.Sleep(time.Minute)
			r.wantAccount("read 20 = acknowledged 20 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			if p, _ := b.Retained("temperature/a"); string(p) != "20.0" {
				t.Errorf("got %q retained, want 20.0", p)
			}
			r.stop()
		})
	}
}

func TestBrokerThatStopsIsNoticed(t *testing.T) {
	bubble(t, "frozen for a minute", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		r.read("a", 5, time.Second)
		frozen := time.Now()
		b.Freeze()
		r.read("a", 60, time.Second)
		thawed := time.Now()
		b.Thaw()
		for r.queue.Account().Queued > 0 {
			time.Sleep(100 * time.Millisecond)
		}
		if d := time.Since(thawed); d > 15*time.Second {
			t.Errorf("recovered %v after the broker, want 15 s at most", d)
		}
		lost := r.log.Lines("connection lost")
		if len(lost) != 1 {
			t.Fatalf("got %q, want one loss", lost)
		}
		at := lost[0][len("time="):]
		when, err := time.Parse(time.RFC3339Nano, at[:strings.IndexByte(at, ' ')])
		if err != nil || when.Sub(frozen) > 20*time.Second {
			t.Errorf("noticed after %v (%v), want 20 s at most", when.Sub(frozen), err)
		}
		r.wantAccount("read 65 = acknowledged 65 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		r.stop()
	})
}

func TestBrokerThatComesLate(t *testing.T) {
	bubble(t, "after a minute", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		b.Stop()
		r.start()
		r.read("a", 60, time.Second)
		up := time.Now()
		b.Start(t)
		b.Await("a message", 35*time.Second, func() bool { return len(b.Messages()) > 0 })
		if got := values(b.Messages()[:1], "temperature/a"); len(got) != 1 {
			t.Errorf("first after %v: got %v, want the newest reading", time.Since(up), b.Messages()[0])
		}
		time.Sleep(time.Second)
		r.wantAccount("read 60 = acknowledged 60 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		if n := len(r.log.Lines("")); n > 5 {
			t.Errorf("got %d log lines, want 5 at most: %q", n, r.log.Lines(""))
		}
		r.stop()
	})
}

func TestStopTakesNoLongerThanItMust(t *testing.T) {
	bubble(t, "connected", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		r.read("a", 1, time.Second)
		if d := r.stop(); d > time.Second {
			t.Errorf("took %v, want 1 s at most", d)
		}
		if p, _ := b.Retained("status"); string(p) != "offline" {
			t.Errorf("status is %q, want offline", p)
		}
		if len(b.Wills()) != 0 {
			t.Errorf("the will was published at a clean end: %v", b.Wills())
		}
		synctest.Wait() // for the broker to read it
		if e := b.Ends(); len(e) != 1 || e[0].Reason != mqtttest.Disconnected {
			t.Errorf("got %v, want one DISCONNECT", e)
		}
	})
	bubble(t, "offline", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		b.Stop()
		r.start()
		r.read("a", 5, time.Second)
		if d := r.stop(); d > time.Second {
			t.Errorf("took %v, want 1 s at most", d)
		}
		r.wantAccount("read 5 = acknowledged 0 + superseded 0 + rejected 0 + dropped 0 + queued 5")
	})
	bubble(t, "with a stalled broker", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		r.read("a", 1, time.Second)
		b.Freeze()
		r.read("a", 1, 0)
		if d := r.stop(); d > 12*time.Second {
			t.Errorf("took %v, want 12 s at most", d)
		}
	})
}

func TestWillIsPublishedWhenTheProcessDies(t *testing.T) {
	bubble(t, "without DISCONNECT", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		var conn net.Conn
		r.mqtt.DialContext = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			conn, err = b.Dial(ctx, network, address)
			return conn, err
		}
		r.start()
		r.read("a", 1, time.Second)
		synctest.Wait()
		conn.Close() // as the process has died
		synctest.Wait()
		if w := b.Wills(); len(w) != 1 || w[0].Topic != "status" || string(w[0].Payload) != "offline" || !w[0].Retain || w[0].QoS != 1 {
			t.Errorf("got %+v, want a retained offline at QoS 1", w)
		}
		time.Sleep(10 * time.Second)
		if p, _ := b.Retained("status"); string(p) != "online" {
			t.Errorf("status is %q after the reconnection, want online", p)
		}
		r.stop()
	})
}

func TestFailOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := pipeBroker(t), pipeBroker(t)
		r := newRig(t, first, Replay)
		r.mqtt.URLs = []*url.URL{{Scheme: "mqtt", Host: "first:1883"}, {Scheme: "mqtt", Host: "second:1883"}}
		r.mqtt.DialContext = route(map[string]*mqtttest.Broker{"first:1883": first, "second:1883": second})
		r.start()
		r.read("a", 3, time.Second)
		first.Kill()
		r.read("a", 3, time.Second)
		time.Sleep(15 * time.Second)
		if p, _ := second.Retained("temperature/a"); string(p) != "20.0" || len(second.Connects()) != 1 {
			t.Errorf("the second broker has %q after %d connections", p, len(second.Connects()))
		}
		r.wantAccount("read 6 = acknowledged 6 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		r.stop()
	})
}
