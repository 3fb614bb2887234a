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
	"time"

	"github.com/gorilla/websocket"
)

// dialTimeout bounds everything from the name look-up to the CONNACK.
const dialTimeout = 10 * time.Second

// maxAddresses bounds how many addresses of a name are tried.
const maxAddresses = 8

// errHungUp is the answer of many a server to TLS on a port without it.
var errHungUp = errors.New("closed by the broker in the midst of the handshake")

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

// reach connects to one broker. net.Dialer takes the first address of a name
// that accepts a connection; if no session comes of it, reach tries the others
// in turn, and returns the error of the first.
func (c *Client) reach(ctx context.Context, u *url.URL, will *Message) (*Session, error) {
	s, at, err := c.attempt(ctx, u, u.Host, will)
	if err == nil || !at.IsValid() || !mayDiffer(err) {
		return s, err
	}
	for _, addr := range c.others(ctx, u, at.Addr()) {
		c.Beat()
		other := netip.AddrPortFrom(addr, at.Port()).String()
		if s, _, failed := c.attempt(ctx, u, other, will); failed == nil {
			return s, nil
		}
	}
	return nil, err
}

// mayDiffer reports whether the same broker might answer otherwise at another
// of its addresses. What it says of the client it says everywhere, and to ask
// again might lock the user out.
func mayDiffer(err error) bool {
	var refused *RefusedError
	return !errors.As(err, &refused) || refused.Code == 3 // server unavailable
}

// others looks up the addresses of a broker besides the one that was tried.
func (c *Client) others(ctx context.Context, u *url.URL, tried netip.Addr) (addrs []netip.Addr) {
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	lookUp := c.lookUp
	if lookUp == nil {
		lookUp = net.DefaultResolver.LookupNetIP
	}
	all, err := lookUp(ctx, "ip", u.Hostname())
	if err != nil {
		return nil // the name was found a moment ago: the next round will tell
	}
	for _, a := range all {
		if a = a.Unmap(); a != tried && len(addrs) < maxAddresses-1 {
			addrs = append(addrs, a)
		}
	}
	return addrs
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
// over TLS. It asks no proxy: all_proxy in the environment of a daemon is an
// accident. The greeting is nil unless a TCP connection was made.
func (c *Client) open(ctx context.Context, u *url.URL, address string) (net.Conn, *greeting, error) {
	dial := c.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var config *tls.Config
	if Encrypted(u) {
		var err error
		if config, err = c.TLS(); err != nil {
			return nil, nil, err
		}
	}
	raw, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, nil, err
	}
	g := &greeting{Conn: raw, left: maxGreeting}
	nc, err := c.handshake(ctx, u, config, g)
	if err != nil {
		raw.Close()
		if g.left == 0 { // however the reader words a header that is cut off
			err = errGreeting
		}
		return nil, g, hungUp(err)
	}
	return nc, g, nil
}

// handshake makes a TCP connection into a stream of MQTT.
func (c *Client) handshake(ctx context.Context, u *url.URL, config *tls.Config, g *greeting) (net.Conn, error) {
	if config == nil {
		if err := c.checkPlaintext(u, g); err != nil {
			return nil, err
		}
	} else if err := g.encrypt(ctx, config, u); err != nil {
		return nil, err
	}
	if !isWeb(u) {
		return g, nil
	}
	take := func(context.Context, string, string) (net.Conn, error) { return g, nil }
	d := &websocket.Dialer{
		NetDialContext: take, NetDialTLSContext: take,
		Subprotocols: []string{"mqtt"}, // MQTT 3.1.1, section 6
	}
	ws, answer, err := d.DialContext(ctx, u.String(), nil)
	if answer != nil && errors.Is(err, websocket.ErrBadHandshake) {
		return nil, fmt.Errorf("answered with HTTP status %d: %w", answer.StatusCode, err)
	}
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(maxPublish)
	return &wsConn{Conn: ws}, nil
}

// checkPlaintext returns an error if a password would be sent unencrypted to
// another machine. The name "localhost" proves nothing: the address that was
// dialled does.
func (c *Client) checkPlaintext(u *url.URL, nc net.Conn) error {
	at := peer(nc).Addr()
	if c.Username == "" || c.Password == "" || c.AllowPlaintext || !at.IsValid() || at.IsLoopback() {
		return nil
	}
	return &PlaintextError{u.Hostname(), at}
}

// hungUp words the end of the stream during a handshake.
func hungUp(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	return err
}
