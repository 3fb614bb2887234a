package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
)

// dialTimeout bounds everything from the name look-up to the CONNACK.
const dialTimeout = 10 * time.Second

// errHungUp is the answer of many a server to TLS on a port without it.
var errHungUp = errors.New("closed by the broker in the midst of the handshake")

// open connects to a broker by TCP, TLS, WebSocket, or WebSocket over TLS. It
// asks no proxy: all_proxy in the environment of a daemon is an accident.
func (c *Client) open(ctx context.Context, u *url.URL) (net.Conn, error) {
	dial := c.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var config *tls.Config
	if u.Scheme == "mqtts" || u.Scheme == "wss" {
		var err error
		if config, err = c.TLS(); err != nil {
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
	nc := tls.Client(raw, config)
	if err := nc.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, hungUp(err)
	}
	return nc, nil
}

// hungUp words the end of the stream during a handshake.
func hungUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	return err
}
