package config

import "sensorpub/cmd/sensorpub/fixture"

const wantListen = `: want an address and a port such as "127.0.0.1:9110"`

var badHTTP = []badConfig{
	{
		"a page at a port without an address",
		"[http]\nlisten = \"9110\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "9110"` + wantListen,
	},
	{
		"a page at any free port",
		"[http]\nlisten = \"127.0.0.1:0\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "127.0.0.1:0"` + wantListen,
	},
	{
		"a page at a name of another machine",
		"[http]\nlisten = \"garden-pi.lan:9110\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "garden-pi.lan:9110"` + wantListen,
	},
	{
		"a page at an IPv6 address without brackets",
		"[http]\nlisten = \"::1:9110\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "::1:9110"` + wantListen,
	},
	{
		"a page at a URL",
		"[http]\nlisten = \"http://127.0.0.1:9110\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "http://127.0.0.1:9110"` + wantListen,
	},
	{
		"a page for the network that nobody has allowed",
		"[http]\nlisten = \"0.0.0.0:9110\"" + fixture.OneSensor,
		`config.toml:2: http: listen = "0.0.0.0:9110": want an address of this machine alone, such as "127.0.0.1:9110", or allow_remote = true`,
	},
	{
		"a page on all interfaces that nobody has allowed",
		"[http]\nallow_remote = false\nlisten = \":80\"" + fixture.OneSensor,
		`config.toml:3: http: listen = ":80": want an address of this machine alone, such as "127.0.0.1:80", or allow_remote = true`,
	},
	{
		"names of the page that are not names",
		"[http]\nhosts = [\"garden.example\",\n \"garden.example:9110\", \"http://garden\", \"\", \"a b\", \"*.example\", \"a\\u0085\"]" + fixture.OneSensor,
		"config.toml: 6 errors\n" +
			`  config.toml:3: http: hosts: "garden.example:9110": want a host name without a port` + "\n" +
			`  config.toml:3: http: hosts: "http://garden": want a host name without a port` + "\n" +
			`  config.toml:3: http: hosts: "": want a host name without a port` + "\n" +
			`  config.toml:3: http: hosts: "a b": want a host name without a port` + "\n" +
			`  config.toml:3: http: hosts: "*.example": want a host name without a port` + "\n" +
			`  config.toml:3: http: hosts: "a\u0085": want a host name without a port`,
	},
}
