package config

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"sensorpub/sensors/drivers/option"
)

// webCredential is the systemd credential with the password of the page.
const webCredential = "http-password"

// checkHTTP checks where the page is served, and for whom.
func checkHTTP(errs *Errors, p place, h HTTP) {
	for i, name := range h.Hosts {
		if u, err := url.Parse("//" + name); name == "" || strings.Contains(name, "*") || strings.ContainsFunc(name, option.BadInText) || err != nil || u.Hostname() != name || u.Port() != "" {
			errs.wrongElem(p, "hosts", i, name, "want a host name without a port")
		}
	}
	if h.Listen == "" {
		return
	}
	host, port, ok := splitListen(h.Listen)
	switch {
	case !ok || port == 0:
		errs.wrong(p, "listen", h.Listen, `want an address and a port such as "127.0.0.1:9110"`)
	case !loopback(host) && !h.AllowRemote:
		errs.wrong(p, "listen", h.Listen, "want an address of this machine alone, such as \"127.0.0.1:%d\", or allow_remote = true", port)
	}
}

// splitListen splits an address to listen at: that of an interface, "localhost",
// or "" for all interfaces, and a port.
func splitListen(listen string) (host string, port uint16, ok bool) {
	i := strings.LastIndexByte(listen, ':')
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(listen[i+1:], 10, 16)
	if err != nil {
		return "", 0, false
	}
	host = listen[:i]
	if inner, brackets := strings.CutPrefix(host, "["); brackets {
		host, brackets = strings.CutSuffix(inner, "]")
		ok = brackets && strings.Contains(host, ":")
	} else {
		ok = !strings.Contains(host, ":")
	}
	if host != "" && !strings.EqualFold(host, "localhost") {
		_, err := netip.ParseAddr(host)
		ok = ok && err == nil
	}
	return host, uint16(n), ok
}

// Remote reports whether other machines can reach the page.
func (h HTTP) Remote() bool {
	host, _, _ := splitListen(h.Listen)
	return h.Listen != "" && !loopback(host)
}

// Address returns where this machine reaches the page, as host:port.
func (h HTTP) Address() string {
	host, port, _ := splitListen(h.Listen)
	if addr, err := netip.ParseAddr(host); err != nil || addr.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

// HasHTTPPassword reports whether the page asks for a password. It opens nothing.
func (c *Config) HasHTTPPassword() bool { return c.httpPasswordFile() != "" }

// httpPasswordFile returns the file with the password of the page, or "".
func (c *Config) httpPasswordFile() string {
	if c.HTTP.PasswordFile != "" {
		return c.HTTP.PasswordFile
	}
	return credential(c.env.Getenv, webCredential)
}

// HTTPPassword reads the password of the page. Without one it returns "".
func (c *Config) HTTPPassword(ctx context.Context) (string, error) {
	return c.readPassword(ctx, c.httpPasswordFile())
}
