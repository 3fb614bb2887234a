package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/gorilla/websocket"
)

// Hint returns what to do about a connection error, or "". If several causes look
// the same from here, it names them all.
func Hint(err error) string {
	if err == nil {
		return ""
	}
	for _, hint := range []func(error) string{hintRefusal, hintNetwork, hintTLS, hintPort} {
		if h := hint(err); h != "" {
			return h
		}
	}
	return ""
}

// hintRefusal is about what the broker, or this client, does not accept.
func hintRefusal(err error) string {
	var (
		refused    *RefusedError
		plain      *PlaintextError
		unanswered *unansweredError
	)
	switch {
	case errors.As(err, &refused) && refused.Credentials():
		return "check username and password_file, and the broker's access list"
	case errors.As(err, &refused) && refused.Code == 1:
		return "the broker has MQTT 3.1.1 turned off, or does not support it"
	case errors.As(err, &refused) && refused.Code == 2:
		return "set broker.client_id to one that the broker allows, or lower broker.keep_alive: " +
			"Mosquitto from 2.0.12 on answers the same if it is above its max_keepalive"
	case errors.As(err, &plain):
		return "use mqtts:// or wss://, or set broker.allow_plaintext_password = true if you trust the network"
	case errors.As(err, &unanswered):
		return unanswered.hint()
	}
	return ""
}

// hintNetwork is about finding the broker.
func hintNetwork(err error) string {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && isLocal(dns.Name):
		return "no machine on this network answers to that name: is the broker's machine on, does it run mDNS (avahi-daemon), and is it on the same network? " +
			"Otherwise use its address in broker.urls"
	case dns != nil:
		return "check the host in broker.urls and the name server"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is a broker running there, and is the port right? Mosquitto 2 accepts only local connections until you add a listener and a password file, or allow_anonymous"
	case errors.Is(err, syscall.EHOSTUNREACH):
		return "no machine has that address in this network: is the broker's machine on? Does a firewall reject the port?"
	}
	return ""
}

// hintTLS is about certificates.
func hintTLS(err error) string {
	var (
		ca      x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		pin     *PinError
	)
	switch {
	case errors.As(err, &pin):
		return "if the broker got a new key, add its pin to broker.tls.pins; otherwise someone may be intercepting the connection"
	case errors.As(err, &ca):
		return "set broker.tls.ca_file to the certificate of the authority that signed the broker's"
	case errors.As(err, &name):
		return "in broker.urls, use the host name from the certificate, or set broker.tls.server_name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the broker's certificate is out of date, or this machine's clock is wrong"
	case strings.Contains(err.Error(), "tls: certificate required"):
		return "the broker wants a client certificate: set broker.tls.cert_file and key_file"
	case errors.As(err, &record):
		return "the broker does not speak TLS on this port: mqtt:// (1883) instead of mqtts:// (8883), or ws:// instead of wss://?"
	}
	return ""
}

// hintPort is about a port at which something else is spoken.
func hintPort(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, websocket.ErrBadHandshake):
		return "a web server answers, but not with MQTT over WebSocket: check the port and the path in broker.urls"
	case strings.Contains(text, readAsPacket("HT")), strings.Contains(text, readAsPacket("<!")): // of HTTP/1.1 400, or of a page with the error
		return "a web server answers: ws:// instead of mqtt://, if its port is for MQTT over WebSocket"
	case errors.Is(err, errHungUp), isReset(err): // Mosquitto's answers to TLS on a plain port
		return "the port may be for something else: mqtt:// goes with 1883, mqtts:// with 8883, ws:// and wss:// with one for WebSockets"
	case strings.Contains(text, "malformed HTTP response"):
		return "the port is not for WebSockets: mqtt:// goes with 1883, mqtts:// with 8883"
	}
	return ""
}

// An unansweredError says that the broker has ended the connection, cleanly or
// by a reset, instead of answering a CONNECT.
type unansweredError struct {
	error
	scheme string
	will   bool // the CONNECT had one
}

func (e *unansweredError) Unwrap() error { return e.error }

// hint names what brokers answer in this way.
func (e *unansweredError) hint() string {
	var causes []string
	if e.scheme == "mqtt" { // with another scheme the port has been understood
		causes = append(causes, "the port may be for TLS: mqtts:// (8883) instead of mqtt:// (1883)?")
	}
	if e.will {
		causes = append(causes, `the broker may not accept a retained will at QoS 1: availability.topic = "" turns it off`)
	}
	return strings.Join(causes, " Or ")
}

// isReset reports whether the other side has reset a connection while this one
// was reading.
func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "read" && errors.Is(err, syscall.ECONNRESET)
}

// readAsPacket is what inbound says of a packet that begins with these two
// bytes, its type and its length.
func readAsPacket(b string) string {
	return fmt.Sprintf("received a packet of type %d and %d bytes", b[0]>>4, b[1])
}
