package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"

	"sensorpub/publisher/mqtt"
)

// MQTT returns what connects to the configured brokers. The password is read
// here, once. The files of [broker.tls] are read for each connection, and here
// only so that a mistake shows at the start.
func (c *Config) MQTT(log *slog.Logger) (*mqtt.Client, error) {
	password, err := c.password()
	if err != nil {
		return nil, err
	}
	if _, err := c.Broker.TLS.Config(); err != nil {
		return nil, err
	}
	return &mqtt.Client{
		URLs: c.Broker.Servers, ClientID: c.Broker.ClientID,
		Username: c.Broker.Username, Password: password, AllowPlaintext: c.Broker.AllowPlaintext,
		TLS: c.Broker.TLS.Config, KeepAlive: c.Broker.KeepAlive, PreferAfter: c.Broker.PreferAfter,
		Log: log, Beat: func() {},
	}, nil
}

// Config reads the files that [broker.tls] names. The system's authorities are
// trusted unless ca_file is set.
func (t TLS) Config() (*tls.Config, error) {
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	config := &tls.Config{ServerName: t.ServerName, MinVersion: versions[t.MinVersion]}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read broker.tls.ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read broker.tls.ca_file: %s has no certificate in PEM", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read broker.tls.cert_file and key_file: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if len(t.pins) > 0 {
		mqtt.RequirePins(config, t.pins)
	}
	return config, nil
}
