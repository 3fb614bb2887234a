package mqtttest

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestBrokerRecordsAConversationByteByByte(t *testing.T) {
	b := Start(t)
	c := dial(t, b.Addr)
	// Every byte written out by hand, from the tables of MQTT 3.1.1.
	c.send(0x10, 0x24, 0, 4, 'M', 'Q', 'T', 'T', 4, 0xee, 0, 10,
		0, 2, 'i', 'd', 0, 3, 'w', '/', 's', 0, 7, 'o', 'f', 'f', 'l', 'i', 'n', 'e',
		0, 2, 'm', 'e', 0, 2, 'p', 'w')
	c.expect(0x20, 2, 0, 0)
	c.send(0x33, 0x09, 0, 3, 't', '/', 'o', 0, 7, '2', '8')
	c.expect(0x40, 2, 0, 7)
	c.send(0xc0, 0)
	c.expect(0xd0, 0)
	c.send(0xe0, 0)
	_ = c.nc.Close()

	if end := awaitEnd(b, 1); end.Reason != Disconnected || end.Conn != 1 {
		t.Errorf("got end %+v, want %s", end, Disconnected)
	}
	got := b.Connects()[0]
	if got.ClientID != "id" || got.Username != "me" || got.Password != "pw" || !got.CleanSession ||
		got.KeepAlive != 10*time.Second || got.Level != 4 || got.Protocol != "MQTT" {
		t.Errorf("got CONNECT %+v", got)
	}
	if w := got.Will; w == nil || w.Topic != "w/s" || string(w.Payload) != "offline" || w.QoS != 1 || !w.Retain {
		t.Errorf("got will %+v", w)
	}
	m := b.Messages()[0]
	if m.Topic != "t/o" || string(m.Payload) != "28" || m.QoS != 1 || !m.Retain || m.Dup || m.ID != 7 || m.Conn != 1 {
		t.Errorf("got message %+v", m)
	}
	if acked := b.Acknowledged(); len(acked) != 1 || acked[0].Seq != 0 {
		t.Errorf("got acknowledged %+v, want message 0", acked)
	}
	want := []Type{ACCEPT, CONNECT, PUBLISH, PINGREQ, DISCONNECT}
	for i, p := range b.Packets() {
		if i >= len(want) || p.Type != want[i] || p.At.IsZero() {
			t.Errorf("packet %d: got %v at %v, want %v", i, p.Type, p.At, want)
		}
	}
	if len(b.Wills()) != 0 {
		t.Errorf("got wills %+v after DISCONNECT, want none", b.Wills())
	}
}

func TestKillResetsAndStartReturnsWithTheRetainedMessages(t *testing.T) {
	b := Start(t)
	addr := b.Addr
	c := connected(t, b, "a")
	c.publish("t", "1", 1, 1)
	c.expect(0x40, 2, 0, 1)

	b.Kill()
	if err := c.expectEnd(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	if _, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want connection refused", err)
	}
	if end := awaitEnd(b, 1); end.Reason != Killed {
		t.Errorf("got %q, want %q", end.Reason, Killed)
	}

	if b.Start(t); b.Addr != addr {
		t.Errorf("got address %s, want %s", b.Addr, addr)
	}
	c = connected(t, b, "a")
	if got, ok := b.Retained("t"); !ok || string(got) != "1" {
		t.Errorf("got retained %q, %v, want 1", got, ok)
	}
	b.ForgetRetained()
	if got, ok := b.Retained("t"); ok {
		t.Errorf("got retained %q after ForgetRetained, want none", got)
	}
	b.Stop()
	if err := c.expectEnd(); err != nil {
		t.Errorf("got %v, want an ordinary end", err)
	}
}

func TestFiftyKillsEndFiftyConnections(t *testing.T) {
	b := Start(t)
	for i := range 50 {
		c := connected(t, b, "a")
		c.publish("t", "x", 1, 1)
		b.Kill()
		b.Start(t)
		if n := len(b.Ends()); n != i+1 {
			t.Fatalf("got %d ends after %d kills", n, i+1)
		}
	}
}

func TestAWillIsPublishedUnlessTheClientSaysGoodbye(t *testing.T) {
	b := Start(t)
	will := encode(0x10, []byte("\x00\x04MQTT\x04\x26\x00\x3c"), text("a"), text("status"), text("offline"))
	c := dial(t, b.Addr)
	c.send(will...)
	c.expect(0x20, 2, 0, 0)
	c.publish("status", "online", 1, 1)
	c.expect(0x40, 2, 0, 1)
	_ = c.nc.Close()
	if end := awaitEnd(b, 1); end.Reason != ClosedByClient {
		t.Errorf("got %q, want %q", end.Reason, ClosedByClient)
	}
	if got, _ := b.Retained("status"); string(got) != "offline" {
		t.Errorf("got retained %q, want offline", got)
	}
	if w := b.Wills(); len(w) != 1 || w[0].Conn != 1 {
		t.Errorf("got wills %+v, want one of connection 1", w)
	}
	c = dial(t, b.Addr)
	c.send(will...)
	c.expect(0x20, 2, 0, 0)
	c.send(0xe0, 0)
	if end := awaitEnd(b, 2); end.Reason != Disconnected || len(b.Wills()) != 1 {
		t.Errorf("got %q and %d wills, want %q and no further will", end.Reason, len(b.Wills()), Disconnected)
	}
}

func TestASecondClientWithTheSameIDTakesOver(t *testing.T) {
	b := Start(t)
	first := connected(t, b, "same")
	connected(t, b, "other")
	connected(t, b, "same")
	if end := awaitEnd(b, 1); end.Reason != TakenOver || end.Conn != 1 {
		t.Errorf("got %+v, want connection 1 %q", end, TakenOver)
	}
	_ = first.expectEnd()
}

func TestPipeWorksInABubbleWithFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := (&Broker{Pipe: true}).Start(t)
		b.Inject(On(PUBLISH, Delay(5*time.Second)))
		nc, err := b.Dial(context.Background(), "tcp", "anything:1883")
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(t, nc)
		c.send(connect("a")...)
		c.expect(0x20, 2, 0, 0)
		start := time.Now()
		c.publish("t", "1", 1, 1)
		c.expect(0x40, 2, 0, 1)
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("got PUBACK after %v, want 5 s", got)
		}
		_ = nc.SetDeadline(time.Time{})
		if err := c.expectEnd(); err != nil {
			t.Errorf("got %v, want an end", err)
		}
		if end := b.Ends()[0]; end.Reason != KeepAliveExpired || time.Since(start) != 90*time.Second {
			t.Errorf("got %q after %v, want %q after 90 s", end.Reason, time.Since(start), KeepAliveExpired)
		}
		b.Kill()
		if _, err := b.Dial(context.Background(), "", ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want connection refused", err)
		}
	})
}
