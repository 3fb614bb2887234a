package config

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"

	"sensorpub/publisher/mqtt"
)

// maxPEM is far more than a chain of certificates takes, in bytes.
const maxPEM = 1 << 20

// MQTT returns a client for the configured brokers. The password is read here,
// once. The files of [broker.tls] are read for each connection, and here only
// to find mistakes at the start.
func (c *Config) MQTT(ctx context.Context, log *slog.Logger) (*mqtt.Client, error) {
	password, err := c.password(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.TLS(ctx); err != nil {
		return nil, err
	}
	return &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:       c.Broker.ClientID,
			Username:       c.Broker.Username,
			Password:       password,
			AllowPlaintext: c.Broker.AllowPlaintext,
			TLS:            func() (*tls.Config, error) { return c.TLS(context.Background()) },
			KeepAlive:      c.Broker.KeepAlive,
			Beat:           func() {},
		},
		URLs: c.Broker.Servers, PreferAfter: c.Broker.PreferAfter, Log: log,
	}, nil
}

// TLS reads the files that [broker.tls] names. The system's authorities are
// trusted unless ca_file is set.
func (c *Config) TLS(ctx context.Context) (*tls.Config, error) {
	t := c.Broker.TLS
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	made := &tls.Config{ServerName: t.ServerName, MinVersion: versions[t.MinVersion]}
	read := func(key, name string) ([]byte, error) {
		pem, err := c.files.file(ctx, name, maxPEM)
		if err != nil {
			return nil, fmt.Errorf("read broker.tls.%s %s: %w", key, name, err)
		}
		return pem, nil
	}
	if t.CAFile != "" {
		pem, err := read("ca_file", t.CAFile)
		if err != nil {
			return nil, err
		}
		made.RootCAs = x509.NewCertPool()
		if !made.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read broker.tls.ca_file %s: no certificate in PEM", t.CAFile)
		}
	}
	if t.CertFile != "" {
		cert, err := read("cert_file", t.CertFile)
		if err != nil {
			return nil, err
		}
		key, err := read("key_file", t.KeyFile)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("read broker.tls.cert_file and key_file: %w", err)
		}
		made.Certificates = []tls.Certificate{pair}
	}
	if len(t.pins) > 0 {
		mqtt.RequirePins(made, t.pins)
	}
	return made, nil
}
