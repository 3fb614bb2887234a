package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An authority signs certificates for one test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate in PEM
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	root := &x509.Certificate{
		Subject: pkix.Name{CommonName: "an authority of the test"},
		IsCA:    true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = root, a.newKey()
	a.file, _ = a.sign(root, a.key)
	return a
}

// issue makes a certificate for a server with these names, or for a client, and
// returns the files of the certificate and its key.
func (a *authority) issue(change func(*x509.Certificate), names ...string) (cert, key string) {
	a.t.Helper()
	leaf := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "a broker or its client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, n)
		}
	}
	leaf.NotAfter = time.Now().Add(time.Hour)
	if change != nil {
		change(leaf)
	}
	return a.sign(leaf, a.newKey())
}

func (a *authority) newKey() *ecdsa.PrivateKey {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	return key
}

// sign completes a certificate and writes it and its key to files.
func (a *authority) sign(c *x509.Certificate, key *ecdsa.PrivateKey) (certFile, keyFile string) {
	a.t.Helper()
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile:  {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			a.t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// listener returns the lines of a Mosquitto TLS listener with a certificate for
// these names, altered by change.
func (a *authority) listener(addr string, change func(*x509.Certificate), names ...string) string {
	a.t.Helper()
	cert, key := a.issue(change, names...)
	return a.listenerWith(addr, cert, key)
}

// listenerWith is listener with a certificate that was issued.
func (a *authority) listenerWith(addr, cert, key string) string {
	host, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf("listener %s %s\ncafile %s\ncertfile %s\nkeyfile %s", port, host, a.file, cert, key)
}
