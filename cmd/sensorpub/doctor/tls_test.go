package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher/mqtt/mqtttest"
)

func selfSigned(t *testing.T, end time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := fixture.WriteFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestDoctorOfTLS(t *testing.T) {
	end := time.Now().Add(60 * 24 * time.Hour)
	cert, ca := selfSigned(t, end)
	_, otherCA := selfSigned(t, end)
	b := (&mqtttest.Broker{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}).Start(t)
	day := end.UTC().Format("2006-01-02")
	for _, c := range []struct {
		name, tls string
		now       time.Time
		code      int
		want      string
	}{
		{"all is well", "ca_file = \"" + ca + `"`, time.Now(), 0, "ok    TLS            TLS 1.3, certificate for 127.0.0.1, valid until " + day + "\nok    login"},
		{"it ends soon", "ca_file = \"" + ca + `"`, end.Add(-13 * 24 * time.Hour), 0, "warn  TLS            TLS 1.3, certificate for 127.0.0.1, valid until " + day + "\n      hint: renew the broker's certificate\n"},
		{"another authority", "ca_file = \"" + otherCA + `"`, time.Now(), 1, "FAIL  TLS            tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{"another name", "ca_file = \"" + ca + "\"\nserver_name = \"elsewhere\"", time.Now(), 1, "hint: in broker.urls, use the host name from the certificate, or set broker.tls.server_name\n"},
		{"no such file", `ca_file = "/no/such"`, time.Now(), 1, "FAIL  credentials    read broker.tls.ca_file /no/such: no such file or directory\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newVisit(t, t.TempDir(), at(b.URL())+"[broker.tls]\n"+c.tls)
			v.now = func() time.Time { return c.now }
			if code, out := v.examine(t.Context()); code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("got exit code %d and\n%s\nwant %d and\n%s", code, out, c.code, c.want)
			}
		})
	}
}

func TestDoctorOfAClientCertificate(t *testing.T) {
	end := time.Now().Add(-time.Minute)
	cert, file := selfSigned(t, end)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	keyFile := fixture.WriteFile(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	v := newVisit(t, t.TempDir(), at("mqtts://127.0.0.1:1")+"[broker.tls]\ncert_file = \""+file+"\"\nkey_file = \""+keyFile+`"`)
	v.now = time.Now
	code, out := v.examine(t.Context())
	if want := "FAIL  certificate    " + file + ", valid until "; code != 1 || !strings.Contains(out, want) {
		t.Errorf("got exit code %d and\n%s\nwant %q", code, out, want)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
