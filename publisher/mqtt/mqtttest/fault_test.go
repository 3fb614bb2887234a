package mqtttest

import (
	"bytes"
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"
)

// exchange publishes n messages with QoS 1 under the ids from 1.
func exchange(c *client, n int) {
	for i := range n {
		c.publish("t", "x", 1, uint16(i+1))
	}
}

func TestAcknowledgementsMisbehave(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		want  []uint16 // ids of the PUBACKs for messages 1 to 8
	}{
		{"answered as usual", On(PUBLISH, Answer), []uint16{1, 2, 3, 4, 5, 6, 7, 8}},
		{"another packet is concerned", On(PINGREQ, Drop), []uint16{1, 2, 3, 4, 5, 6, 7, 8}},
		{"never acknowledged", On(PUBLISH, Drop), nil},
		{"every third lost", Every(3, On(PUBLISH, Drop)), []uint16{1, 2, 4, 5, 7, 8}},
		{"the first two lost", First(2, On(PUBLISH, Drop)), []uint16{3, 4, 5, 6, 7, 8}},
		{"all lost after five", After(5, On(PUBLISH, Drop)), []uint16{1, 2, 3, 4, 5}},
		{"twice", First(2, On(PUBLISH, Twice)), []uint16{1, 1, 2, 2, 3, 4, 5, 6, 7, 8}},
		{"late, in order", On(PUBLISH, Delay(20*time.Millisecond)), []uint16{1, 2, 3, 4, 5, 6, 7, 8}},
		{"a pause", First(1, On(PUBLISH, Pause(20*time.Millisecond))), []uint16{1, 2, 3, 4, 5, 6, 7, 8}},
		{"by chance never", Chance(1, 0, On(PUBLISH, Drop)), []uint16{1, 2, 3, 4, 5, 6, 7, 8}},
		{"by chance always", Chance(1, 1, On(PUBLISH, Drop)), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := Start(t)
			b.Inject(test.fault)
			c := connected(t, b, "a")
			exchange(c, 8)
			if got := c.ids(0x40, len(test.want)); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			b.Await("8 messages", patience, func() bool { return len(b.Messages()) == 8 })
			c.expectSilence()
			acked := slices.Compact(test.want)
			if got := len(b.Acknowledged()); got != len(acked) {
				t.Errorf("got %d acknowledged, want %d", got, len(acked))
			}
		})
	}
}

func TestWrongAcknowledgementsCountForNothing(t *testing.T) {
	b := Start(t)
	c := connected(t, b, "a")
	b.Inject(On(PUBLISH, WrongID))
	c.publish("t", "x", 1, 1)
	if got := c.ids(0x40, 1); got[0] == 1 {
		t.Errorf("got the right id 1")
	}
	b.Inject(On(PUBLISH, As(PUBCOMP)))
	c.publish("t", "x", 1, 2)
	c.expect(0x70, 2, 0, 2)
	b.Inject(On(PUBLISH, As(PUBREC)))
	c.publish("t", "x", 1, 3)
	c.expect(0x50, 2, 0, 3)
	c.send(0x62, 2, 0, 3) // provoked by the broker, so not a violation
	c.expect(0x70, 2, 0, 3)
	if n := len(b.Acknowledged()); n != 0 {
		t.Errorf("got %d acknowledged, want 0", n)
	}
	b.Inject()
	c.publish("t", "x", 1, 4)
	c.expect(0x40, 2, 0, 4)
}

func TestConnectIsRefused(t *testing.T) {
	for _, code := range []byte{1, 2, 3, 4, 5, 6, 128, 255} {
		b := Start(t)
		b.Inject(On(CONNECT, Connack(code)))
		c := dial(t, b.Addr)
		c.send(connect("a")...)
		c.expect(0x20, 2, 0, code)
		if err := c.expectEnd(); err != nil {
			t.Errorf("code %d: got %v, want an ordinary end", code, err)
		}
		if end := awaitEnd(b, 1); end.Reason != ClosedByBroker {
			t.Errorf("code %d: got %q, want %q", code, end.Reason, ClosedByBroker)
		}
		b.Inject()
		connected(t, b, "a")
	}
}

func TestPublishingAfterARefusalIsAViolation(t *testing.T) {
	b := Start(&witness{TB: t})
	b.Inject(On(CONNECT, Bytes(0x20, 2, 0, 128)))
	c := dial(t, b.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 128)
	c.publish("t", "x", 1, 1)
	b.Await("a violation", patience, func() bool { return len(b.Violations()) == 1 })
	if got, want := b.Violations()[0], "connection 1: PUBLISH: the CONNACK was a refusal"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, ok := b.Retained("t"); ok {
		t.Error("the message was taken over")
	}
}

func TestNoConnackMeansNoConnection(t *testing.T) {
	b := Start(t)
	b.Inject(On(CONNECT, Drop))
	c := dial(t, b.Addr)
	c.send(connect("a")...)
	c.publish("t", "x", 1, 1)
	b.Await("the message", patience, func() bool { return len(b.Messages()) == 1 })
	c.expectSilence()
	if _, ok := b.Retained("t"); ok || len(b.Acknowledged()) > 0 {
		t.Error("the message was taken over")
	}
}

func TestGarbageIsTheSameForTheSameSeed(t *testing.T) {
	read := func(fault Fault, n int) []byte {
		b := Start(t)
		b.Inject(fault)
		c := dial(t, b.Addr)
		c.send(connect("a")...)
		got := make([]byte, n)
		for i := range got {
			raw, err := c.r.ReadByte()
			if err != nil {
				t.Fatal(err)
			}
			got[i] = raw
		}
		return got
	}
	accept := read(On(ACCEPT, Garbage(1, 64)), 64)
	if again := read(On(ACCEPT, Garbage(1, 64)), 64); !bytes.Equal(accept, again) {
		t.Errorf("got % x and % x for one seed", accept, again)
	}
	if other := read(On(CONNECT, Garbage(2, 64)), 64); bytes.Equal(accept, other) {
		t.Error("got the same for two seeds")
	}
	between := read(On(CONNECT, Then(Answer, Garbage(1, 64))), 68)
	if !bytes.Equal(between[:4], []byte{0x20, 2, 0, 0}) || !bytes.Equal(between[4:], accept) {
		t.Errorf("got % x, want CONNACK and the garbage", between)
	}
}

func TestConnectionsAreEndedByTheBroker(t *testing.T) {
	b := Start(t)
	b.Inject(Every(3, On(PUBLISH, Then(Answer, Close))))
	c := connected(t, b, "a")
	exchange(c, 3)
	c.ids(0x40, 3)
	if err := c.expectEnd(); err != nil {
		t.Errorf("got %v, want an ordinary end", err)
	}
	b.Inject(On(PUBLISH, Reset))
	c = connected(t, b, "a")
	exchange(c, 1)
	if err := c.expectEnd(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	if got := b.Ends(); got[0].Reason != ClosedByBroker || got[1].Reason != ResetByBroker {
		t.Errorf("got ends %+v", got)
	}
}

func TestAnnouncedAndPushedPackets(t *testing.T) {
	b := Start(t)
	b.Inject(On(CONNECT, Then(Answer, Push(Message{Topic: "x", Payload: []byte("y"), QoS: 1}), Announce(256<<20))))
	c := connected(t, b, "a")
	id := c.expectMessage(0x32, "x", "y")
	c.send(ack(PUBACK, id)...)
	c.expect(0x30, 0xff, 0xff, 0xff, 0x7f)
}

func TestABrokerThatStopsReadingShutsTheWindow(t *testing.T) {
	b := Start(t)
	b.Inject(On(PUBLISH, StopReading))
	c := connected(t, b, "a")
	c.publish("t", "x", 1, 1)
	_ = c.nc.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	junk := make([]byte, 1<<20)
	for range 64 {
		if _, err := c.nc.Write(junk); err != nil {
			var timeout net.Error
			if !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("got %v, want a timeout", err)
			}
			return
		}
	}
	t.Error("64 MiB were taken")
}

func TestPingsAreNotAnswered(t *testing.T) {
	b := Start(t)
	b.Inject(On(PINGREQ, Drop))
	c := connected(t, b, "a")
	c.send(0xc0, 0)
	c.expectSilence()
	b.Inject()
	c.send(0xc0, 0)
	c.expect(0xd0, 0)
}

func TestAFrozenBrokerGoesOnWhereItStopped(t *testing.T) {
	b := Start(t)
	c := connected(t, b, "a")
	b.Freeze()
	c.publish("t", "x", 1, 1)
	other := dial(t, b.Addr)
	other.send(connect("b")...)
	c.expectSilence()
	other.expectSilence()
	if n := len(b.Messages()); n != 0 {
		t.Errorf("got %d messages while frozen, want 0", n)
	}
	b.Thaw()
	c.expect(0x40, 2, 0, 1)
	other.expect(0x20, 2, 0, 0)
	b.Freeze()
	c.publish("t", "x", 1, 2)
	b.Kill()
	if n := len(b.Messages()); n != 1 {
		t.Errorf("got %d messages, want 1", n)
	}
}

func TestABrokerMayKillItselfInAnAction(t *testing.T) {
	b := Start(t)
	b.Inject(On(PUBLISH, func(*Conn, []byte) { b.Kill() }))
	c := connected(t, b, "a")
	exchange(c, 1)
	_ = c.expectEnd()
	if end := awaitEnd(b, 1); end.Reason != Killed {
		t.Errorf("got %q, want %q", end.Reason, Killed)
	}
}

func TestWaitGivesUp(t *testing.T) {
	b := Start(t)
	start := time.Now()
	if b.Wait(30*time.Millisecond, func() bool { return false }) || time.Since(start) < 30*time.Millisecond {
		t.Errorf("got an answer after %v", time.Since(start))
	}
}
