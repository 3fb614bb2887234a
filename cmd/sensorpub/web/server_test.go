package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// However a client behaves, it does not keep its connection.
func TestSlowClientsAreDropped(t *testing.T) {
	for _, c := range []struct {
		name, send string
		within     time.Duration
	}{
		{"says nothing", "", requestWithin},
		{"sends half a header", "GET / HTTP/1.1\r\nHo", requestWithin},
		{"announces a body and does not send it", "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n", requestWithin},
		{"sends half a chunk", "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n", requestWithin},
		{"keeps the connection", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", idleFor},
		{"sends too long a header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 30_000), requestWithin},
	} {
		t.Run(c.name, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T, s serving) {
				start := time.Now()
				conn := s.dial()
				go io.WriteString(conn, c.send)
				_, err := io.ReadAll(conn)
				if took := time.Since(start); err != nil || took > c.within+time.Second {
					t.Errorf("got %v after %v, want the end within %v", err, took, c.within)
				}
			})
		})
	}
}

func TestOptionsOfTheServerAreRefused(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		conn := s.dial()
		io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if b, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 405 ") {
			t.Errorf("got %s, %v", b, err)
		}
	})
}

func TestAClientThatDoesNotReadItsAnswerIsDropped(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		conn := s.dial()
		fmt.Fprint(conn, "GET /app.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
		time.Sleep(answerWithin + time.Second)
		if b, err := io.ReadAll(conn); len(b) > 5000 || err != nil {
			t.Errorf("got %d bytes and %v, want the end", len(b), err)
		}
	})
}

func TestConnectionsAreLimited(t *testing.T) {
	inFakeTime(t, func(t *testing.T, s serving) {
		var open []net.Conn
		for range maxConnections {
			open = append(open, s.dial())
		}
		waited := make(chan time.Duration)
		go func() {
			start := time.Now()
			s.dial().Close()
			waited <- time.Since(start)
		}()
		time.Sleep(time.Second)
		open[3].Close()
		if got := <-waited; got != time.Second {
			t.Errorf("one more was accepted after %v, want when another was closed", got)
		}
		for _, c := range open {
			c.Close()
		}
	})
}

// The port may be in use, or its address not there yet.
func TestListeningIsTriedAgainAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s, _ := serverOf(well())
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		n, tries := newPipeNet(), 0
		s.Listen = func(context.Context) (net.Listener, error) {
			if tries++; tries < 4 {
				return nil, errors.New("address already in use")
			}
			return n, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			s.Run(ctx)
			close(ended)
		}()
		time.Sleep(35 * time.Second)
		n.dial().Close()
		cancel()
		<-ended
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], `level=ERROR msg="cannot serve the page" cause="address already in use"`) ||
			!strings.Contains(lines[1], `msg="serving the page" url=http://192.168.1.5:9110/`) {
			t.Errorf("got %q", lines)
		}
	})
}

func TestURLOfThePage(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"127.0.0.1:9110": "http://127.0.0.1:9110/", "[::1]:80": "http://[::1]:80/",
		"0.0.0.0:9110": "http://" + host + ":9110/", "[::]:9110": "http://" + host + ":9110/",
	} {
		if got := pageURL(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(at))); got != want {
			t.Errorf("%s: got %s, want %s", at, got, want)
		}
	}
}
