package config

import (
	"net/netip"
	"strings"

	"sensorpub/publisher/mqtt"
)

// checkURLs parses the URLs of the broker and makes sure that no password is
// sent in plain text.
func (k *checker) checkURLs() {
	b, p := &k.c.Broker, k.root.below("broker")
	if len(b.URLs) == 0 {
		k.add(p, "urls", `broker: urls = []: want at least one, such as "mqtt://localhost:1883"`)
	}
	password := b.PasswordFile != "" || credential(k.env.Getenv, brokerCredential) != ""
	for i, raw := range b.URLs {
		u, err := mqtt.ParseURL(raw)
		switch {
		case err != nil:
			k.wrongElem(p, "urls", i, raw, err.Error())
			continue
		case password && !mqtt.Encrypted(u) && !loopback(u.Hostname()) && !b.AllowPlaintext:
			k.wrongElem(p, "urls", i, raw, "want mqtts:// or wss:// to send a password, or allow_plaintext_password = true")
		}
		b.Servers = append(b.Servers, u)
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
