package config

import "sensorpub/cmd/sensorpub/fixture"

const discoveryOn = "homeassistant.discovery = true\n"

var badDiscovery = []badConfig{
	{
		"a form that is misspelt",
		`homeassistant.form = "component"` + fixture.OneSensor,
		`config.toml:1: homeassistant: form = "component": want "device" or "components"`,
	},
	{
		"diagnostics that would flood a database",
		`homeassistant.diagnostics = "1s"` + fixture.OneSensor,
		`config.toml:1: homeassistant: diagnostics = "1s": want 10s or more, or "0s" for none`,
	},
	{
		"a prefix that ends with a slash",
		`homeassistant.prefix = "homeassistant/"` + fixture.OneSensor,
		`config.toml:1: homeassistant: prefix = "homeassistant/": want a topic without empty levels`,
	},
	{
		"an area of two levels",
		fixture.OneSensor + `area = "house/kitchen"`,
		`config.toml:6: sensor 1 ("outside"): area = "house/kitchen": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a topic with an area that is missing",
		`publish.topic = "{area}/{quantity}"` + fixture.OneSensor,
		`config.toml:2: sensor 1 ("outside"): topic = "{area}/{quantity}": want area to be set, which is in its topic`,
	},
	{
		"an identity with a control character",
		fixture.OneSensor + `identity = "a\n"`,
		`config.toml:6: sensor 1 ("outside"): identity = "a\n": want at most 255 bytes, without control characters and Unicode non-characters`,
	},
	{
		"two sensors with one identity",
		once("a", 1, `identity = "x"`) + once("b", 1, `identity = "x"`),
		`config.toml:14: sensor 2 ("b"): identity = "x": already used by sensor "a", want one of its own`,
	},
	{
		"the name of another sensor as identity",
		once("a", 1) + once("b", 1, `identity = "a"`),
		`config.toml:13: sensor 2 ("b"): identity = "a": already used by sensor "a", want one of its own`,
	},
	{
		"a topic that is the node's own",
		discoveryOn + `node = "n"` + once("a", 1, `topic = "sensorpub/n/diagnostics"`) + once("b", 1, `topic = "homeassistant/device/sensorpub_n/config"`) +
			once("c", 1, `topic = "sensorpub/n/a/status"`),
		"config.toml: 3 errors\n" +
			`  config.toml:8: sensor 1 ("a"): topic = "sensorpub/n/diagnostics": resolves to "sensorpub/n/diagnostics", already used by the diagnostics` + "\n" +
			`  config.toml:15: sensor 2 ("b"): topic = "homeassistant/device/sensorpub_n/config": resolves to "homeassistant/device/sensorpub_n/config", already used by the discovery` + "\n" +
			`  config.toml:22: sensor 3 ("c"): topic = "sensorpub/n/a/status": resolves to "sensorpub/n/a/status", already used by the availability of "a"`,
	},
	{
		"a status topic that is the node's own announcement",
		discoveryOn + `node = "n"` + "\n" + `availability.topic = "homeassistant/device/sensorpub_n/config"` + fixture.OneSensor,
		`config.toml:3: availability: topic = "homeassistant/device/sensorpub_n/config": already used by the discovery`,
	},
	{
		"a status topic on which Home Assistant says that it has started",
		discoveryOn + `homeassistant.prefix = "sensorpub/n"` + "\n" + `node = "n"` + fixture.OneSensor,
		`config.toml:1: availability: topic = "sensorpub/n/status": already used by Home Assistant, to say that it has started`,
	},
	{
		"a topic on which Home Assistant says that it has started",
		discoveryOn + once("a", 1, `topic = "homeassistant/status"`),
		`config.toml:8: sensor 1 ("a"): topic = "homeassistant/status": resolves to "homeassistant/status", already used by Home Assistant, to say that it has started`,
	},
}
