package publisher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestServerThatHangsUpAtAHandshakeIsNamedWithAHint(t *testing.T) {
	for _, scheme := range []string{"mqtts", "wss", "ws"} {
		m := &MQTT{
			URLs: []*url.URL{{Scheme: scheme, Host: "broker:1883"}}, ClientID: "test", Beat: func() {},
			Log: slog.New(slog.DiscardHandler),
			TLS: func() (*tls.Config, error) { return new(tls.Config), nil },
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go func() {
					server.Read(make([]byte, 64<<10)) // the client's first words are one write
					server.Close()
				}()
				return client, nil
			},
		}
		_, err := m.Once(t.Context())
		want := "closed by the broker in the midst of the handshake"
		if got := cause(err); !strings.HasSuffix(got, want) || Hint(err) == "" {
			t.Errorf("%s: got %q with the hint %q, want %q with one", scheme, got, Hint(err), want)
		}
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
