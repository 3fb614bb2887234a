package mqtt

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	typeA    = 1
	typeAAAA = 28
)

// mdnsReply answers a query for these addresses of its type, as RFC 6762, section
// 6.7, wants it: with the identifier and the question of the query.
func mdnsReply(query []byte, addrs ...string) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5 // the root, type and class
	kind := query[end-3]
	b := slices.Clone(query[:end])
	b[2], b[3] = 0x84, 0 // an authoritative answer
	copy(b[6:12], make([]byte, 6))
	for _, a := range addrs {
		addr := netip.MustParseAddr(a)
		if addr.Is4() != (kind == typeA) {
			continue
		}
		b[7]++
		data := addr.AsSlice()
		b = append(b, 0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 10, 0, byte(len(data))) // 10 s
		b = append(b, data...)
	}
	return b
}

// respond listens like a machine with mDNS and sends what reply returns, until
// the end of the test.
func respond(t *testing.T, reply func(query []byte) [][]byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			for _, r := range reply(slices.Clone(b[:n])) {
				conn.WriteToUDPAddrPort(r, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

func kindOf(query []byte) byte { return query[12+slices.Index(query[12:], 0)+2] }

func TestMulticastAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		reply func(query []byte) [][]byte
		want  []string
	}{
		{"an IPv4 address", func(q []byte) [][]byte { return [][]byte{mdnsReply(q, "192.168.1.20", "fd00::20")} }, []string{"192.168.1.20"}},
		{"IPv6 only", func(q []byte) [][]byte {
			if kindOf(q) == typeA {
				return nil
			}
			return [][]byte{mdnsReply(q, "fd00::20")}
		}, []string{"fd00::20"}},
		{"what no machine has is left out", func(q []byte) [][]byte {
			return [][]byte{mdnsReply(q, "0.0.0.0", "224.0.0.251", "255.255.255.255", "10.0.0.2", "fe80::1", "ff02::fb", "::")}
		}, []string{"10.0.0.2"}},
		{"an answer to another query is passed over", func(q []byte) [][]byte {
			other := mdnsReply(q, "10.6.6.6")
			other[0]++
			return [][]byte{other, mdnsReply(q, "10.0.0.2")}
		}, []string{"10.0.0.2"}},
		{"an answer to another name is passed over", func(q []byte) [][]byte {
			other := mdnsReply(q, "10.6.6.6")
			other[13]++
			return [][]byte{other, mdnsReply(q, "10.0.0.2")}
		}, []string{"10.0.0.2"}},
		{"garbage is passed over", func(q []byte) [][]byte {
			return [][]byte{nil, {1}, make([]byte, 1400), q, mdnsReply(q, "10.0.0.2")[:20], mdnsReply(q, "10.0.0.2")}
		}, []string{"10.0.0.2"}},
		{"a hundred addresses", func(q []byte) [][]byte {
			return [][]byte{mdnsReply(q, slices.Repeat([]string{"10.0.0.2"}, 30)...)}
		}, slices.Repeat([]string{"10.0.0.2"}, maxAddresses)},
		{"the first question is lost", lost(1), []string{"10.0.0.2"}},
		{"nobody answers", lost(1000), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			got := askAll(t.Context(), respond(t, c.reply), "ip", "Home-Assistant.local")
			var words []string
			for _, a := range got {
				words = append(words, a.String())
			}
			if !slices.Equal(words, c.want) {
				t.Errorf("got %v, want %v", words, c.want)
			}
			if took := time.Since(start); took > 4*multicastLookUp {
				t.Errorf("got an answer after %v, want it within %v", took, 4*multicastLookUp)
			}
		})
	}
}

// lost returns a responder that hears nothing of the first n times that it is
// asked. A question comes once through each interface.
func lost(n int) func([]byte) [][]byte {
	ids := make(map[[2]byte]bool)
	return func(q []byte) [][]byte {
		ids[[2]byte(q)] = true
		if len(ids) <= n {
			return nil
		}
		return [][]byte{mdnsReply(q, "10.0.0.2")}
	}
}

// The names that are asked for must not cross the network in vain.
func TestOnlyNamesInLocalAreAskedForByMulticast(t *testing.T) {
	for host, want := range map[string]bool{
		"homeassistant.local": true, "HomeAssistant.LOCAL.": true, "a.b.local": true,
		"local": false, "localhost": false, "broker.example": false, "notlocal": false, "local.example": false, "192.168.1.2": false,
	} {
		if got := isLocal(host); got != want {
			t.Errorf("isLocal(%q): got %v, want %v", host, got, want)
		}
	}
}

func TestNameInLocalIsDialled(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	askAt(t, respond(t, func(q []byte) [][]byte { return [][]byte{mdnsReply(q, "127.0.0.9", "127.0.0.1")} }))
	conn, err := Dial(t.Context(), "tcp", "no-such-machine-sensorpub.local:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, want := conn.RemoteAddr().String(), l.Addr().String(); got != want {
		t.Errorf("got a connection to %s, want %s", got, want)
	}
}

func TestNameInLocalThatNobodyAnswers(t *testing.T) {
	askAt(t, respond(t, lost(1000)))
	ctx, cancel := context.WithTimeout(t.Context(), dialTimeout)
	defer cancel()
	_, err := Dial(ctx, "tcp", "no-such-machine-sensorpub.local:1883")
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		t.Fatalf("got %v, want an error of the look-up", err)
	}
	if got, want := cause(err), ", and no answer by mDNS"; !strings.HasPrefix(got, "look up no-such-machine-sensorpub.local: ") || !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want look up no-such-machine-sensorpub.local: ...%s", got, want)
	}
	if ctx.Err() != nil {
		t.Error("got the end of the time to dial, want an answer before it")
	}
	if got, want := Hint(err), "mDNS"; !strings.Contains(got, want) {
		t.Errorf("got the hint %q, want %s in it", got, want)
	}
}

// askAt lets a test answer in place of the network.
func askAt(t *testing.T, server netip.AddrPort) {
	before := multicastDNS
	multicastDNS = server
	t.Cleanup(func() { multicastDNS = before })
}

func FuzzMulticastAnswer(f *testing.F) {
	q := []byte("\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x05local\x00\x00\x01\x00\x01")
	f.Add(mdnsReply(q, "10.0.0.2", "10.0.0.3")[2:])
	f.Add(mdnsReply(q, "224.0.0.251")[2:])
	f.Add([]byte("\x84\x00\x00\x01\xff\xff\x00\x00\x00\x00\x01a\x05local\x00\x00\x01\x00\x01\xc0\x0c"))
	f.Fuzz(func(t *testing.T, after []byte) { // what follows the identifier
		if len(after) > 1400 {
			return
		}
		server := respond(t, func(query []byte) [][]byte {
			return [][]byte{append(slices.Clone(query[:2]), after...), mdnsReply(query, "192.0.2.1")}
		})
		got := askAll(t.Context(), server, "ip4", "a.local")
		if len(got) > maxAddresses {
			t.Errorf("got %d addresses, want at most %d", len(got), maxAddresses)
		}
		for _, a := range got {
			if a.IsMulticast() || a.IsUnspecified() || !a.Is4() {
				t.Errorf("got %v, want an IPv4 address of one machine", a)
			}
		}
	})
}

func TestMulticastsGoThroughTheInterfacesOfThisMachine(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if got := multicastInterfaces(); !slices.Contains(got, lo.Index) {
		t.Errorf("got interfaces %v, want %d (lo) among them", got, lo.Index)
	}
}
