package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
)

// serving is a server that serves and watches in fake time.
type serving struct {
	*pipeNet
	*Server
	*source
}

// inFakeTime runs a test with a server.
func inFakeTime(t *testing.T, f func(t *testing.T, s serving)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := newPipeNet()
		server, src := serverOf(well())
		server.Listen = func(context.Context) (net.Listener, error) { return n, nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- server.Run(ctx) }()
		go func() { ended <- server.Watch(ctx) }()
		f(t, serving{n, server, src})
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// ask sends a request and returns the connection, to be read.
func (s serving) ask(path string) (net.Conn, *bufio.Reader) {
	c := s.dial()
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	return c, bufio.NewReader(c)
}

// nextEvent returns the next event or comment from a chunked stream.
func nextEvent(r *bufio.Reader) (text string) {
	for {
		l, err := r.ReadString('\n')
		if err != nil {
			return text + err.Error()
		}
		l = strings.TrimRight(l, "\r\n")
		if len(l) > 200 {
			l = l[:200]
		}
		switch {
		case strings.HasPrefix(l, "event: "), strings.HasPrefix(l, "data: "), strings.HasPrefix(l, ": "), strings.HasPrefix(l, "retry: "):
			text += l + "\n"
		case l == "" && text != "" && !strings.HasSuffix(text, "retry: 3000\n"):
			return text
		}
	}
}

func TestEventsAreTheStatusAndThenWhatChanges(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		start := time.Now()
		c, r := s.ask("/events")
		if got, want := nextEvent(r), `event: status`+"\n"+`data: {"node":"garden-pi","version":"1.2.3",`; !strings.Contains(got, want) || !strings.Contains(got, "retry: 3000\n") {
			t.Errorf("got %q first, want %q", got, want)
		}
		s.set(func(n *daemon.Snapshot) { n.Capacity = 7 })
		want := "event: change\ndata: {\"now\":\"2026-01-02T12:00:00.005Z\",\"queue\":{\"waiting\":3,\"capacity\":7}}\n"
		if got := nextEvent(r); got != want || time.Since(start) > 2*time.Second {
			t.Errorf("got %q after %v, want %q within 2s", got, time.Since(start), want)
		}
		quiet := time.Now()
		if got := nextEvent(r); got != "event: alive\ndata: {}\n" || time.Since(quiet) != aliveEvery {
			t.Errorf("got %q after %v of silence", got, time.Since(quiet))
		}
		c.Close()
		time.Sleep(time.Minute)
		if !s.hub.empty() {
			t.Error("the client is gone and not forgotten")
		}
	})
}

// A phone in a pocket keeps its connection and reads nothing.
func TestAClientThatDoesNotReadIsDropped(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		c, r := s.ask("/events")
		nextEvent(r)
		for i := range 60 {
			s.set(func(n *daemon.Snapshot) { n.Capacity = i })
			time.Sleep(time.Second)
		}
		if !s.hub.empty() {
			t.Error("the client is still served")
		}
		if _, err := io.ReadAll(c); err != nil && err != io.ErrClosedPipe {
			t.Errorf("got %v, want the end of the connection", err)
		}
	})
}

func TestTooManyPagesLeaveRoomForOthers(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		for range maxClients {
			c, r := s.ask("/events")
			defer c.Close()
			nextEvent(r)
		}
		c, r := s.ask("/events")
		defer c.Close()
		if l, _ := r.ReadString('\n'); l != "HTTP/1.1 503 Service Unavailable\r\n" {
			t.Errorf("got %q, want 503", l)
		}
		d, r := s.ask("/healthz")
		defer d.Close()
		if l, _ := r.ReadString('\n'); l != "HTTP/1.1 200 OK\r\n" {
			t.Errorf("got %q, want 200", l)
		}
	})
}

func TestHeadOfEventsEnds(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		c := s.dial()
		defer c.Close()
		fmt.Fprint(c, "HEAD /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		b, err := io.ReadAll(c)
		if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 200 OK\r\n") || !strings.Contains(string(b), "text/event-stream") {
			t.Errorf("got %s, %v", b, err)
		}
	})
}
