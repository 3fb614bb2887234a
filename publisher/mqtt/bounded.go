package mqtt

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
)

// Bounds of what is read from a broker, in bytes.
const (
	// maxGreeting is for all that comes before the CONNACK has passed: the HTTP
	// answer of a WebSocket and its first frames. net/http would keep a header of
	// any length in memory.
	maxGreeting = 32 << 10
	// maxBetween is for what comes between two packets: the longest one and the
	// frames of a WebSocket around it, but not endless frames.
	maxBetween = 2 * maxPublish
)

// A bounded connection reads no more than so much without an MQTT packet. It
// is above TLS, which bounds its own handshake messages (crypto/tls: 64 KiB
// each, 256 KiB for a chain of certificates), and below a WebSocket. It is read
// by one goroutine at a time.
type bounded struct {
	net.Conn
	limit, left int // bytes
}

func newBounded(nc net.Conn) *bounded { return &bounded{nc, maxGreeting, maxGreeting} }

// Read reads within the bound.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, b.exceeded()
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// exceeded returns the error of a read beyond the bound, or nil.
func (b *bounded) exceeded() error {
	if b.left > 0 {
		return nil
	}
	return protocolError("%d bytes without an MQTT packet", b.limit)
}

// renew starts the bound again, as a packet has come. It is called by the
// goroutine that reads.
func (b *bounded) renew() { b.limit, b.left = maxBetween, maxBetween }

// encrypt puts TLS between the bound and the network.
func (b *bounded) encrypt(ctx context.Context, config *tls.Config, u *url.URL) error {
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	if isWeb(u) {
		config.NextProtos = []string{"http/1.1"}
	}
	nc := tls.Client(b.Conn, config)
	if err := nc.HandshakeContext(ctx); err != nil {
		return err
	}
	b.Conn = nc
	return nil
}
