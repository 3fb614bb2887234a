//go:build faults

package e2e

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A tap is a server that only records the bytes it receives, below and inside
// TLS.
type tap struct {
	addr     string
	received transcript
}

// startTap starts a tap, with a certificate or without TLS.
func startTap(t *testing.T, certificate ...tls.Certificate) *tap {
	t.Helper()
	p := &tap{addr: freeAddr(t)}
	acceptAt(t, p.addr, func(raw net.Conn) { p.serve(raw, certificate) })
	return p
}

// serve answers a handshake and, like Mosquitto, closes the connection if it
// gets anything else.
func (p *tap) serve(raw net.Conn, certificate []tls.Certificate) {
	raw.SetDeadline(time.Now().Add(5 * time.Second))
	conn := net.Conn(wiretap{raw, &p.received})
	if len(certificate) == 0 {
		conn.Read(make([]byte, 4096))
		return
	}
	conn = tls.Server(conn, &tls.Config{Certificates: certificate})
	io.Copy(&p.received, conn)
}

// A wiretap records what is read.
type wiretap struct {
	net.Conn
	to io.Writer
}

func (w wiretap) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.to.Write(b[:n])
	return n, err
}

func TestFault17TLSIsNotWhatItShouldBe(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	certificate := func(change func(*x509.Certificate), name string) tls.Certificate {
		cert, key := ca.issue(change, name)
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	now := time.Now()
	const here = "127.0.0.1"
	good := startTap(t, certificate(nil, here))
	plain := startTap(t)
	other := startTap(t, certificate(nil, "broker.example"))
	expired := startTap(t, certificate(func(c *x509.Certificate) { c.NotAfter = now.Add(-time.Minute) }, here))
	early := startTap(t, certificate(func(c *x509.Certificate) { c.NotBefore = now.Add(30 * time.Minute) }, here))
	trust := tlsConfig(quoted("ca_file", ca.file))
	for _, c := range []struct {
		name        string
		server      *tap
		tls         string
		cause, hint string
	}{
		{"another name", other, trust, "certificate for 127.0.0.1", "set broker.tls.server_name"},
		{"expired", expired, trust, "has expired or is not yet valid", "out of date, or this machine's clock is wrong"},
		{"not yet valid, or the clock is behind", early, trust, "has expired or is not yet valid", "out of date, or this machine's clock is wrong"},
		{"an unknown authority", good, "", "signed by unknown authority", "set broker.tls.ca_file"},
		{"another authority", good, tlsConfig(quoted("ca_file", newAuthority(t).file)), "signed by unknown authority", "set broker.tls.ca_file"},
		{"a port without TLS", plain, trust, "closed by the broker during the handshake", "the port may be for something else: mqtt:// goes with 1883"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			id := quoted("client_id", c.name) // as they run beside each other
			config := strings.Replace(faultConfig(t, "mqtts://"+c.server.addr), "\n[publish]", "\n"+id+"\n"+c.tls+"[publish]", 1)
			d := startDaemon(t, config+fast("outside", "200ms"))
			line := d.stderr.await(t, "no connection to the broker")
			if !strings.Contains(line, c.cause) || !strings.Contains(line, c.hint) {
				t.Errorf("got %q, want %q with the hint %q", line, c.cause, c.hint)
			}
			time.Sleep(5 * time.Second) // further attempts
			if n := logged(d, "no connection"); n != 1 {
				t.Errorf("got %d lines of the refusal, want 1", n)
			}
			if a := finish(t, d); a.queued != a.read {
				t.Errorf("got %+v, want all queued", a)
			}
		})
	}
	t.Cleanup(func() {
		for _, s := range []*tap{good, plain, other, expired, early} {
			text := s.received.String()
			if text == "" || strings.Contains(text, secret) || bytes.Contains([]byte(text), []byte("MQTT")) {
				t.Errorf("got %d bytes at a broker that is not to be trusted, want a handshake and neither password nor CONNECT", len(text))
			}
		}
	})
}

// A password over mqtt:// to another machine, such as to its port for TLS, is
// refused before anything is sent.
func TestFault17PasswordWithoutTLS(t *testing.T) {
	t.Parallel()
	config := brokerConfig("mqtt://192.0.2.1:8883") + "username = \"garden\"\n" + quoted("password_file", secretFile(t, "password", secret)) + "\n"
	got := invoke(t, "", "run", "--config", configFile(t, config+fast("outside", "1s")))
	if got.code != 2 || !strings.Contains(got.stderr, "mqtts://") || strings.Contains(got.stderr, secret) {
		t.Errorf("got %+v, want exit code 2 and a hint to mqtts://", got)
	}
}

// Without TLS at a port with it nothing is delivered, and the log says what
// the port may be for.
func TestFault17PlainAtAPortWithTLS(t *testing.T) {
	t.Parallel()
	ca, secure := newAuthority(t), freeAddr(t)
	m := startMosquitto(t, ca.listener(secure, nil, "127.0.0.1"))
	refuses(t, m, brokerConfig("mqtt://"+secure), "connection reset by peer", "the port may be for TLS: mqtts:// (8883) instead of mqtt:// (1883)?")
}
