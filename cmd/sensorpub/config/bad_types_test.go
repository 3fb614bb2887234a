package config

import (
	"strings"

	"sensorpub/cmd/sensorpub/fixture"
)

// badKeys are errors in keys, types, drivers, names and durations.
var badKeys = []badConfig{
	{
		"a file without sensors",
		"",
		"config.toml:1: sensor: missing, want at least one [[sensor]]",
	},
	{
		"an empty list of sensors",
		"sensor = []",
		"config.toml:1: sensor = []: want at least one [[sensor]]",
	},
	{
		"a sensor in single brackets",
		"[sensor]\nname = \"outside\"",
		"config.toml:1: sensor = a table: want [[sensor]], with double brackets",
	},
	{
		"a list of sensors that are not tables",
		"sensor = [5]",
		"config.toml:1: sensor = [5]: want [[sensor]], with double brackets",
	},
	{
		"a section that is not a table",
		"broker = 5" + fixture.OneSensor,
		"config.toml:1: broker = 5: want a table",
	},
	{
		"a list of tables where a table is wanted",
		"[[broker]]\nusername = \"u\"" + fixture.OneSensor,
		"config.toml:1: broker = a list of tables: want a table",
	},
	{
		"an unknown key at the top",
		`nod = "a"` + fixture.OneSensor,
		`config.toml:1: nod: unknown key, did you mean "node"?`,
	},
	{
		"an unknown key that resembles none",
		`colour = "red"` + fixture.OneSensor,
		`config.toml:1: colour: unknown key, want "node", "broker", "availability", "publish", "queue", "spool", "homeassistant", "http" or "sensor"`,
	},
	{
		"an unknown key in a section",
		`broker.keepalive = "10s"` + fixture.OneSensor,
		`config.toml:1: broker: keepalive: unknown key, did you mean "keep_alive"?`,
	},
	{
		"an unknown key in another letter case",
		"[publish]\nQoS = 1" + fixture.OneSensor,
		`config.toml:2: publish: QoS: unknown key, did you mean "qos"?`,
	},
	{
		"an unknown section",
		"borker.urls = []" + fixture.OneSensor,
		`config.toml:1: borker: unknown key, did you mean "broker"?`,
	},
	{
		"an unknown table in a section",
		`broker.tsl.ca_file = "x"` + fixture.OneSensor,
		`config.toml:1: broker: tsl: unknown key, did you mean "tls"?`,
	},
	{
		"a top-level key below a section",
		`broker.node = "a"` + fixture.OneSensor,
		"config.toml:1: broker: node: unknown key, it belongs at the top, before the first [section]",
	},
	{
		"a key below the wrong section",
		"queue.qos = 1" + fixture.OneSensor,
		"config.toml:1: queue: qos: unknown key, it belongs in [publish] or in [[sensor]]",
	},
	{
		"a key of a table in a section",
		`broker.ca_file = "x"` + fixture.OneSensor,
		"config.toml:1: broker: ca_file: unknown key, it belongs in [broker.tls]",
	},
	{
		"an option of the driver beside its options",
		fixture.OneSensor + "baseline = 5",
		`config.toml:6: sensor 1 ("outside"): baseline: unknown key, it belongs in options = { … }`,
	},
	{
		"an option that the driver does not have",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { valeus = [1] }",
		`config.toml:4: sensor 1 ("outside"): options.valeus: unknown key, did you mean "values"?`,
	},
	{
		"an option of a wrong type",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { values = 1 }",
		`config.toml:4: sensor 1 ("outside"): options.values = 1: want a list of numbers such as [28.4, 28.5]`,
	},
	{
		"a driver that is misspelt",
		"[[sensor]]\nname = \"outside\"\ndriver = \"moc\"",
		`config.toml:3: sensor 1 ("outside"): driver = "moc": no such driver, did you mean "mock"?`,
	},
	{
		"a driver that resembles none",
		"[[sensor]]\nname = \"outside\"\ndriver = \"thermocouple\"",
		`config.toml:3: sensor 1 ("outside"): driver = "thermocouple": no such driver, want ` + driverNames(),
	},
	{
		"a driver that is not a string",
		"[[sensor]]\nname = \"outside\"\ndriver = 18",
		`config.toml:3: sensor 1 ("outside"): driver = 18: want a string`,
	},
	{
		"a sensor without anything",
		"[[sensor]]",
		"config.toml: 2 errors\n" +
			"  config.toml:1: sensor 1: name: missing, want a name for the sensor\n" +
			"  config.toml:1: sensor 1: driver: missing, want one of those that sensorpub drivers lists",
	},
	{
		"a sensor name that is empty",
		named(""),
		`config.toml:3: sensor 1 (""): name = "": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a sensor name that is not a string",
		"[[sensor]]\nname = 5\ndriver = \"mock\"",
		"config.toml:2: sensor 1: name = 5: want a string",
	},
	{
		"a sensor name with a slash",
		named("a/b"),
		`config.toml:3: sensor 1 ("a/b"): name = "a/b": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a sensor name with a wildcard",
		named("a+"),
		`config.toml:3: sensor 1 ("a+"): name = "a+": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a sensor name with a control character",
		named("a\\tb"),
		`config.toml:3: sensor 1 ("a\tb"): name = "a\tb": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a sensor name that is too long for the spool",
		named(strings.Repeat("ü", 128)),
		`config.toml:3: sensor 1 ("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…): name = "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü…: want a name of at most 255 bytes`,
	},
	{
		"a sensor name that is there twice",
		fixture.OneSensor + fixture.OneSensor,
		`config.toml:8: sensor 2 ("outside"): name = "outside": name already used by sensor 1`,
	},
	{
		"a node with a wildcard",
		`node = "#"` + fixture.OneSensor,
		`config.toml:1: node = "#": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a node that is a number",
		"node = 5" + fixture.OneSensor,
		"config.toml:1: node = 5: want a string",
	},
	{
		"a duration that is a number",
		fixture.OneSensor + "interval = 5",
		`config.toml:6: sensor 1 ("outside"): interval = 5: want a duration such as "10s", 100ms or more`,
	},
	{
		"a duration without a unit",
		fixture.OneSensor + `interval = "5"`,
		`config.toml:6: sensor 1 ("outside"): interval = "5": want a duration such as "10s", 100ms or more`,
	},
	{
		"a duration in words",
		fixture.OneSensor + `interval = "1 minute"`,
		`config.toml:6: sensor 1 ("outside"): interval = "1 minute": want "1m"`,
	},
	{
		"a duration of days",
		fixture.OneSensor + `interval = "1d"`,
		`config.toml:6: sensor 1 ("outside"): interval = "1d": want "24h"`,
	},
	{
		"an interval that is too short",
		fixture.OneSensor + `interval = "99ms"`,
		`config.toml:6: sensor 1 ("outside"): interval = "99ms": want a duration such as "10s", 100ms or more`,
	},
	{
		"an interval that is too long",
		fixture.OneSensor + `interval = "24h1s"`,
		`config.toml:6: sensor 1 ("outside"): interval = "24h1s": want a duration such as "10s", 24h or less`,
	},
	{
		"a nought without a unit",
		`queue.max_age = "0"` + fixture.OneSensor,
		`config.toml:1: queue: max_age = "0": want a duration such as "10s", 0s or more`,
	},
	{
		"an age below nought",
		`queue.max_age = "-1s"` + fixture.OneSensor,
		`config.toml:1: queue: max_age = "-1s": want a duration such as "10s", 0s or more`,
	},
	{
		"a grace that is too long",
		`queue.grace = "301s"` + fixture.OneSensor,
		`config.toml:1: queue: grace = "301s": want a duration such as "5s", 5m or less`,
	},
}
