package config

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ports are the schemes of a broker's URL with their default ports.
var ports = map[string]string{"mqtt": "1883", "mqtts": "8883", "ws": "80", "wss": "443"}

// checkURLs parses the URLs of the broker and sees to it that no password
// travels in clear.
func (k *checker) checkURLs() {
	b := &k.c.Broker
	if len(b.URLs) == 0 {
		k.add(`broker: urls = []: want at least one, such as "mqtt://localhost:1883"`)
	}
	password := b.PasswordFile != "" || credential(k.env.Getenv) != ""
	for _, raw := range b.URLs {
		u, err := parseServer(raw)
		switch {
		case err != nil:
			k.wrongURL(raw, err.Error())
			continue
		case password && !Encrypted(u) && !loopback(u.Hostname()) && !b.AllowPlaintext:
			k.wrongURL(raw, "want mqtts:// or wss:// to send a password, or allow_plaintext_password = true")
		}
		b.Servers = append(b.Servers, u)
	}
}

func (k *checker) wrongURL(raw, cause string) {
	k.add("broker: urls: %s: %s", show("urls", raw), cause)
}

// parseServer parses the URL of a broker and completes it with its port. Its
// errors do not repeat any part of the URL, which may hold a secret.
func parseServer(raw string) (*url.URL, error) {
	if strings.Contains(raw, "@") {
		return nil, errors.New("want no user or password in a URL, but username and password_file")
	}
	u, err := url.Parse(raw)
	if err != nil || ports[u.Scheme] == "" || u.Opaque != "" || u.Hostname() == "" {
		return nil, errors.New("want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH")
	}
	web := u.Scheme == "ws" || u.Scheme == "wss"
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case strings.ContainsAny(raw, "?#"):
		return nil, errors.New("want a URL without ? and #")
	case !web && strings.Trim(u.Path, "/") != "":
		return nil, errors.New("want a URL without a path, which only ws:// and wss:// have")
	case u.Port() == "" && !strings.HasSuffix(u.Host, ":"):
		u.Host += ":" + ports[u.Scheme]
	case err != nil || port == 0:
		return nil, errors.New("want a port from 1 to 65535")
	}
	return u, nil
}

// Encrypted tells whether TLS is spoken at a URL of parseServer.
func Encrypted(u *url.URL) bool { return u.Scheme == "mqtts" || u.Scheme == "wss" }

// loopback tells whether what is sent to a host stays on this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
