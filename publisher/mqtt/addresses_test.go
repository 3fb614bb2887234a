package mqtt

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// net.Dialer gives each address of a name its share of the time.
func TestNameWhoseFirstAddressIsDead(t *testing.T) {
	for _, c := range []struct {
		name  string
		first func(t *testing.T, addr string) // occupies the first address
	}{
		{"nothing listens there", func(*testing.T, string) {}},
		{"no packet is answered", swallow},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := mqtttest.Start(t)
			_, port, _ := net.SplitHostPort(b.Addr)
			c.first(t, "127.0.0.2:"+port)
			server := respond(t, func(q []byte) [][]byte { return [][]byte{mdnsReply(q, "127.0.0.2", "127.0.0.1")} })
			r := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
				return net.Dial("udp", server.String())
			}}
			m := memoryClient(b)
			m.DialContext, m.lookUp = (&net.Dialer{Resolver: r}).DialContext, r.LookupNetIP
			start := time.Now()
			s, err := m.dial(t.Context(), &url.URL{Scheme: "mqtt", Host: "cluster.example.:" + port}, firstPatience, nil)
			if err != nil {
				t.Fatal(err)
			}
			s.Disconnect()
			if took := time.Since(start); took > firstPatience || len(b.Connects()) != 1 {
				t.Errorf("got %d CONNECTs at the second address after %v, want 1 within %v", len(b.Connects()), took, firstPatience)
			}
		})
	}
}

// swallow makes an address drop SYNs until the end of the test: Linux does while
// the queue of connections to accept is full, which a backlog of 0 makes of one
// (listen(2)).
func swallow(t *testing.T, addr string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	at := netip.MustParseAddrPort(addr)
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		conn, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatalf("%s still accepts connections", addr)
}

// An address may accept connections, as a load balancer does, or a broker that
// is stuck, and lead nowhere.
func TestNameWhoseFirstAddressDoesNotAnswerConnect(t *testing.T) {
	for _, c := range []struct {
		name string
		urls int // the name is the first of them
		want time.Duration
	}{
		{"of a single broker", 1, dialTimeout},
		{"of the first broker of several", 2, firstPatience},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				nodes := newCluster(t, 2)
				nodes[0].Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Drop))
				m := memoryClient(nodes[0])
				m.URLs = []*url.URL{{Scheme: "mqtt", Host: "cluster:1883"}, {Scheme: "mqtt", Host: "other:1883"}}[:c.urls]
				nodes.shareName(m)
				start := time.Now()
				s, err := m.Connect(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != c.want || len(nodes[1].Connects()) != 1 {
					t.Errorf("got %d CONNECTs at the second address after %v, want 1 after %v", len(nodes[1].Connects()), took, c.want)
				}
				s.Disconnect()
			})
		})
	}
}

// shareName makes the nodes two addresses of one name.
func (c cluster) shareName(m *Client) {
	addrs := []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}
	m.lookUp = func(context.Context, string, string) ([]netip.Addr, error) { return addrs, nil }
	m.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		i := 0
		if address == addrs[1].String()+":1883" {
			i = 1
		}
		nc, err := c.dial(ctx, network, strconv.Itoa(i))
		return elsewhere{nc, net.TCPAddrFromAddrPort(netip.AddrPortFrom(addrs[i], 1883))}, err
	}
}

// The first address leads nowhere, and at the second the broker refuses the
// client: that is what to say, and a reason for a long pause.
func TestRefusalAtAnotherAddressIsTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes := newCluster(t, 2)
		nodes[0].Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Close))
		nodes[1].Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Connack(5)))
		m := memoryClient(nodes[0])
		m.URLs = []*url.URL{{Scheme: "mqtt", Host: "cluster:1883"}}
		nodes.shareName(m)
		ctx, cancel := context.WithTimeout(t.Context(), 10*refusedPause)
		defer cancel()
		if _, err := m.Connect(ctx, nil); err == nil {
			t.Fatal("got a session")
		}
		if n := len(nodes[1].Connects()); n > 10 {
			t.Errorf("got %d attempts in 5 minutes, want one in 30 s at most", n)
		}
		if got, want := m.State().Cause, "refused by the broker: not authorized (code 5)"; got != want {
			t.Errorf("got the cause %q, want %q", got, want)
		}
	})
}
