package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sensorpub/publisher/mqtt/mqtttest"
)

// The key of the example in RFC 7469, section 2.6, another, and one whose base64
// begins with a slash, as that of one key in 64 does.
const (
	pinOne   = "sha256/d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM="
	pinOther = "sha256/E9CZ9INDbd+2eRQozYqqbQ2yXLVKB9+xcprMF+44U1g="
	pinSlash = "sha256//6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM="
)

func TestParsePin(t *testing.T) {
	for _, pin := range []string{pinOne, pinOther, pinSlash} {
		for _, s := range []string{pin, strings.Replace(pin, "/", "//", 1)} { // curl writes it with two
			if p, err := ParsePin(s); err != nil || p.String() != pin {
				t.Errorf("%s: got %v, %v", s, p, err)
			}
		}
	}
	for _, s := range []string{"", "sha256/", pinOne[:50], pinOne + "A", strings.TrimPrefix(pinOne, "sha256/"), "sha1/" + pinOne[7:], "sha256/!", "sha256//" + pinSlash[7:] + "/", "sha256///" + pinOne[7:]} {
		if p, err := ParsePin(s); err == nil {
			t.Errorf("%q: got %v, want an error", s, p)
		}
	}
}

func TestOnlyAPinnedKeyIsAccepted(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	cert := server.TLS.Certificates[0]
	leaf := server.Certificate()
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	other, _ := ParsePin(pinOther)
	b := (&mqtttest.Broker{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}}).Start(t)
	for _, c := range []struct {
		name string
		pins []Pin
		ok   bool
	}{
		{"the key of the broker", []Pin{pinOf(leaf)}, true},
		{"one of two", []Pin{other, pinOf(leaf)}, true},
		{"another key", []Pin{other}, false},
	} {
		m := hostile{"mqtts", nil}.client(t)
		m.DialContext = nil
		m.URLs = []*url.URL{{Scheme: "mqtts", Host: b.Addr}}
		m.TLS = func() (*tls.Config, error) {
			config := &tls.Config{RootCAs: pool}
			RequirePins(config, c.pins)
			return config, nil
		}
		s, err := m.Once(t.Context(), nil)
		if err == nil {
			s.Disconnect()
		}
		var pin *PinError
		if (err == nil) != c.ok || !c.ok && (!errors.As(err, &pin) || pin.Leaf != pinOf(leaf) || Hint(err) == "") {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
