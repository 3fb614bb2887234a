package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"sensorpub/sensors"
)

// endedAtOnce is the length of a session up to which it counts as thrown off: the
// other client of a clash is back after a pause of up to earlyPause and a
// handshake, which takes a small board with TLS seconds.
const endedAtOnce = 5 * time.Second

// maxCauses bounds the log lines of one outage.
const maxCauses = 5

// An outage is what the log has said of the present one.
type outage struct {
	start    time.Time
	attempts int
	causes   map[string]bool // that were logged, since the last one whose beginning was
	flaps    int             // losses in a row of sessions that ended at once
	streak   sensors.Streak  // of outages
}

// first starts the time up to the first connection.
func (o *outage) first(now time.Time) {
	o.start, o.streak.Told = now, true
	o.causes = make(map[string]bool)
}

// begin starts an outage.
func (o *outage) begin(now time.Time) {
	o.start, o.attempts = now, 0
	o.streak.Begin(now)
	if o.flaps == 3 {
		o.streak.Told = true
	}
	if o.streak.Told {
		o.causes = make(map[string]bool)
	}
}

// news tells whether a cause is worth a line, and counts it as logged then.
func (o *outage) news(cause string, now time.Time) bool {
	if (o.causes[cause] || len(o.causes) >= maxCauses) && !o.streak.Lasts(now) {
		return false
	}
	o.streak.Told = true
	o.causes[cause] = true
	return true
}

// lost begins the outage that follows a session.
func (m *Client) lost(s *Session, now time.Time) {
	o := &m.outage
	o.flaps++
	if now.Sub(s.start) >= endedAtOnce {
		o.flaps = 0
	}
	o.begin(now)
	args := o.streak.Args("broker", s.url, "cause", cause(s.guard.err()))
	if o.flaps == 3 {
		args = append(args, "hint",
			"three connections ended at once: another client uses the client id "+m.ClientID+
				", or the broker's access list forbids a topic; sensorpub doctor tells")
	}
	m.Log.Log(context.Background(), o.streak.Level(slog.LevelWarn), "connection lost", args...)
}

// failed logs an attempt that failed.
func (m *Client) failed(u *url.URL, err error) {
	m.outage.attempts++
	var refused *RefusedError
	if errors.As(err, &refused) && refused.Credentials() {
		m.back.refused = true
	}
	why := cause(err)
	m.setState(State{Broker: u.Redacted(), Since: m.outage.start, Cause: why})
	if !m.outage.news(u.Host+why, time.Now()) {
		return
	}
	args := []any{"broker", u.Redacted(), "cause", why}
	if h := Hint(err); h != "" {
		args = append(args, "hint", h)
	}
	m.Log.Warn("no connection to the broker", args...)
}

// established logs a connection.
func (m *Client) established(s *Session) {
	m.session = s
	m.setState(State{Connected: true, Broker: s.url, Since: s.start})
	o := &m.outage
	o.streak.End(s.start)
	args := []any{"broker", s.url}
	if o.attempts > 0 || o.streak.Times > 0 {
		args = append(args, "after", s.start.Sub(o.start).Round(time.Millisecond), "failures", o.attempts)
	}
	m.Log.Log(context.Background(), o.streak.Level(slog.LevelInfo), "connected", args...)
}

// cause words an error without what differs from attempt to attempt, such as
// local ports and the present time.
func cause(err error) string {
	if err == nil {
		return "ended"
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil {
		return fmt.Sprintf("certificate has expired or is not yet valid: it is valid from %s to %s",
			invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "look up " + dns.Name + ": " + dns.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return op.Op + ": timeout"
		}
		var call *os.SyscallError
		if errors.As(op.Err, &call) {
			return op.Op + ": " + call.Err.Error()
		}
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}

// Hint says what to do about an error of a connection, or "".
func Hint(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	var (
		refused *RefusedError
		dns     *net.DNSError
		op      *net.OpError
		ca      x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &refused) && refused.Credentials():
		return "check username and password_file, and the broker's access list"
	case errors.As(err, &refused) && refused.Code == 2:
		return "set broker.client_id to one that the broker allows"
	case errors.As(err, &dns) && strings.HasSuffix(strings.TrimSuffix(dns.Name, "."), ".local"):
		return "names in .local need mDNS, which this program does not speak: use the broker's address"
	case errors.As(err, &dns):
		return "check the host in broker.urls and the name server"
	case errors.As(err, &ca):
		return "set broker.tls.ca_file to the certificate of the authority that signed the broker's"
	case errors.As(err, &name):
		return "use the name that the certificate bears in broker.urls, or set broker.tls.server_name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the broker's certificate is out of date, or this machine's clock is wrong"
	case strings.Contains(text, "tls: certificate required"):
		return "the broker wants a client certificate: set broker.tls.cert_file and key_file"
	case errors.As(err, &record):
		return "the broker does not speak TLS on this port: mqtt:// (1883) instead of mqtts:// (8883), or ws:// instead of wss://?"
	case errors.Is(err, websocket.ErrBadHandshake):
		return "a web server answers, but not with MQTT over WebSocket: check the port and the path in broker.urls"
	case strings.Contains(text, readAsPacket("HT")), strings.Contains(text, readAsPacket("<!")): // of HTTP/1.1 400, or of a page with the error
		return "a web server answers: ws:// instead of mqtt://, if its port is for MQTT over WebSocket"
	case errors.Is(err, errHungUp),
		errors.As(err, &op) && op.Op == "read" && errors.Is(err, syscall.ECONNRESET): // Mosquitto's answer to TLS on a plain port, and the other way round
		return "the port may be for something else: mqtt:// goes with 1883, mqtts:// with 8883, ws:// and wss:// with one for WebSockets"
	case strings.Contains(text, "malformed HTTP response"):
		return "the port is for something else than WebSockets: mqtt:// goes with 1883, mqtts:// with 8883"
	case strings.HasSuffix(text, "closed by the broker before it answered"):
		return "the port may be for TLS: mqtts:// (8883) instead of mqtt:// (1883)?"
	}
	return ""
}

// readAsPacket is what the guard says of a packet that begins with these two
// bytes, its type and its length.
func readAsPacket(b string) string {
	return fmt.Sprintf("received a packet of type %d and %d bytes", b[0]>>4, b[1])
}
