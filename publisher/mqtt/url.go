package mqtt

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// defaultPorts are the schemes of a broker's URL with their default ports.
var defaultPorts = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// otherSchemes are what other programs call them.
var otherSchemes = map[string]string{
	"tcp": "mqtt", "mqtt+tcp": "mqtt",
	"ssl": "mqtts", "tls": "mqtts", "tcps": "mqtts", "mqtt+ssl": "mqtts", "mqtt+tls": "mqtts",
	"http": "ws", "mqtt+ws": "ws", "https": "wss", "mqtt+wss": "wss",
}

var (
	errForm     = errors.New("want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH")
	errUserinfo = errors.New("want no user or password in a URL, but username and password_file")
	errZone     = errors.New("want %25 for the % before an interface, as in mqtt://[fe80::1%25eth0]:1883")
)

// ParseURL parses the URL of a broker and completes it with its port. What it
// accepts can be dialled, as far as its form says. Its errors repeat no part of
// the URL that may hold a secret.
func ParseURL(raw string) (*url.URL, error) {
	if hasUserinfo(raw) {
		return nil, errUserinfo
	}
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return nil, errors.New("want a URL without spaces and control characters")
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	scheme = strings.ToLower(scheme)
	if err := checkScheme(scheme, ok); err != nil {
		return nil, err
	}
	hostport, path, _ := strings.Cut(rest, "/")
	web := scheme == "ws" || scheme == "wss"
	switch {
	case strings.ContainsAny(hostport, ",;"), strings.Contains(path, "://"):
		return nil, errors.New(`want a list of URLs, as in urls = ["mqtt://HOST:1883", "mqtt://OTHER:1883"]`)
	case strings.ContainsAny(raw, "?#"):
		return nil, errors.New("want a URL without ? and #")
	case !web && strings.Trim(path, "/") != "":
		return nil, errors.New("want a URL without a path, which only ws:// and wss:// have")
	}
	host, port, err := splitHostPort(scheme, hostport)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errForm
	}
	u.Host = net.JoinHostPort(host, port)
	return u, nil
}

// hasUserinfo reports whether a URL may hold a user and a password: an @ in any
// form is a sign of it.
func hasUserinfo(raw string) bool {
	return strings.ContainsAny(raw, "@＠﹫") || strings.Contains(raw, "%40")
}

// checkScheme checks what stands before "://", if there is one.
func checkScheme(scheme string, is bool) error {
	before, _, _ := strings.Cut(scheme, ":")
	switch own := otherSchemes[scheme]; {
	case !is && scheme != "" && !strings.Contains(scheme, "/") && !isScheme(before):
		return errors.New("want a scheme before the host, as in mqtt://HOST:1883")
	case own != "":
		return fmt.Errorf("want %s:// in place of %s://", own, scheme)
	case !is || defaultPorts[scheme] == "":
		return errForm
	}
	return nil
}

// splitHostPort splits the host of a URL, without brackets, from its port.
func splitHostPort(scheme, hostport string) (host, port string, err error) {
	switch inner, bracket := strings.CutPrefix(hostport, "["); {
	case bracket:
		literal, after, closed := strings.Cut(inner, "]")
		if !closed || after != "" && after[0] != ':' {
			return "", "", errForm
		}
		port = after
		host, err = checkLiteral(literal)
	case strings.Count(hostport, ":") > 1:
		return "", "", wantBrackets(scheme, hostport)
	default:
		host, _, _ = strings.Cut(hostport, ":")
		port = hostport[len(host):]
		if err = checkHost(host); host == "" {
			err = errForm
		}
	}
	switch {
	case err != nil:
		return "", "", err
	case port == "":
		return host, defaultPorts[scheme], nil
	}
	if n, err := strconv.ParseUint(port[1:], 10, 16); err != nil || n == 0 {
		return "", "", errors.New("want a port from 1 to 65535")
	}
	return host, port[1:], nil
}

// checkLiteral returns the address in brackets as it is dialled (RFC 6874).
func checkLiteral(literal string) (string, error) {
	address, zone, zoned := strings.Cut(literal, "%25")
	addr, err := netip.ParseAddr(address)
	switch {
	case strings.Contains(address, "%") || zoned && zone == "":
		return "", errZone
	case err != nil:
		return "", errors.New("want an IPv6 address in the brackets")
	case addr.Is4():
		return "", errors.New("want an IPv4 address without brackets")
	case addr.IsLinkLocalUnicast() && !zoned:
		return "", errors.New("want the interface of a link-local address, as in mqtt://[fe80::1%25eth0]:1883")
	case zoned:
		addr = addr.WithZone(zone)
	}
	return addr.String(), checkUnicast(addr)
}

// wantBrackets says what is right for a host with more than one colon.
func wantBrackets(scheme, hostport string) error {
	head, port := hostport, ""
	addr, err := netip.ParseAddr(head)
	if err != nil {
		i := strings.LastIndexByte(hostport, ':')
		head, port = hostport[:i], hostport[i:]
		addr, err = netip.ParseAddr(head)
	}
	switch {
	case err != nil:
		return errForm
	case addr.Zone() != "" || addr.IsLinkLocalUnicast():
		return errors.New("want an IPv6 address in brackets and its interface, as in mqtt://[fe80::1%25eth0]:1883")
	case port == "":
		return fmt.Errorf("want an IPv6 address in brackets: %s://[%s]", scheme, addr)
	}
	return fmt.Errorf("want an IPv6 address in brackets: %s://[%s]:PORT", scheme, addr)
}

// checkHost checks a host name, as net.Resolver takes it, or an IPv4 address.
func checkHost(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return checkUnicast(addr)
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if last := labels[len(labels)-1]; strings.Trim(last, "0123456789") == "" && last != "" {
		return errors.New("want a host name, or an IPv4 address of four numbers from 0 to 255")
	}
	for _, l := range labels {
		if !isLabel(l) || len(host) > 253 {
			return errors.New("want a host name of letters, digits, - and . (an international one in its form with xn--), or an address")
		}
	}
	return nil
}

// isLabel reports whether a part of a host name can be looked up (RFC 1035,
// section 2.3.1, and the underscore, which many networks have).
func isLabel(l string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return l != "" && len(l) <= 63 && strings.Trim(l, letters) == "" &&
		l[0] != '-' && l[len(l)-1] != '-'
}

// checkUnicast checks that one machine can have an address.
func checkUnicast(addr netip.Addr) error {
	if addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return errors.New("want the address of one machine")
	}
	return nil
}

// Encrypted reports whether TLS is spoken at a broker's URL.
func Encrypted(u *url.URL) bool { return u.Scheme == "mqtts" || u.Scheme == "wss" }

// isWeb reports whether MQTT is spoken over a WebSocket.
func isWeb(u *url.URL) bool { return u.Scheme == "ws" || u.Scheme == "wss" }
