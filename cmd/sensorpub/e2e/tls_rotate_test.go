package e2e

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pinOf returns the pin of a certificate's key, as RFC 7469 defines it.
func pinOf(t *testing.T, certFile string) string {
	t.Helper()
	text, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestMQTTSWithAPinnedKey(t *testing.T) {
	t.Parallel()
	ca, secure := newAuthority(t), freeAddr(t)
	cert, key := ca.issue(nil, "127.0.0.1")
	other, _ := ca.issue(nil, "127.0.0.1")
	m := startMosquitto(t, ca.listenerWith(secure, cert, key))
	pinned := func(files ...string) string {
		var pins []string
		for _, f := range files {
			pins = append(pins, `"`+pinOf(t, f)+`"`)
		}
		return brokerConfig("mqtts://"+secure) +
			tlsConfig(quoted("ca_file", ca.file), "pins = ["+strings.Join(pins, ", ")+"]")
	}
	t.Run("of another key", func(t *testing.T) {
		refuses(t, m, pinned(other), "the broker's key is not pinned: it is "+pinOf(t, cert), "add its pin to broker.tls.pins")
	})
	t.Run("of the broker, beside the next one", func(t *testing.T) { delivers(t, m, pinned(other, cert)) })
	t.Run("of its authority", func(t *testing.T) { delivers(t, m, pinned(ca.file)) })
}

// The authority, the client's certificate and its key change on disk while the
// daemon runs: it uses them from its next connection on.
func TestRenewedCertificatesNeedNoRestart(t *testing.T) {
	t.Parallel()
	before, after, secure, dir := newAuthority(t), newAuthority(t), freeAddr(t), t.TempDir()
	broker := func(a *authority) []string {
		return []string{a.listener(secure, nil, "127.0.0.1"), "require_certificate true"}
	}
	install := func(a *authority) {
		cert, key := a.issue(nil)
		for name, from := range map[string]string{"ca.pem": a.file, "cert.pem": cert, "key.pem": key} {
			text, err := os.ReadFile(from)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	m := startMosquitto(t, broker(before)...)
	install(before)
	d := startDaemon(t, brokerConfig("mqtts://"+secure)+
		tlsConfig(quoted("ca_file", dir+"/ca.pem"), quoted("cert_file", dir+"/cert.pem"), quoted("key_file", dir+"/key.pem"))+
		sensor("outside", `interval = "1s"`, "options = { values = [28.4] }"))
	d.stderr.await(t, "connected")

	m.kill()
	m.configure(broker(after)...)
	m.restart()
	d.stderr.await(t, "certificate signed by unknown authority")
	install(after)
	dialClient(t, m.addr).subscribe("#").untilEach("temperature/outside", statusTopic)
	if a := d.stop(); a.queued > 0 {
		t.Errorf("got %+v, want all delivered", a)
	}
}
