package mqtt

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
)

// maxGreeting bounds what is read from a broker before a session is up, in
// bytes: the HTTP answer of a WebSocket, its first frames and the CONNACK. TLS
// bounds its own handshake messages (crypto/tls: 64 KiB each, 256 KiB for a
// chain of certificates).
const maxGreeting = 32 << 10

var errGreeting = protocolError("%d bytes and no CONNACK yet", maxGreeting)

// A greeting is a connection of which no more than maxGreeting bytes are read
// until the CONNACK: net/http would keep a header of any length in memory. It
// is read by one goroutine at a time.
type greeting struct {
	net.Conn
	left int // bytes; below 0: no bound any more
}

// Read reads within the bound.
func (g *greeting) Read(p []byte) (int, error) {
	if g.left < 0 {
		return g.Conn.Read(p)
	}
	if g.left == 0 {
		return 0, errGreeting
	}
	n, err := g.Conn.Read(p[:min(len(p), g.left)])
	g.left -= n
	return n, err
}

// over lifts the bound. It is called by the goroutine that reads.
func (g *greeting) over() { g.left = -1 }

// encrypt puts TLS between the bound and the network.
func (g *greeting) encrypt(ctx context.Context, config *tls.Config, u *url.URL) error {
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	if isWeb(u) {
		config.NextProtos = []string{"http/1.1"}
	}
	nc := tls.Client(g.Conn, config)
	if err := nc.HandshakeContext(ctx); err != nil {
		return err
	}
	g.Conn = nc
	return nil
}
