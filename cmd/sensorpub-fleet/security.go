package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Security is what brokers and clients know each other by: certificates of an
// authority that is made for one run, and a password for each client.
type security struct {
	dir   string // of ca.crt, users.conf and passwords
	roots *x509.CertPool
}

// newSecurity makes the authority, a certificate for each of the brokers' hosts,
// and with the users program of the cluster's configuration the passwords of
// nodes and of auditors, which may read everything and publish nothing.
func newSecurity(dir, program string, hosts, nodes, auditors []string) (*security, error) {
	s := &security{dir: dir, roots: x509.NewCertPool()}
	if err := s.certify(hosts); err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	list := "device " + strings.Join(nodes, "\ndevice ") + "\nauditor " + strings.Join(auditors, "\nauditor ") + "\n"
	devices := filepath.Join(dir, "devices")
	if err := os.WriteFile(devices, []byte(list), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command(program, devices, dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make passwords: %s: %w: %s", program, err, out)
	}
	return s, nil
}

// passwordFile returns the file with a client's password.
func (s *security) passwordFile(client string) string {
	return filepath.Join(s.dir, "passwords", client)
}

// caFile returns the file with the authority's certificate.
func (s *security) caFile() string { return filepath.Join(s.dir, "ca.crt") }

// password returns a client's password.
func (s *security) password(client string) (string, error) {
	b, err := os.ReadFile(s.passwordFile(client))
	return strings.TrimSpace(string(b)), err
}

// tls returns the TLS configuration of a client that is not a daemon.
func (s *security) tls() *tls.Config {
	return &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// certify writes ca.crt, and node.crt and node.key, which all brokers use.
func (s *security) certify(hosts []string) error {
	ca := certificate("fleet CA")
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	caKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return err
	}
	node := certificate("broker")
	node.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, h := range hosts {
		node.IPAddresses = append(node.IPAddresses, net.ParseIP(h))
	}
	der, err1 := x509.CreateCertificate(rand.Reader, node, ca, &key.PublicKey, caKey)
	secret, err2 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	s.roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}))
	return errors.Join(
		s.writePEM("ca.crt", "CERTIFICATE", caDER),
		s.writePEM("node.crt", "CERTIFICATE", der),
		s.writePEM("node.key", "PRIVATE KEY", secret),
	)
}

// certificate returns a template that is valid for a week.
func certificate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100)) // never fails
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(7 * 24 * time.Hour),
	}
}

func (s *security) writePEM(name, kind string, der []byte) error {
	return os.WriteFile(filepath.Join(s.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
