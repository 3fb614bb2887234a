package config

import "sensorpub/cmd/sensorpub/fixture"

// badBrokers are errors in [broker].
var badBrokers = []badConfig{
	{
		"a keep-alive of half seconds",
		`broker.keep_alive = "1500ms"` + fixture.OneSensor,
		`config.toml:1: broker: keep_alive = "1.5s": want whole seconds, 65535s or less`,
	},
	{
		"a keep-alive of nought",
		`broker.keep_alive = "0s"` + fixture.OneSensor,
		`config.toml:1: broker: keep_alive = "0s": want a duration such as "10s", 1s or more`,
	},
	{
		"a keep-alive beyond 16 bits",
		`broker.keep_alive = "65536s"` + fixture.OneSensor,
		`config.toml:1: broker: keep_alive = "18h12m16s": want whole seconds, 65535s or less`,
	},
	{
		"an acknowledgement deadline that is too short",
		`broker.ack_timeout = "1ms"` + fixture.OneSensor,
		`config.toml:1: broker: ack_timeout = "1ms": want a duration such as "10s", 100ms or more`,
	},
	{
		"an acknowledgement deadline that is too long",
		`broker.ack_timeout = "11m"` + fixture.OneSensor,
		`config.toml:1: broker: ack_timeout = "11m": want a duration such as "10s", 10m or less`,
	},
	{
		"a window of nought",
		"broker.window = 0" + fixture.OneSensor,
		"config.toml:1: broker: window = 0: want an integer from 1 to 32",
	},
	{
		"a window that paho cannot keep in order",
		"broker.window = 33" + fixture.OneSensor,
		"config.toml:1: broker: window = 33: want an integer from 1 to 32",
	},
	{
		"a window beyond 64 bits of another type",
		"broker.window = 1e3" + fixture.OneSensor,
		"config.toml:1: broker: window = 1000.0: want an integer from 1 to 32",
	},
	{
		"a client id with a newline",
		"broker.client_id = \"a\\nb\"" + fixture.OneSensor,
		`config.toml:1: broker: client_id = "a\nb": want printable characters, at most 65535 bytes`,
	},
	{
		"a client id with a NUL",
		"broker.client_id = \"\\u0000\"" + fixture.OneSensor,
		`config.toml:1: broker: client_id = "\x00": want printable characters, at most 65535 bytes`,
	},
	{
		"a client id with an unknown placeholder",
		`broker.client_id = "{sensor}"` + fixture.OneSensor,
		`config.toml:1: broker: client_id = "{sensor}": unknown placeholder {sensor}, want {node} or {hostname}`,
	},
	{
		"a user name with an unknown placeholder",
		`broker.username = "{machine}"` + fixture.OneSensor,
		`config.toml:1: broker: username = "{machine}": unknown placeholder {machine}, want {node} or {hostname}`,
	},
	{
		"a user name with a control character",
		"broker.username = \"\\u0007\"" + fixture.OneSensor,
		`config.toml:1: broker: username = "\a": want printable characters, at most 65535 bytes`,
	},
	{
		"a truth value in quotes",
		`broker.allow_plaintext_password = "true"` + fixture.OneSensor,
		`config.toml:1: broker: allow_plaintext_password = "true": want true or false`,
	},
	{
		"a password in the file",
		`broker.password = "hunter2"` + fixture.OneSensor,
		`config.toml:1: broker: password: unknown key, want password_file, or the systemd credential "mqtt-password"`,
	},
	{
		"a password file without a user name",
		`broker.password_file = "/x"` + fixture.OneSensor,
		`config.toml:1: broker: username = "": want a user name, because password_file is set`,
	},
	{
		"no URL",
		"broker.urls = []" + fixture.OneSensor,
		`config.toml:1: broker: urls = []: want at least one, such as "mqtt://localhost:1883"`,
	},
	{
		"a URL that is not a list",
		`broker.urls = "mqtt://u:hunter2@h"` + fixture.OneSensor,
		`config.toml:1: broker: urls = "mqtt://***": want a list of strings such as ["mqtt://localhost:1883"]`,
	},
	{
		"a list with something that is not a URL",
		`broker.urls = ["mqtt://u:hunter2@h", 5]` + fixture.OneSensor,
		`config.toml:1: broker: urls = ["mqtt://***", 5]: want a list of strings such as ["mqtt://localhost:1883"]`,
	},
	{
		"a URL with a password",
		`broker.urls = ["mqtt://u:hunter2@h"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://***": want no user or password in a URL, but username and password_file`,
	},
	{
		"a URL with a password of odd characters",
		`broker.urls = ["mqtt://u:h/u?n#t@e%r2@h"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://***": want no user or password in a URL, but username and password_file`,
	},
	{
		"a password without a scheme",
		`broker.urls = ["u:hunter2@h"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "***": want no user or password in a URL, but username and password_file`,
	},
	{
		"a URL with a query",
		`broker.urls = ["wss://h/mqtt?token=hunter2"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "wss://h/***": want a URL without ? and #`,
	},
	{
		"a URL with a fragment",
		`broker.urls = ["mqtt://h#hunter2"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://h#***": want a URL without ? and #`,
	},
	{
		"a URL with another scheme",
		`broker.urls = ["tcp://h:1883"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "tcp://h:1883": want mqtt:// in place of tcp://`,
	},
	{
		"a URL without a scheme",
		`broker.urls = ["localhost:1883"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "localhost:1883": want a scheme before the host, as in mqtt://HOST:1883`,
	},
	{
		"a URL without a host",
		`broker.urls = ["mqtt://:1883"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://:1883": want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH`,
	},
	{
		"an empty URL",
		`broker.urls = [""]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "": want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH`,
	},
	{
		"a URL that cannot be parsed",
		`broker.urls = ["mqtt://[::1"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://[::1": want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH`,
	},
	{
		"an IPv6 address without brackets",
		`broker.urls = ["mqtt://::1"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://::1": want an IPv6 address in brackets: mqtt://[::1]`,
	},
	{
		"two URLs in one",
		`broker.urls = ["mqtt://127.0.0.1:1883,10.0.0.2:1883"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://127.0.0.1:1883,***": want a list of URLs, as in urls = ["mqtt://HOST:1883", "mqtt://OTHER:1883"]`,
	},
	{
		"a password before an encoded @",
		`broker.urls = ["mqtt://u:hunter2%40h"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://***": want no user or password in a URL, but username and password_file`,
	},
	{
		"a password in place of a port",
		`broker.urls = ["mqtt://u:hunter2"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://u:***": want a port from 1 to 65535`,
	},
	{
		"a port of nought",
		`broker.urls = ["mqtt://h:0"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://h:0": want a port from 1 to 65535`,
	},
	{
		"a port beyond 16 bits",
		`broker.urls = ["mqtt://h:65536"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://h:65536": want a port from 1 to 65535`,
	},
	{
		"a colon without a port",
		`broker.urls = ["mqtt://h:"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtt://h:": want a port from 1 to 65535`,
	},
	{
		"a path on mqtt",
		`broker.urls = ["mqtts://h/mqtt"]` + fixture.OneSensor,
		`config.toml:1: broker: urls: "mqtts://h/***": want a URL without a path, which only ws:// and wss:// have`,
	},
	{
		"a password in clear",
		"[broker]\nusername = \"u\"\npassword_file = \"/x\"\nurls = [\"mqtts://a\", \"mqtt://b\", \"ws://c/mqtt\", \"mqtt://localhost\"]" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			`  config.toml:4: broker: urls: "mqtt://b": want mqtts:// or wss:// to send a password, or allow_plaintext_password = true` + "\n" +
			`  config.toml:4: broker: urls: "ws://c/***": want mqtts:// or wss:// to send a password, or allow_plaintext_password = true`,
	},
	{
		"a password in clear to a name like loopback",
		"[broker]\nusername = \"u\"\npassword_file = \"/x\"\nurls = [\"mqtt://127.0.0.1.example.org\"]" + fixture.OneSensor,
		`config.toml:4: broker: urls: "mqtt://127.0.0.1.example.org": want mqtts:// or wss:// to send a password, or allow_plaintext_password = true`,
	},
	{
		"a certificate without a key",
		"[broker]\nurls = [\"mqtts://h\"]\ntls = { cert_file = \"/x\" }" + fixture.OneSensor,
		`config.toml:3: broker: tls.key_file = "": want the key of cert_file`,
	},
	{
		"a key without a certificate",
		"[broker]\nurls = [\"mqtts://h\"]\ntls = { key_file = \"/x\" }" + fixture.OneSensor,
		`config.toml:3: broker: tls.cert_file = "": want the certificate of key_file`,
	},
	{
		"TLS keys without TLS",
		"[broker.tls]\nca_file = \"/x\"\nmin_version = \"1.3\"" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			`  config.toml:2: broker: tls.ca_file = "/x": want a URL in broker.urls that begins with mqtts:// or wss://, without which it has no effect` + "\n" +
			`  config.toml:3: broker: tls.min_version = "1.3": want a URL in broker.urls that begins with mqtts:// or wss://, without which it has no effect`,
	},
	{
		"a pin that is none",
		"[broker]\nurls = [\"mqtts://h\"]\ntls = { pins = [\"sha256/abc\"] }" + fixture.OneSensor,
		`config.toml:3: broker: tls.pins: "sha256/abc": want "sha256/" and the SHA-256 of the key in base64, 44 characters`,
	},
	{
		"a TLS version that is too old",
		`broker.tls.min_version = "1.1"` + fixture.OneSensor,
		`config.toml:1: broker: tls.min_version = "1.1": want "1.2" or "1.3"`,
	},
	{
		"a TLS version that is a number",
		"broker.tls.min_version = 1.2" + fixture.OneSensor,
		`config.toml:1: broker: tls.min_version = 1.2: want "1.2" or "1.3"`,
	},
}
