package config

import (
	"net/netip"
	"strings"
	"time"
	"unicode"

	"sensorpub/publisher/mqtt"
)

// checkURLs parses the URLs of the broker and makes sure that no password is
// sent in plain text.
func checkURLs(errs *Errors, p place, b *Broker, getenv func(string) string) {
	if len(b.URLs) == 0 {
		errs.add(p, "urls", `broker: urls = []: want at least one, such as "mqtt://localhost:1883"`)
	}
	password := b.PasswordFile != "" || credential(getenv, brokerCredential) != ""
	for i, raw := range b.URLs {
		u, err := mqtt.ParseURL(raw)
		switch {
		case err != nil:
			errs.wrongElem(p, "urls", i, raw, err.Error())
			continue
		case password && !mqtt.Encrypted(u) && !loopback(u.Hostname()) && !b.AllowPlaintext:
			errs.wrongElem(p, "urls", i, raw, "want mqtts:// or wss:// to send a password, or allow_plaintext_password = true")
		}
		b.Servers = append(b.Servers, u)
	}
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.Unmap().IsLoopback()
}

// maxKeepAlive is the longest keep alive of MQTT (MQTT 3.1.1, section
// 3.1.2.10).
const maxKeepAlive = 65535 * time.Second

// checkBroker checks [broker], but not its URLs. names are the values of the
// placeholders that client_id and username may have.
func checkBroker(errs *Errors, p place, b *Broker, names map[string]string, getenv func(string) string) {
	printable := func(s string) bool {
		return len(s) <= maxString && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	}
	if b.KeepAlive%time.Second != 0 || b.KeepAlive > maxKeepAlive {
		errs.wrong(p, "keep_alive", b.KeepAlive, "want whole seconds, 65535s or less")
	}
	for _, f := range []struct {
		key   string
		value *string
	}{{"client_id", &b.ClientID}, {"username", &b.Username}} {
		if !printable(*f.value) {
			errs.wrong(p, f.key, *f.value, "want printable characters, at most %d bytes", maxString)
		}
		if _, cause := checkBraces(*f.value, "node", "hostname"); cause != "" {
			errs.wrong(p, f.key, *f.value, "%s", cause)
		}
		*f.value = expand(*f.value, names)
	}
	switch {
	case b.Username != "":
	case b.PasswordFile != "":
		errs.wrong(p, "username", "", "want a user name, because password_file is set")
	case credential(getenv, brokerCredential) != "":
		errs.wrong(p, "username", "", "want a user name, because there is the systemd credential %q", brokerCredential)
	}
}

// checkTLS checks [broker.tls], which needs a URL with TLS.
func checkTLS(errs *Errors, p place, b *Broker) {
	t := b.TLS
	if t.CertFile != "" && t.KeyFile == "" {
		errs.wrong(p, "key_file", "", "want the key of cert_file")
	}
	if t.KeyFile != "" && t.CertFile == "" {
		errs.wrong(p, "cert_file", "", "want the certificate of key_file")
	}
	for i, s := range t.Pins {
		pin, err := mqtt.ParsePin(s)
		if err != nil {
			errs.wrongElem(p, "pins", i, s, err.Error())
		}
		b.TLS.pins = append(b.TLS.pins, pin)
	}
	if len(b.Servers) < len(b.URLs) {
		return // one of the invalid ones may be meant
	}
	for _, s := range b.Servers {
		if mqtt.Encrypted(s) {
			return
		}
	}
	for _, set := range []struct{ key, value, def string }{
		{"ca_file", t.CAFile, ""},
		{"cert_file", t.CertFile, ""},
		{"key_file", t.KeyFile, ""},
		{"server_name", t.ServerName, ""},
		{"min_version", t.MinVersion, "1.2"},
		{"pins", strings.Join(t.Pins, ", "), ""},
	} {
		if set.value != set.def {
			errs.wrong(p, set.key, set.value, "want a URL in broker.urls that begins with mqtts:// or wss://, without which it has no effect")
		}
	}
}
