package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"time"

	"sensorpub/publisher/mqtt"
)

// expiresSoon is how long before its end a certificate gets a warning.
const expiresSoon = 14 * 24 * time.Hour

// checkTLS performs a handshake and checks the certificate chain.
func (c *reach) checkTLS(ctx context.Context, u *url.URL) bool {
	config, err := c.config.TLS(ctx)
	if err != nil {
		c.say(statusFail, "TLS", err.Error())
		return false
	}
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	ctx, cancel := context.WithTimeout(ctx, c.step)
	defer cancel()
	state, err := handshake(ctx, config, u.Host)
	if err != nil {
		c.say(statusFail, "TLS", err.Error(), mqtt.Hint(err))
		return false
	}
	chain := state.PeerCertificates
	if len(state.VerifiedChains) > 0 {
		chain = state.VerifiedChains[0]
	}
	c.sayUntil("TLS", fmt.Sprintf("%s, certificate for %s", tls.VersionName(state.Version), config.ServerName), chain, "renew the broker's certificate")
	return true
}

// handshake makes a TLS connection to host:port, and returns what both sides
// agreed on.
func handshake(ctx context.Context, config *tls.Config, address string) (tls.ConnectionState, error) {
	raw, err := mqtt.Dial(ctx, "tcp", address)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer raw.Close()
	conn := tls.Client(raw, config)
	err = conn.HandshakeContext(ctx)
	return conn.ConnectionState(), err
}

// checkOwnCertificate checks the client certificate, if there is one.
func (c *reach) checkOwnCertificate(ctx context.Context) {
	config, err := c.config.TLS(ctx)
	if err != nil || len(config.Certificates) == 0 {
		return
	}
	c.sayUntil("certificate", c.config.Broker.TLS.CertFile, []*x509.Certificate{config.Certificates[0].Leaf}, "renew it")
}

// sayUntil prints until when a chain is valid.
func (c *reach) sayUntil(object, finding string, chain []*x509.Certificate, hint string) {
	first := chain[0]
	for _, link := range chain {
		if link.NotAfter.Before(first.NotAfter) {
			first = link
		}
	}
	left := first.NotAfter.Sub(c.now())
	finding += ", valid until " + first.NotAfter.UTC().Format("2006-01-02")
	if first != chain[0] {
		finding += " (" + first.Subject.String() + ")"
	}
	switch {
	case left <= 0:
		c.say(statusFail, object, finding, hint)
	case left < expiresSoon:
		c.say(statusWarn, object, finding, hint)
	default:
		c.say(statusOK, object, finding)
	}
}
