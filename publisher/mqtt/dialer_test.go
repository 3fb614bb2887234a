package mqtt

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"sensorpub/publisher/mqtt/mqtttest"
)

// named returns a client of the host "home", which has these addresses.
// net.Dialer would take the first.
func named(port string, addrs ...string) *Client {
	return &Client{
		Dialer: Dialer{
			ClientID: "test",
			Beat:     func() {},
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if strings.HasPrefix(address, "home:") {
					address = net.JoinHostPort(addrs[0], port)
				}
				return new(net.Dialer).DialContext(ctx, network, address)
			},
			lookUp: func(_ context.Context, _, host string) (all []netip.Addr, err error) {
				for _, a := range addrs {
					all = append(all, netip.MustParseAddr(a))
				}
				return all, nil
			},
		},
		URLs: []*url.URL{{Scheme: "mqtt", Host: "home:" + port}}, Log: slog.New(slog.DiscardHandler),
	}
}

func TestAddressesOfANameAreTriedInTurn(t *testing.T) {
	on := mqtttest.On
	for _, c := range []struct {
		name  string
		fault mqtttest.Fault // of the broker at the first address
		want  int            // CONNECTs at the second address
		err   string
	}{
		{"the first is well", nil, 0, ""},
		{"the first hangs up", on(mqtttest.CONNECT, mqtttest.Close), 1, ""},
		{"the first is not a broker", on(mqtttest.ACCEPT, mqtttest.Bytes([]byte("SSH-2.0-OpenSSH_9.2\r\n")...)), 1, ""},
		{"the first is not available", on(mqtttest.CONNECT, mqtttest.Connack(3)), 1, ""},
		{"the first refuses the password", on(mqtttest.CONNECT, mqtttest.Connack(4)), 0, "bad user name or password (code 4)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first := mqtttest.Start(t)
			_, port, _ := net.SplitHostPort(first.Addr)
			second := (&mqtttest.Broker{Addr: "127.0.0.2:" + port}).Start(t)
			if c.fault != nil {
				first.Inject(c.fault)
			}
			s, err := named(port, "127.0.0.1", "127.0.0.2").Once(t.Context(), nil)
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %v, want %q", err, c.err)
			}
			if err == nil {
				s.Disconnect()
			}
			if got := len(second.Connects()); got != c.want {
				t.Errorf("got %d CONNECTs at the second address, want %d", got, c.want)
			}
		})
	}
}

func TestErrorOfTheFirstAddressIsReported(t *testing.T) {
	first := mqtttest.Start(t)
	first.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Connack(3)))
	_, port, _ := net.SplitHostPort(first.Addr)
	_, err := named(port, "127.0.0.1", "127.0.0.2").Once(t.Context(), nil) // nothing listens at the second
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Errorf("got %v, want the refusal", err)
	}
}

// A name says nothing about where a password goes.
func TestPasswordGoesUnencryptedToThisMachineOnly(t *testing.T) {
	far := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 1883}
	for _, c := range []struct {
		name, host string
		at         net.Addr
		change     func(*Client)
		want       string
	}{
		{"localhost is elsewhere", "localhost", far, nil, "password not sent unencrypted to localhost, which is 192.0.2.7 and not this machine"},
		{"another machine", "192.0.2.7", far, nil, "password not sent unencrypted to 192.0.2.7"},
		{"an IPv4 address in IPv6", "localhost", &net.TCPAddr{IP: net.ParseIP("::ffff:192.0.2.7")}, nil, "password not sent unencrypted to localhost, which is 192.0.2.7 and not this machine"},
		{"loopback", "localhost", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, nil, ""},
		{"loopback of another name", "home", &net.TCPAddr{IP: net.IPv6loopback}, nil, ""},
		{"it is allowed", "192.0.2.7", far, func(c *Client) { c.AllowPlaintext = true }, ""},
		{"there is no password", "192.0.2.7", far, func(c *Client) { c.Password = "" }, ""},
		{"a WebSocket elsewhere", "localhost", far, func(c *Client) { c.URLs[0].Scheme = "ws" }, "password not sent unencrypted to localhost, which is 192.0.2.7 and not this machine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := (&mqtttest.Broker{Pipe: true}).Start(t)
			m := &Client{
				Dialer: Dialer{
					ClientID: "test",
					Beat:     func() {},
					Username: "me",
					Password: "hunter2",
					lookUp:   func(context.Context, string, string) ([]netip.Addr, error) { return nil, nil },
					DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
						nc, err := b.Dial(ctx, network, address)
						return elsewhere{nc, c.at}, err
					},
				},
				URLs: []*url.URL{{Scheme: "mqtt", Host: c.host + ":1883"}}, Log: slog.New(slog.DiscardHandler),
			}
			if c.change != nil {
				c.change(m)
			}
			s, err := m.Once(t.Context(), nil)
			if err == nil {
				s.Disconnect()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if err != nil && (len(b.Connects()) > 0 || Hint(err) == "") {
				t.Errorf("got %d CONNECTs and the hint %q, want none and a hint", len(b.Connects()), Hint(err))
			}
		})
	}
}

// An elsewhere is a connection that leads to another address than it does.
type elsewhere struct {
	net.Conn
	at net.Addr
}

func (e elsewhere) RemoteAddr() net.Addr { return e.at }
