package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// mqtt returns what connects to the configured brokers. The password is read
// here, once. The files of [broker.tls] are read for each connection, and here
// only so that a mistake shows at the start.
func (e *env) mqtt(c *Config, log *slog.Logger) (*mqtt.Client, error) {
	password, err := c.password(e.getenv)
	if err != nil {
		return nil, wrong(err)
	}
	if _, err := c.Broker.TLS.config(); err != nil {
		return nil, wrong(err)
	}
	return &mqtt.Client{
		URLs: c.Broker.servers, ClientID: c.Broker.ClientID,
		Username: c.Broker.Username, Password: password,
		TLS: c.Broker.TLS.config, KeepAlive: c.Broker.KeepAlive,
		Log: log, Beat: func() {},
	}, nil
}

// config reads the files that [broker.tls] names. The system's authorities are
// trusted unless ca_file is set.
func (t TLS) config() (*tls.Config, error) {
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
	return config, nil
}

// publisherRoutes says how the publisher is to send each quantity.
func (c *Config) publisherRoutes() []publisher.Route {
	routes := make([]publisher.Route, len(c.routes))
	for i, r := range c.routes {
		json := publisher.JSON{Node: c.Node, Precision: r.Precision}
		routes[i] = publisher.Route{
			Sensor: r.Sensor, Quantity: r.Quantity.Name, Topic: r.Topic,
			Encoder: json, History: json, Unit: r.Quantity.Unit, QoS: byte(r.QoS), Retain: r.Retain,
			Status: r.Status, ClearStale: r.ClearStale,
		}
		switch r.Encoding {
		case "text":
			routes[i].Encoder = publisher.Text{Precision: r.Precision}
		case "binary":
			routes[i].Encoder = publisher.Binary{Format: r.BinaryFormat, Precision: r.Precision}
		}
	}
	return routes
}

// A connector makes the sessions of a client into the publisher's.
type connector struct{ client *mqtt.Client }

// Connect implements [publisher.Connector].
func (c connector) Connect(ctx context.Context) (publisher.Session, error) {
	s, err := c.client.Connect(ctx)
	return session{s}, err
}

type session struct{ *mqtt.Session }

// Publish implements [publisher.Session].
func (s session) Publish(m publisher.Message) publisher.Token {
	return s.Session.Publish(mqtt.Message(m))
}
