package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestServerThatHangsUpAtAHandshakeIsNamedWithAHint(t *testing.T) {
	for _, scheme := range []string{"mqtts", "wss", "ws"} {
		m := &Client{
			Dialer: Dialer{
				ClientID: "test",
				Beat:     func() {},
				TLS:      func() (*tls.Config, error) { return new(tls.Config), nil },
				DialContext: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go func() {
						server.Read(make([]byte, 64<<10)) // the client's first words are one write
						server.Close()
					}()
					return client, nil
				},
			},
			URLs: []*url.URL{{Scheme: scheme, Host: "broker:1883"}}, Log: slog.New(slog.DiscardHandler),
		}
		_, err := m.Once(t.Context(), nil)
		want := "closed by the broker during the handshake"
		if got := cause(err); !strings.HasSuffix(got, want) || Hint(err) == "" {
			t.Errorf("%s: got %q with the hint %q, want %q with one", scheme, got, Hint(err), want)
		}
	}
}

// A connection can be closed, with a deadline for what is left, while something
// is written.
func TestWriteDeadlineOfAWebSocketIsForAWriteUnderWay(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		<-t.Context().Done() // it reads nothing
	}))
	defer server.Close()
	m := &Client{}
	u, err := url.Parse("ws" + strings.TrimPrefix(server.URL, "http"))
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := m.open(t.Context(), u, u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ended := make(chan error)
	go func() {
		for {
			if _, err := conn.Write(make([]byte, 64<<10)); err != nil {
				ended <- err
				return
			}
		}
	}()
	time.Sleep(50 * time.Millisecond)
	conn.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	timeout := net.Error(nil)
	if err := <-ended; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
}

func TestCauseOfAnExpiredCertificateIsTheSameAtEachAttempt(t *testing.T) {
	cert := &x509.Certificate{
		NotBefore: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), NotAfter: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
	}
	err := &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{
		Cert: cert, Reason: x509.Expired, Detail: "current time 2026-03-01T12:00:00Z is after 2026-02-03T04:05:06Z",
	}}
	want := "certificate has expired or is not yet valid: it is valid from 2026-01-02T03:04:05Z to 2026-02-03T04:05:06Z"
	if got := cause(err); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
