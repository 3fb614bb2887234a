package mqtt

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// A hostile server answers a connection with bytes of its own.
type hostile struct {
	scheme string
	serve  func(io.ReadWriter)
}

// client returns a client whose connections lead to the server, through memory.
func (h hostile) client(t *testing.T) *Client {
	u := &url.URL{Scheme: h.scheme, Host: "broker:1883"}
	var own []tls.Certificate
	if Encrypted(u) {
		s := httptest.NewTLSServer(nil)
		t.Cleanup(s.Close)
		own = s.TLS.Certificates
	}
	return &Client{
		Dialer: Dialer{
			ClientID: "test",
			Beat:     func() {},
			TLS:      func() (*tls.Config, error) { return &tls.Config{InsecureSkipVerify: true}, nil },
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				if own != nil {
					server = tls.Server(server, &tls.Config{Certificates: own})
				}
				go func() {
					defer server.Close()
					h.serve(server)
				}()
				return client, nil
			},
		},
		URLs: []*url.URL{u}, Log: slog.New(slog.DiscardHandler),
	}
}

// upgrade reads the request of a WebSocket handshake and returns the header of
// the right answer, but for its last line (RFC 6455, section 1.3).
func upgrade(rw io.Reader) string {
	req, err := http.ReadRequest(bufio.NewReader(rw))
	if err != nil {
		return ""
	}
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]) + "\r\n"
}

// repeat writes a text until the other side has had enough, and returns how
// much it has taken, in bytes.
func repeat(w io.Writer, text string) (taken int) {
	for taken < 100*maxGreeting {
		n, err := io.WriteString(w, text)
		taken += n
		if err != nil {
			break
		}
	}
	return taken
}

func TestWhatIsReadBeforeASessionIsBounded(t *testing.T) {
	const tooMuch = "protocol error: received 32768 bytes without an MQTT packet"
	cases := []struct {
		name          string
		answered      bool // the handshake, well
		begin, repeat string
		want          string
	}{
		{"one header line without end", false, "HTTP/1.1 101 Switching Protocols\r\nX: ", strings.Repeat("b", 1000), tooMuch},
		{"header lines without end", false, "HTTP/1.1 101 Switching Protocols\r\n", "X-1: " + strings.Repeat("b", 100) + "\r\n", tooMuch},
		{"a status line without end", false, "HTTP/1.1 101 ", "Switching ", tooMuch},
		{"interim answers without end", false, "", "HTTP/1.1 100 Continue\r\n\r\n", "websocket: bad handshake"},
		{"a body without end", false, "HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n", strings.Repeat("b", 1000), "websocket: bad handshake"},
		{"the right answer, and a header without end", true, "", "X: y\r\n", tooMuch},
		{"pings without end", true, "\r\n", "\x89\x7d" + strings.Repeat("x", 125), tooMuch},
		{"empty frames without end", true, "\r\n", "\x82\x00", tooMuch},
		{"fragments without end", true, "\r\n\x02\x00", "\x00\x00", tooMuch},
		{"a frame of 2^60 bytes", true, "\r\n", "\x82\x7f\x10\x00\x00\x00\x00\x00\x00\x00", "websocket: read limit exceeded"},
		{"a text frame", true, "\r\n", "\x81\x01x", "protocol error: received a text frame"},
	}
	for _, scheme := range []string{"ws", "wss"} {
		for _, c := range cases {
			t.Run(scheme+", "+c.name, func(t *testing.T) {
				taken := make(chan int, 1)
				m := hostile{scheme, func(rw io.ReadWriter) {
					answer := upgrade(rw)
					if !c.answered {
						answer = ""
					}
					go io.Copy(io.Discard, rw) // CONNECT and pongs
					io.WriteString(rw, answer+c.begin)
					taken <- repeat(rw, c.repeat)
				}}.client(t)
				start := time.Now()
				_, err := m.Once(t.Context(), nil)
				if err == nil || !strings.HasSuffix(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				if got := <-taken; got > maxGreeting+8<<10 {
					t.Errorf("the client has taken %d bytes, want %d and what TLS buffers at most", got, maxGreeting)
				}
				if d := time.Since(start); d >= dialTimeout {
					t.Errorf("given up after %v, want at once", d)
				}
			})
		}
	}
}

// What a session receives later is no longer a greeting.
func TestASessionMayReceiveMoreThanAGreeting(t *testing.T) {
	const messages = 100
	m := hostile{"ws", func(rw io.ReadWriter) {
		io.WriteString(rw, upgrade(rw)+"\r\n\x82\x04\x20\x02\x00\x00")
		go io.Copy(io.Discard, rw)
		time.Sleep(20 * time.Millisecond) // for the SUBSCRIBE
		io.WriteString(rw, "\x82\x05\x90\x03\x00\x01\x01")
		publish := "\x30\x84\x08\x00\x01a" + strings.Repeat("x", 1025)
		for range messages {
			io.WriteString(rw, "\x82\x7e\x04\x07"+publish)
		}
		time.Sleep(time.Second)
	}}.client(t)
	s, err := m.Once(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Disconnect()
	got, err := Listen(t.Context(), s, "a", 300*time.Millisecond)
	if len(got) < 64 { // which is what Listen keeps
		t.Errorf("got %d messages and %v, want 64", len(got), err)
	}
}

// Frames without end after the CONNACK would keep the processor busy.
func TestWhatIsReadBetweenTwoPacketsIsBounded(t *testing.T) {
	for _, c := range []struct{ name, frame string }{
		{"pings", "\x89\x7d" + strings.Repeat("x", 125)},
		{"empty frames", "\x82\x00"},
	} {
		taken := make(chan int, 1)
		m := hostile{"ws", func(rw io.ReadWriter) {
			io.WriteString(rw, upgrade(rw)+"\r\n\x82\x04\x20\x02\x00\x00")
			go io.Copy(io.Discard, rw) // CONNECT and pongs
			taken <- repeat(rw, strings.Repeat(c.frame, 1000))
		}}.client(t)
		s, err := m.Once(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		<-s.Done()
		if got, want := s.conn.err().Error(), "protocol error: received 524288 bytes without an MQTT packet"; got != want {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
		if got := <-taken; got > maxBetween+8<<10 {
			t.Errorf("%s: the client has taken %d bytes, want %d at most", c.name, got, maxBetween)
		}
		s.Drop(errOver)
	}
}

// FuzzWebSocketAnswer gives what a server may answer to a WebSocket handshake,
// after the right header or instead of it.
func FuzzWebSocketAnswer(f *testing.F) {
	f.Add(true, []byte("\r\n\x82\x04\x20\x02\x00\x00\x82\x00\x89\x01x\x88\x00"))
	f.Add(true, []byte("Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n\xc2\x04\x20\x02\x00\x00"))
	f.Add(false, []byte("HTTP/1.1 301 Moved Permanently\r\nLocation: ws://elsewhere/\r\nContent-Length: 5\r\n\r\nmoved"))
	f.Add(false, []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"))
	f.Fuzz(func(t *testing.T, answered bool, answer []byte) {
		tape := &tape{}
		header := func() io.Reader {
			if !answered {
				return bytes.NewReader(answer)
			}
			return io.MultiReader(strings.NewReader(upgrade(&tape.written)), bytes.NewReader(answer))
		}
		counted := &lazy{make: header}
		tape.Reader = counted
		m := &Client{Dialer: Dialer{DialContext: func(context.Context, string, string) (net.Conn, error) { return tape, nil }}}
		u := &url.URL{Scheme: "ws", Host: "broker:80"}
		raw, b, err := m.open(t.Context(), u, u.Host)
		if err == nil {
			nc := newConn(raw, time.Second, time.Minute, b.renew)
			for err == nil {
				_, err = packets.ReadPacket(nc)
			}
		}
		if counted.n > maxGreeting && b.limit == maxGreeting {
			t.Errorf("%d bytes were read without a CONNACK", counted.n)
		}
	})
}

// A lazy reader is made at the first read, and counted.
type lazy struct {
	make func() io.Reader
	r    io.Reader
	n    int
}

func (l *lazy) Read(p []byte) (int, error) {
	if l.r == nil {
		l.r = l.make()
	}
	n, err := l.r.Read(p)
	l.n += n
	return n, err
}
