package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"

	"github.com/gorilla/websocket"
)

// errHungUp is how many servers answer TLS on a port without it.
var errHungUp = errors.New("closed by the broker during the handshake")

// A PlaintextError says that a password was not sent, because it would have
// crossed a network unencrypted.
type PlaintextError struct {
	Host string     // as the URL has it
	Addr netip.Addr // that was dialled
}

func (e *PlaintextError) Error() string {
	if e.Host == e.Addr.String() {
		return fmt.Sprintf("password not sent unencrypted to %s", e.Host)
	}
	return fmt.Sprintf("password not sent unencrypted to %s, which is %s and not this machine", e.Host, e.Addr)
}

// peer returns the address at the other end of a TCP connection.
func peer(nc net.Conn) netip.AddrPort {
	if tcp, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		ap := tcp.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
	}
	return netip.AddrPort{}
}

// open connects to a broker at host:port by TCP, TLS, WebSocket, or WebSocket
// over TLS. It uses no proxy: all_proxy in the environment of a daemon is an
// accident. The second result is nil unless a TCP connection was made.
func (d *Dialer) open(ctx context.Context, u *url.URL, address string) (net.Conn, *bounded, error) {
	dial := d.DialContext
	if dial == nil {
		dial = Dial
	}
	var config *tls.Config
	if Encrypted(u) {
		var err error
		if config, err = d.TLS(); err != nil {
			return nil, nil, err
		}
	}
	raw, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, nil, err
	}
	b := newBounded(raw)
	nc, err := d.handshake(ctx, u, config, b)
	if err != nil {
		raw.Close()
		if exceeded := b.exceeded(); exceeded != nil { // however the reader words a header that is cut off
			err = exceeded
		}
		return nil, b, hungUp(err)
	}
	return nc, b, nil
}

// handshake makes a TCP connection into a stream of MQTT.
func (d *Dialer) handshake(ctx context.Context, u *url.URL, config *tls.Config, b *bounded) (net.Conn, error) {
	if config == nil {
		if err := d.checkPlaintext(u, b); err != nil {
			return nil, err
		}
	} else if err := b.encrypt(ctx, config, u); err != nil {
		return nil, err
	}
	if !isWeb(u) {
		return b, nil
	}
	take := func(context.Context, string, string) (net.Conn, error) { return undated{b}, nil }
	ws := &websocket.Dialer{
		NetDialContext: take, NetDialTLSContext: take,
		Subprotocols: []string{"mqtt"}, // MQTT 3.1.1, section 6
	}
	frames, answer, err := ws.DialContext(ctx, u.String(), nil)
	if answer != nil && errors.Is(err, websocket.ErrBadHandshake) {
		return nil, fmt.Errorf("answered with HTTP status %d: %w", answer.StatusCode, err)
	}
	if err != nil {
		return nil, err
	}
	frames.SetReadLimit(maxSkipped)
	return &wsConn{Conn: frames, below: b}, nil
}

// checkPlaintext returns an error if a password would be sent unencrypted to
// another machine. The name "localhost" proves nothing: the address that was
// dialled does.
func (d *Dialer) checkPlaintext(u *url.URL, nc net.Conn) error {
	at := peer(nc).Addr()
	if d.Username == "" || d.Password == "" || d.AllowPlaintext || !at.IsValid() || at.IsLoopback() {
		return nil
	}
	return &PlaintextError{u.Hostname(), at}
}

// hungUp returns the error for the end of the stream during a handshake.
func hungUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	return err
}
