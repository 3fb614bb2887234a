package mqtt

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A port that is not for the scheme is answered in many ways.
func TestHintAboutAPortThatIsForSomethingElse(t *testing.T) {
	for _, c := range []struct{ name, scheme, answer, want string }{
		{"mqtt at a web server", "mqtt", "HTTP/1.1 400 Bad Request\r\n\r\n", "ws:// instead of mqtt://"},
		{"mqtt at a web server of the oldest kind", "mqtt", "<!DOCTYPE HTML>\n", "ws:// instead of mqtt://"},
		{"mqtt at something that is not a broker", "mqtt", "SSH-2.0-OpenSSH_9.2\r\n", ""},
		{"ws at a web server", "ws", "HTTP/1.1 404 Not Found\r\n\r\n", "not with MQTT over WebSocket"},
		{"ws at a broker that closes", "ws", "", "ws:// and wss:// with one for WebSockets"},
		{"ws at a broker for TLS", "ws", "\x15\x03\x01\x00\x02\x02\x16", "the port is not for WebSockets"},
		{"wss at a web server", "wss", "HTTP/1.1 400 Bad Request\r\n\r\n", "ws:// instead of wss://"},
	} {
		m := &Client{
			Dialer: Dialer{
				ClientID: "test",
				Beat:     func() {},
				TLS:      func() (*tls.Config, error) { return new(tls.Config), nil },
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go func() {
						server.Read(make([]byte, 4096))
						io.WriteString(server, c.answer)
						server.Close()
					}()
					return client, nil
				},
			},
			URLs: []*url.URL{{Scheme: c.scheme, Host: "broker:1883"}}, Log: slog.New(slog.DiscardHandler),
		}
		_, err := m.Once(t.Context(), nil)
		if got := Hint(err); err == nil || !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: got %q for %v, want %q in it", c.name, got, err, c.want)
		}
	}
}

func TestHintAboutANetworkWithoutABroker(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  string
	}{
		{syscall.ECONNREFUSED, "is a broker running there"},
		{syscall.EHOSTUNREACH, "is the broker's machine on?"},
		{&net.DNSError{Err: "refused", Name: "broker", Server: "192.0.2.1:53"}, "the name server"},
		{&net.DNSError{Err: "no such host", Name: "broker.local"}, "mDNS"},
	} {
		err := &net.OpError{Op: "dial", Net: "tcp", Err: c.cause}
		if got := Hint(err); !strings.Contains(got, c.want) {
			t.Errorf("%v: got %q, want %q in it", err, got, c.want)
		}
	}
}

// A broker that hangs up does not say what it did not like.
func TestHintNamesEachCauseOfAConnectThatIsNotAnswered(t *testing.T) {
	const port, will = "mqtts:// (8883) instead of mqtt:// (1883)", "retained will"
	for _, c := range []struct {
		name   string
		scheme string
		will   *Message
		want   []string // all that is named
	}{
		{"mqtt with a will", "mqtt", &Message{Topic: "s", QoS: 1, Retain: true}, []string{port, will}},
		{"mqtt without a will", "mqtt", nil, []string{port}},
		{"mqtts with a will", "mqtts", &Message{Topic: "s", QoS: 1, Retain: true}, []string{will}},
		{"mqtts without a will", "mqtts", nil, nil},
	} {
		m := hostile{c.scheme, func(rw io.ReadWriter) { rw.Read(make([]byte, 1)) }}.client(t)
		_, err := m.dial(t.Context(), m.URLs[0], dialTimeout, c.will)
		got := Hint(err)
		for _, cause := range []string{port, will} {
			if strings.Contains(got, cause) != slices.Contains(c.want, cause) {
				t.Errorf("%s: got %q for %v, want %q", c.name, got, err, c.want)
			}
		}
	}
}

func TestHintToARefusedClientIDNamesTheKeepAlive(t *testing.T) {
	got := Hint(&RefusedError{2})
	if !strings.Contains(got, "broker.client_id") || !strings.Contains(got, "broker.keep_alive") {
		t.Errorf("got %q, want both", got)
	}
}
