package mqtttest

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"
)

func TestProxyPassesAndCounts(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	c := dial(t, p.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	c.send(0xe0, 0)
	_ = c.nc.Close()
	if end := awaitEnd(b, 1); end.Reason != Disconnected {
		t.Errorf("got %q, want %q", end.Reason, Disconnected)
	}
	if up, down := p.Bytes(); up != 17 || down != 4 || p.Accepted() != 1 {
		t.Errorf("got %d up, %d down, %d connections, want 17, 4, 1", up, down, p.Accepted())
	}
}

func TestProxyHandsOnTheTargetsEnd(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	c := dial(t, p.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	b.Kill()
	if err := c.expectEnd(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	// The target refuses; the reset may come while Dial is still at work.
	nc, err := net.Dial("tcp", p.Addr)
	if err == nil {
		err = newClient(t, nc).expectEnd()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
}

func TestProxyResetsAndStops(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	through := func() *client {
		c := dial(t, p.Addr)
		c.send(connect("a")...)
		c.expect(0x20, 2, 0, 0)
		return c
	}
	c := through()
	p.Reset()
	if err := c.expectEnd(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	c = through()
	p.Stop()
	_ = c.expectEnd()
	p.Start(t)
	through()
}

func TestABlackHoleLeavesAHalfOpenConnection(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	c := dial(t, p.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	p.Blackhole()
	c.publish("t", "x", 1, 1)
	other := dial(t, p.Addr)
	other.send(connect("b")...)
	c.expectSilence()
	other.expectSilence()
	p.Pass()
	c.publish("t", "x", 1, 2)
	c.expectSilence()
	other.expectSilence()
	_ = c.nc.Close()
	if n := len(b.Messages()) + len(b.Ends()); n != 0 {
		t.Errorf("got %d messages and ends at the broker, want none", n)
	}
	late := dial(t, p.Addr)
	late.send(connect("c")...)
	late.expect(0x20, 2, 0, 0)
}

func TestAStalledProxyLosesNothing(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	c := dial(t, p.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	p.Stall()
	exchange(c, 3)
	c.expectSilence()
	p.Pass()
	if got := c.ids(0x40, 3); got[2] != 3 {
		t.Errorf("got %v, want 1 to 3", got)
	}
}

func TestProxyCutsInTheMiddleOfAPacket(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	c := dial(t, p.Addr)
	c.send(connect("a")...) // 15 bytes
	c.expect(0x20, 2, 0, 0)
	p.CutAfter(20)
	c.publish("t", "x", 1, 1)
	if err := c.expectEnd(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want a reset connection", err)
	}
	awaitEnd(b, 1)
	if up, _ := p.Bytes(); up != 20 || len(b.Messages()) != 0 {
		t.Errorf("got %d bytes and %d messages, want 20 and 0", up, len(b.Messages()))
	}
}

func TestProxyIsSlow(t *testing.T) {
	b := Start(t)
	p := StartProxy(t, b.Addr)
	p.Latency(40 * time.Millisecond)
	start := time.Now()
	c := dial(t, p.Addr)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	if got := time.Since(start); got < 80*time.Millisecond {
		t.Errorf("got CONNACK after %v, want 80 ms or more", got)
	}
	p.Latency(0)
	p.Limit(2000)
	start = time.Now()
	exchange(c, 40) // 40 messages of 8 bytes at 2000 bytes/s
	c.ids(0x40, 40)
	if got := time.Since(start); got < 120*time.Millisecond {
		t.Errorf("got 320 bytes through in %v, want 120 ms or more", got)
	}
}
