package mqtt

import (
	"net/netip"
	"net/url"
	"strings"
)

// hidden stands where a secret may have stood.
const hidden = "***"

// Display returns a broker's URL as it may be shown. The path of a WebSocket
// may be a token.
func Display(u *url.URL) string {
	s := u.Scheme + "://" + u.Host
	if strings.Trim(u.Path, "/") != "" {
		s += "/" + hidden
	}
	return s
}

// Redact returns what may be shown of the text of a URL, well formed or not:
// its scheme, host and port. What may be a password in place of one of them,
// and all that follows, is hidden.
func Redact(raw string) string {
	scheme, rest := "", raw
	if s, after, ok := strings.Cut(raw, "://"); ok && isScheme(s) {
		scheme, rest = s+"://", after
	}
	if hasUserinfo(raw) {
		return scheme + hidden
	}
	end := strings.IndexAny(rest, "/?#,;")
	if end < 0 {
		end = len(rest)
	}
	hostport, tail := rest[:end], rest[end:]
	if !isShownHost(hostport) {
		host, port, ok := cutPort(hostport)
		switch {
		case !ok || !isShownHost(host):
			return scheme + hidden
		case len(port) > 5 || strings.Trim(port, "0123456789") != "":
			return scheme + host + ":" + hidden
		}
	}
	if strings.Trim(tail, "/") != "" {
		tail = tail[:1] + hidden
	}
	return scheme + hostport + tail
}

// isScheme reports whether something is the scheme of a URL of a broker, here
// or with another program.
func isScheme(s string) bool {
	s = strings.ToLower(s)
	return defaultPorts[s] != "" || otherSchemes[s] != ""
}

// cutPort cuts after the host, which may have colons in it.
func cutPort(hostport string) (host, port string, ok bool) {
	i := strings.IndexByte(hostport, ':')
	if bracket := strings.LastIndex(hostport, "]:"); bracket >= 0 {
		i = bracket + 1
	} else if last := strings.LastIndexByte(hostport, ':'); last > i && isShownHost(hostport[:last]) {
		i = last
	}
	if i < 0 {
		return hostport, "", false
	}
	return hostport[:i], hostport[i+1:], true
}

// isShownHost reports whether something is a host name or an address, or
// nothing.
func isShownHost(s string) bool {
	literal := strings.Replace(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"), "%25", "%", 1)
	if addr, err := netip.ParseAddr(literal); err == nil {
		return addr.Zone() == "" || isLabel(addr.Zone())
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if l != "" && !isLabel(l) {
			return false
		}
	}
	return true
}
