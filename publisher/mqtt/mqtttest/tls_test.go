package mqtttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"
	"time"
)

// certificate makes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTLSIsSpokenAndRefused(t *testing.T) {
	cert, pool := certificate(t)
	b := (&Broker{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}).Start(t)
	if got, want := b.URL(), "mqtts://"+b.Addr; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	nc, err := tls.Dial("tcp", b.Addr, &tls.Config{RootCAs: pool})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, nc)
	c.send(connect("a")...)
	c.expect(0x20, 2, 0, 0)
	c.send(0xe0, 0)
	if end := awaitEnd(b, 1); end.Reason != Disconnected {
		t.Errorf("got %q, want %q", end.Reason, Disconnected)
	}

	if _, err := tls.Dial("tcp", b.Addr, &tls.Config{ServerName: "elsewhere"}); err == nil {
		t.Error("a certificate of nobody's was accepted")
	}
	if end := awaitEnd(b, 2); end.Reason != HandshakeFailed || end.Err == nil {
		t.Errorf("got %+v, want %q and the error", end, HandshakeFailed)
	}
	plain := dial(t, b.Addr)
	plain.send(connect("a")...)
	if end := awaitEnd(b, 3); end.Reason != HandshakeFailed || len(b.Connects()) != 1 {
		t.Errorf("got %q and %d CONNECT, want %q and 1", end.Reason, len(b.Connects()), HandshakeFailed)
	}
}
