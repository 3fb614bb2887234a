package mqtt

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// ordinaryLookUp is how long the name server may take over a name in .local.
	// Where there is none, the resolver would wait for 10 s.
	ordinaryLookUp = 3 * time.Second
	// multicastLookUp is how long one question waits for its answer. A machine
	// answers for its own name at once (RFC 6762, section 6).
	multicastLookUp = 700 * time.Millisecond
)

// multicastDNS is where every machine of a network listens (RFC 6762, section 3).
var multicastDNS = netip.MustParseAddrPort("224.0.0.251:5353")

// Dial opens a TCP connection as net.Dialer does, and to names in .local
// as well.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || !isLocal(host) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	addrs, err := LookUp(ctx, "ip", host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if len(addrs) > maxAddresses {
		addrs = addrs[:maxAddresses]
	}
	// Each address has its share of the time, so that one which is not answered
	// leaves some for the others.
	left := dialTimeout
	if end, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(end))
	}
	dialer := net.Dialer{Timeout: left / time.Duration(len(addrs)+1)}
	var first error
	for _, a := range addrs {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// LookUp returns the addresses of a host, of a network "ip", "ip4" or "ip6", as
// net.Resolver does. It asks for a name in .local by multicast as well, if the
// machine's resolver does not find it.
func LookUp(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if !isLocal(host) {
		return net.DefaultResolver.LookupNetIP(ctx, network, host)
	}
	ordinary, cancel := context.WithTimeout(ctx, ordinaryLookUp)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ordinary, network, host)
	if err == nil {
		return addrs, nil
	}
	if addrs = askAll(ctx, multicastDNS, network, host); len(addrs) > 0 {
		return addrs, nil
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		both := *dns
		both.Err += ", and no answer by mDNS"
		return nil, &both
	}
	return nil, err
}

// isLocal reports whether a name belongs to multicast DNS.
func isLocal(host string) bool {
	return strings.HasSuffix(strings.ToLower(strings.TrimSuffix(host, ".")), ".local")
}

// askAll asks the machines of this network for the addresses of a name: for IPv4
// twice, as multicast gets lost on Wi-Fi, and then for IPv6.
func askAll(ctx context.Context, server netip.AddrPort, network, host string) []netip.Addr {
	// This is the one-shot query of RFC 6762, section 5.1: an ordinary DNS query
	// from a port of its own, answered like one. So Go's resolver asks it, and
	// judges the answer: its length, identifier and question.
	r := net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return openQuery(server)
	}}
	name := strings.TrimSuffix(host, ".") + "." // no search list
	for _, family := range []string{"ip4", "ip4", "ip6"} {
		if network != "ip" && network != family {
			continue
		}
		once, cancel := context.WithTimeout(ctx, multicastLookUp)
		addrs, _ := r.LookupNetIP(once, family, name) // the caller has the error of the ordinary resolver
		cancel()
		if addrs = dialable(addrs); len(addrs) > 0 {
			return addrs
		}
	}
	return nil
}

// dialable leaves out what no machine has, and link-local IPv6 addresses: an
// answer does not say on which interface they are.
func dialable(addrs []netip.Addr) (good []netip.Addr) {
	for _, a := range addrs {
		a = a.Unmap()
		if checkUnicast(a) == nil && !a.IsUnspecified() && !(a.Is6() && a.IsLinkLocalUnicast()) && len(good) < maxAddresses {
			good = append(good, a)
		}
	}
	return good
}

// A query is the socket of one question. It is not connected, as the answer
// comes from the machine asked for. Of a net.PacketConn, Go's resolver knows
// that it carries datagrams.
type query struct {
	*net.UDPConn
	server netip.AddrPort
}

func openQuery(server netip.AddrPort) (net.Conn, error) {
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, err
	}
	return &query{conn, server}, nil
}

// Read reads one answer, from whomever it comes.
func (q *query) Read(b []byte) (int, error) {
	n, _, err := q.ReadFromUDPAddrPort(b)
	return n, err
}

// Write sends the question through each interface: the default route alone may not
// lead to the broker, or be missing.
func (q *query) Write(b []byte) (int, error) {
	sent := 0
	for _, index := range multicastInterfaces() {
		_ = q.through(index) // where the system does not let us choose, its route does
		if _, err := q.WriteToUDPAddrPort(b, q.server); err == nil {
			sent++
		}
	}
	if sent == 0 {
		return 0, syscall.ENETUNREACH
	}
	return len(b), nil
}

// through chooses the interface with this index for multicasts.
func (q *query) through(index int) error {
	raw, err := q.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptIPMreqn(int(fd), syscall.IPPROTO_IP, syscall.IP_MULTICAST_IF, &syscall.IPMreqn{Ifindex: int32(index)})
	})
	return errors.Join(err, failed)
}

// multicastInterfaces returns the index of each interface that is up and has IPv4,
// loopback included: the broker may run on this machine. It reads a kernel file,
// because the service may not use netlink.
func multicastInterfaces() (indexes []int) {
	igmp, _ := os.ReadFile("/proc/net/igmp")
	for line := range strings.Lines(string(igmp)) {
		index, _, _ := strings.Cut(line, "\t") // groups follow their interface, indented
		if n, err := strconv.Atoi(index); err == nil {
			indexes = append(indexes, n)
		}
	}
	return indexes
}
