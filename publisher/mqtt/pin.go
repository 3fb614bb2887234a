package mqtt

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Pin is the SHA-256 of a certificate's SubjectPublicKeyInfo: of its key, so
// that a renewed certificate of the same key has the same pin (RFC 7469,
// section 2.4).
type Pin [sha256.Size]byte

// ParsePin parses a pin as curl and HTTP write it: "sha256/" and base64.
func ParsePin(s string) (Pin, error) {
	sum, ok := strings.CutPrefix(s, "sha256/")
	if len(sum) > base64.StdEncoding.EncodedLen(sha256.Size) {
		sum = strings.TrimPrefix(sum, "/") // curl's second slash; one of 64 pins begins with one itself
	}
	b, err := base64.StdEncoding.DecodeString(sum)
	if !ok || err != nil || len(b) != sha256.Size {
		return Pin{}, errors.New(`want "sha256/" and the SHA-256 of the key in base64, 44 characters`)
	}
	return Pin(b), nil
}

// String returns the pin as ParsePin takes it.
func (p Pin) String() string { return "sha256/" + base64.StdEncoding.EncodeToString(p[:]) }

// pinOf returns the pin of a certificate.
func pinOf(c *x509.Certificate) Pin { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// A PinError says that no certificate of a chain has a key that is pinned.
type PinError struct {
	Leaf Pin // of the server's own certificate
}

func (e *PinError) Error() string {
	return fmt.Sprintf("the broker's key is not pinned: it is %s", e.Leaf)
}

// RequirePins makes a configuration accept only servers whose chain of
// certificates, verified as usual, has one of the pinned keys in it.
func RequirePins(config *tls.Config, pins []Pin) {
	config.VerifyConnection = func(s tls.ConnectionState) error {
		for _, chain := range s.VerifiedChains {
			if slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return slices.Contains(pins, pinOf(c)) }) {
				return nil
			}
		}
		return &PinError{pinOf(s.PeerCertificates[0])}
	}
}
