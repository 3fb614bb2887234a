package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// dialTimeout bounds everything from the name look-up to the CONNACK.
const dialTimeout = 10 * time.Second

// errHungUp is the answer of many a server to TLS on a port without it.
var errHungUp = errors.New("closed by the broker in the midst of the handshake")

// open connects to a broker by TCP, TLS, WebSocket, or WebSocket over TLS. It
// asks no proxy: all_proxy in the environment of a daemon is an accident.
func (m *Client) open(ctx context.Context, u *url.URL) (net.Conn, error) {
	dial := m.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var config *tls.Config
	if u.Scheme == "mqtts" || u.Scheme == "wss" {
		var err error
		if config, err = m.TLS(); err != nil {
			return nil, err
		}
	}
	switch u.Scheme {
	case "mqtt":
		return dial(ctx, "tcp", u.Host)
	case "mqtts":
		return dialTLS(ctx, dial, u, config)
	}
	d := &websocket.Dialer{
		NetDialContext:  dial,
		TLSClientConfig: config,
		Subprotocols:    []string{"mqtt"}, // MQTT 3.1.1, section 6
	}
	ws, _, err := d.DialContext(ctx, u.String(), nil)
	if err != nil {
		return nil, hungUp(err)
	}
	ws.SetReadLimit(maxPublish)
	return &wsConn{Conn: ws}, nil
}

func dialTLS(
	ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), u *url.URL, config *tls.Config,
) (net.Conn, error) {
	if config.ServerName == "" {
		config.ServerName = u.Hostname()
	}
	raw, err := dial(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, hungUp(err)
	}
	return conn, nil
}

// hungUp words the end of the stream during a handshake.
func hungUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	return err
}

// A wsConn is a WebSocket as a stream of bytes. MQTT packets need not be
// aligned with its frames (MQTT 3.1.1, section 6).
type wsConn struct {
	*websocket.Conn
	frame    io.Reader
	mu       sync.Mutex
	deadline time.Time // of writes
}

func (c *wsConn) Read(p []byte) (int, error) {
	for {
		if c.frame == nil {
			kind, r, err := c.NextReader()
			if err != nil {
				var closed *websocket.CloseError
				if errors.As(err, &closed) {
					err = io.EOF
				}
				return 0, err
			}
			if kind != websocket.BinaryMessage {
				return 0, protocolError("a text frame")
			}
			c.frame = r
		}
		n, err := c.frame.Read(p)
		if errors.Is(err, io.EOF) {
			c.frame, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (c *wsConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	c.Conn.SetWriteDeadline(deadline)
	if err := c.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline is also for a write under way, during which the library's
// own must not be called.
func (c *wsConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	return c.NetConn().SetWriteDeadline(t)
}

func (c *wsConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}
