package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// dialTimeout bounds everything from the name look-up to the CONNACK.
const dialTimeout = 10 * time.Second

// firstPatience replaces dialTimeout in the first round for all brokers but the
// last. It doubles with each round up to dialTimeout, so that a slow link gets
// through in the end. A name in .local may take all but a moment of it (ordinaryLookUp,
// multicastLookUp).
const firstPatience = 4 * time.Second

// maxAddresses bounds how many addresses of a name are tried.
const maxAddresses = 8

// stalled is how long a write to the broker may take.
const stalled = 5 * time.Second

// A Dialer makes one session with one broker.
//
// Each session is a new client of the library with everything that the library
// would do on its own turned off: it reports a message that was never
// acknowledged as delivered once it has reconnected, and resends in map order.
type Dialer struct {
	ClientID       string
	Username       string
	Password       string                      // used only with Username
	AllowPlaintext bool                        // lets the password go unencrypted to another machine
	TLS            func() (*tls.Config, error) // read anew for each connection, so that renewed certificates are used
	KeepAlive      time.Duration               // whole seconds
	Beat           func()                      // called at least every 10 s while connecting

	// DialContext opens a TCP connection. Nil: Dial.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	lookUp func(ctx context.Context, network, host string) ([]netip.Addr, error) // nil: LookUp
}

// dial connects to one broker. net.Dialer takes the first address of a name that
// accepts a connection, and gives each its share of the time. If that leads to no
// session, dial tries the others in turn, each for as long as patience, and
// returns the error of the first, or the refusal that is the answer of all.
func (d *Dialer) dial(ctx context.Context, u *url.URL, patience time.Duration, will *Message) (*Session, error) {
	d.Beat()
	s, at, err := d.attempt(ctx, u, u.Host, patience, will)
	if err == nil || !at.IsValid() || !mayDiffer(err) {
		return s, err
	}
	for _, addr := range d.others(ctx, u, at.Addr(), patience) {
		d.Beat()
		other := netip.AddrPortFrom(addr, at.Port()).String()
		if s, _, failed := d.attempt(ctx, u, other, patience, will); failed == nil || !mayDiffer(failed) {
			return s, failed
		}
	}
	return nil, err
}

// mayDiffer reports whether the same broker might answer otherwise at another of
// its addresses. If it refuses the client at one, it does at all of them, and asking
// again might lock the user out.
func mayDiffer(err error) bool {
	var refused *RefusedError
	return !errors.As(err, &refused) || refused.Code == 3 // server unavailable
}

// others looks up the addresses of a broker besides the one that was tried.
func (d *Dialer) others(ctx context.Context, u *url.URL, tried netip.Addr, patience time.Duration) (addrs []netip.Addr) {
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	lookUp := d.lookUp
	if lookUp == nil {
		lookUp = LookUp
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

// attempt makes one attempt to connect to a broker, at host:port, that may take
// as long as patience, and returns the address that it reached, if any.
func (d *Dialer) attempt(ctx context.Context, u *url.URL, address string, patience time.Duration, will *Message) (*Session, netip.AddrPort, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	raw, b, err := d.open(ctx, u, address)
	if b == nil {
		return nil, netip.AddrPort{}, err
	}
	at := peer(b)
	if err != nil {
		return nil, at, err
	}
	nc := newConn(raw, stalled, d.KeepAlive, b.renew)
	client := paho.NewClient(d.options(nc, u, will))
	token := client.Connect()
	select {
	case <-token.Done():
		err = token.Error()
	case <-ctx.Done():
		nc.fail(errors.New("no answer to CONNECT in time"))
		<-token.Done()
		err = ctx.Err()
	}
	if err != nil {
		nc.fail(err)
		if err = nc.err(); errors.Is(err, errUnanswered) || isReset(err) {
			err = &unansweredError{err, u.Scheme, will != nil}
		}
		return nil, at, err
	}
	return &Session{client: client, conn: nc, broker: u, start: time.Now(), leave: make(chan struct{})}, at, nil
}

// options sets the library up for one connection and nothing else.
func (d *Dialer) options(nc *conn, u *url.URL, will *Message) *paho.ClientOptions {
	o := paho.NewClientOptions()
	o.Servers = []*url.URL{u}
	o.SetClientID(d.ClientID)
	if d.Username != "" {
		o.SetUsername(d.Username).SetPassword(d.Password)
	}
	o.SetProtocolVersion(4) // without it, every failed attempt is made twice
	o.SetCleanSession(true)
	o.SetStore(noStore{})
	o.SetAutoReconnect(false).SetConnectRetry(false)
	o.SetConnectTimeout(dialTimeout)
	o.SetWriteTimeout(time.Second) // of handing a packet to conn, which never blocks
	o.SetKeepAlive(0)              // conn does it
	if will != nil {
		o.SetBinaryWill(will.Topic, will.Payload, will.QoS, will.Retain)
	}
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) {
		go nc.flush() // ends with the connection
		return nc, nil
	})
	return o
}
