package config

import (
	"net/netip"
	"strings"

	"sensorpub/publisher/mqtt"
)

// checkURLs parses the URLs of the broker and sees to it that no password
// travels in clear.
func (k *checker) checkURLs() {
	b := &k.c.Broker
	if len(b.URLs) == 0 {
		k.add(`broker: urls = []: want at least one, such as "mqtt://localhost:1883"`)
	}
	password := b.PasswordFile != "" || credential(k.env.Getenv) != ""
	for _, raw := range b.URLs {
		u, err := mqtt.ParseURL(raw)
		switch {
		case err != nil:
			k.wrongURL(raw, err.Error())
			continue
		case password && !mqtt.Encrypted(u) && !loopback(u.Hostname()) && !b.AllowPlaintext:
			k.wrongURL(raw, "want mqtts:// or wss:// to send a password, or allow_plaintext_password = true")
		}
		b.Servers = append(b.Servers, u)
	}
}

func (k *checker) wrongURL(raw, cause string) {
	k.add("broker: urls: %s: %s", show("urls", raw), cause)
}

// loopback tells whether what is sent to a host stays on this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}
