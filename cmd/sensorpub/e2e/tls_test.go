package e2e

import (
	"crypto/x509"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// delivers checks that a daemon with this configuration publishes to the
// broker.
func delivers(t *testing.T, m *mosquitto, config string) {
	t.Helper()
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemon(t, config+once("outside", 28.4))
	for _, m := range live.untilEach("temperature/outside", statusTopic) {
		if m.payload != "28.4" && m.payload != "online" && !m.retain {
			t.Errorf("got %v, want 28.4 and online", m)
		}
	}
	if a := d.stop(); a != (account{read: 1, acknowledged: 1}) {
		t.Errorf("got %+v, want 1 acknowledged", a)
	}
}

// refuses checks that a daemon with this configuration logs why it does not
// connect, with a hint, keeps running, and sends nothing.
func refuses(t *testing.T, m *mosquitto, config, cause, hint string) {
	t.Helper()
	d := startDaemon(t, config+once("outside", 28.4))
	line := d.stderr.await(t, "no connection to the broker")
	if !strings.Contains(line, cause) || !strings.Contains(line, hint) || hint == "" && strings.Contains(line, "hint=") {
		t.Errorf("got %q, want %q with the hint %q", line, cause, hint)
	}
	if a := d.stop(); a.acknowledged > 0 || a.queued != a.read {
		t.Errorf("got %+v, want nothing delivered", a)
	}
	if strings.Contains(m.log.String(), "as sensorpub-") {
		t.Error("the broker has seen the daemon")
	}
}

func tlsConfig(lines ...string) string {
	return "[broker.tls]\n" + strings.Join(lines, "\n") + "\n"
}

func quoted(key, value string) string { return fmt.Sprintf("%s = %q", key, value) }

func TestMQTTSWithAPrivateAuthority(t *testing.T) {
	t.Parallel()
	ca, secure := newAuthority(t), freeAddr(t)
	m := startMosquitto(t, ca.listener(secure, nil, "127.0.0.1"))
	delivers(t, m, brokerConfig("mqtts://"+secure)+tlsConfig(quoted("ca_file", ca.file), quoted("min_version", "1.3")))
}

func TestMQTTSIsRefused(t *testing.T) {
	t.Parallel()
	ca, other := newAuthority(t), newAuthority(t)
	at := map[string]string{"good": freeAddr(t), "name": freeAddr(t), "expired": freeAddr(t), "mutual": freeAddr(t)}
	m := startMosquitto(t,
		ca.listener(at["good"], nil, "127.0.0.1"),
		ca.listener(at["name"], nil, "broker.example"),
		ca.listener(at["expired"], func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, "127.0.0.1"),
		ca.listener(at["mutual"], nil, "127.0.0.1"), "require_certificate true")
	trust := tlsConfig(quoted("ca_file", ca.file))
	for _, c := range []struct {
		name, url, tls, cause, hint string
	}{
		{
			"from an unknown authority", "mqtts://" + at["good"], "",
			"certificate signed by unknown authority", "set broker.tls.ca_file",
		},
		{
			"from another authority than that of ca_file", "mqtts://" + at["good"], tlsConfig(quoted("ca_file", other.file)),
			"certificate signed by unknown authority", "set broker.tls.ca_file",
		},
		{
			"for another name", "mqtts://" + at["name"], trust,
			"certificate for 127.0.0.1", "set broker.tls.server_name",
		},
		{
			"for another name than server_name", "mqtts://" + at["good"], tlsConfig(quoted("ca_file", ca.file), quoted("server_name", "broker.example")),
			"match broker.example", "set broker.tls.server_name",
		},
		{
			"when it has expired", "mqtts://" + at["expired"], trust,
			"certificate has expired or is not yet valid", "out of date, or this machine's clock is wrong",
		},
		{
			"by a broker that wants a certificate", "mqtts://" + at["mutual"], trust,
			"certificate required", "set broker.tls.cert_file and key_file",
		},
		{
			"at a port without TLS", "mqtts://" + m.addr, trust,
			"connection reset by peer", "mqtt:// goes with 1883, mqtts:// with 8883",
		},
		{
			"without TLS at a port with it", "mqtt://" + at["good"], "",
			"connection reset by peer", "the port may be for TLS: mqtts:// (8883) instead of mqtt:// (1883)?",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			refuses(t, m, brokerConfig(c.url)+c.tls, c.cause, c.hint)
		})
	}
}

func TestMQTTSWithServerNameAndClientCertificate(t *testing.T) {
	t.Parallel()
	ca, named, mutual := newAuthority(t), freeAddr(t), freeAddr(t)
	m := startMosquitto(t, ca.listener(named, nil, "broker.example"),
		ca.listener(mutual, nil, "127.0.0.1"), "require_certificate true")
	t.Run("server_name is checked instead of the host", func(t *testing.T) {
		delivers(t, m, brokerConfig("mqtts://"+named)+tlsConfig(quoted("ca_file", ca.file), quoted("server_name", "broker.example")))
	})
	t.Run("the client shows its certificate", func(t *testing.T) {
		cert, key := ca.issue(nil)
		delivers(t, m, brokerConfig("mqtts://"+mutual)+
			tlsConfig(quoted("ca_file", ca.file), quoted("cert_file", cert), quoted("key_file", key)))
	})
}

// startWebSockets starts a broker with another listener, for WebSockets. It
// skips or fails the test if Mosquitto was built without them.
func startWebSockets(t *testing.T, listener string) *mosquitto {
	t.Helper()
	out, _ := exec.Command(mosquittoProgram(t, "mosquitto"), "-c", configFile(t, "listener 1 127.0.0.1\nprotocol websockets\nno_such_key\n")).CombinedOutput()
	if strings.Contains(string(out), "Websockets support not available") {
		withoutMosquitto(t, "Mosquitto was built without WebSockets")
	}
	return startMosquitto(t, listener, "protocol websockets")
}

func TestWebSockets(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	host, port, _ := net.SplitHostPort(addr)
	m := startWebSockets(t, "listener "+port+" "+host)
	delivers(t, m, brokerConfig("ws://"+addr+"/mqtt"))
}

func TestWebSocketsOverTLS(t *testing.T) {
	t.Parallel()
	ca, addr := newAuthority(t), freeAddr(t)
	m := startWebSockets(t, ca.listener(addr, nil, "127.0.0.1"))
	delivers(t, m, brokerConfig("wss://"+addr+"/mqtt")+tlsConfig(quoted("ca_file", ca.file)))
}
