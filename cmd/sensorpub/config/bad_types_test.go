package config

import "strings"

// badKeys are what is wrong with keys, types, drivers, names and durations.
var badKeys = []badConfig{
	{
		"a file without sensors",
		"",
		"read config.toml: sensor: missing, want at least one [[sensor]]",
	},
	{
		"an empty list of sensors",
		"sensor = []",
		"read config.toml: sensor = []: want at least one [[sensor]]",
	},
	{
		"a sensor in single brackets",
		"[sensor]\nname = \"outside\"",
		"read config.toml: sensor = a table: want [[sensor]], with double brackets",
	},
	{
		"a list of sensors that are not tables",
		"sensor = [5]",
		"read config.toml: sensor = [5]: want [[sensor]], with double brackets",
	},
	{
		"a section that is not a table",
		"broker = 5" + oneSensor,
		"read config.toml: broker = 5: want a table",
	},
	{
		"a list of tables where a table is wanted",
		"[[broker]]\nusername = \"u\"" + oneSensor,
		"read config.toml: broker = a list of tables: want a table",
	},
	{
		"an unknown key at the top",
		`nod = "a"` + oneSensor,
		`read config.toml: nod: unknown key, did you mean "node"?`,
	},
	{
		"an unknown key that resembles none",
		`colour = "red"` + oneSensor,
		`read config.toml: colour: unknown key, want "node", "broker", "availability", "publish", "queue", "spool", "homeassistant", "http" or "sensor"`,
	},
	{
		"an unknown key in a section",
		`broker.keepalive = "10s"` + oneSensor,
		`read config.toml: broker: keepalive: unknown key, did you mean "keep_alive"?`,
	},
	{
		"an unknown key in another letter case",
		"[publish]\nQoS = 1" + oneSensor,
		`read config.toml: publish: QoS: unknown key, did you mean "qos"?`,
	},
	{
		"an unknown section",
		"borker.urls = []" + oneSensor,
		`read config.toml: borker: unknown key, did you mean "broker"?`,
	},
	{
		"an unknown table in a section",
		`broker.tsl.ca_file = "x"` + oneSensor,
		`read config.toml: broker: tsl: unknown key, did you mean "tls"?`,
	},
	{
		"a top-level key below a section",
		`broker.node = "a"` + oneSensor,
		"read config.toml: broker: node: unknown key, it belongs at the top, before the first [section]",
	},
	{
		"a key below the wrong section",
		"queue.qos = 1" + oneSensor,
		"read config.toml: queue: qos: unknown key, it belongs in [publish] or in [[sensor]]",
	},
	{
		"a key of a table in a section",
		`broker.ca_file = "x"` + oneSensor,
		"read config.toml: broker: ca_file: unknown key, it belongs in [broker.tls]",
	},
	{
		"an option of the driver beside its options",
		oneSensor + "baseline = 5",
		`read config.toml: sensor 1 ("outside"): baseline: unknown key, it belongs in options = { … }`,
	},
	{
		"an option that the driver does not have",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { valeus = [1] }",
		`read config.toml: sensor 1 ("outside"): options.valeus: unknown key, did you mean "values"?`,
	},
	{
		"an option of a wrong type",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { values = 1 }",
		`read config.toml: sensor 1 ("outside"): options.values = 1: want a list of numbers such as [28.4, 28.5]`,
	},
	{
		"a driver that is misspelt",
		"[[sensor]]\nname = \"outside\"\ndriver = \"moc\"",
		`read config.toml: sensor 1 ("outside"): driver = "moc": no such driver, did you mean "mock"?`,
	},
	{
		"a driver that resembles none",
		"[[sensor]]\nname = \"outside\"\ndriver = \"thermocouple\"",
		`read config.toml: sensor 1 ("outside"): driver = "thermocouple": no such driver, want ` + driverNames(),
	},
	{
		"a driver that is no string",
		"[[sensor]]\nname = \"outside\"\ndriver = 18",
		`read config.toml: sensor 1 ("outside"): driver = 18: want a string`,
	},
	{
		"a sensor without anything",
		"[[sensor]]",
		"read config.toml: 2 errors\n" +
			"  sensor 1: name: missing, want a name for the sensor\n" +
			"  sensor 1: driver: missing, want one of those that sensorpub drivers lists",
	},
	{
		"a sensor name that is empty",
		named(""),
		`read config.toml: sensor 1 (""): name = "": want a name without /, + and # and control characters`,
	},
	{
		"a sensor name that is no string",
		"[[sensor]]\nname = 5\ndriver = \"mock\"",
		"read config.toml: sensor 1: name = 5: want a string",
	},
	{
		"a sensor name with a slash",
		named("a/b"),
		`read config.toml: sensor 1 ("a/b"): name = "a/b": want a name without /, + and # and control characters`,
	},
	{
		"a sensor name with a wildcard",
		named("a+"),
		`read config.toml: sensor 1 ("a+"): name = "a+": want a name without /, + and # and control characters`,
	},
	{
		"a sensor name with a control character",
		named("a\\tb"),
		"read config.toml: sensor 1 (\"a\\tb\"): name = \"a\\tb\": want a name without /, + and # and control characters",
	},
	{
		"a sensor name that is too long for the spool",
		named(strings.Repeat("ü", 128)),
		`read config.toml: sensor 1 ("` + strings.Repeat("ü", 79) + `…): name = "` + strings.Repeat("ü", 79) + `…: want a name of at most 255 bytes`,
	},
	{
		"a sensor name that is there twice",
		oneSensor + oneSensor,
		`read config.toml: sensor 2 ("outside"): name = "outside": want a name that sensor 1 does not have already`,
	},
	{
		"a node with a wildcard",
		`node = "#"` + oneSensor,
		`read config.toml: node = "#": want a name without /, + and # and control characters`,
	},
	{
		"a node that is a number",
		"node = 5" + oneSensor,
		"read config.toml: node = 5: want a string",
	},
	{
		"a duration that is a number",
		oneSensor + "interval = 5",
		`read config.toml: sensor 1 ("outside"): interval = 5: want a duration such as "10s", 100ms or more`,
	},
	{
		"a duration without a unit",
		oneSensor + `interval = "5"`,
		`read config.toml: sensor 1 ("outside"): interval = "5": want a duration such as "10s", 100ms or more`,
	},
	{
		"a duration of days",
		oneSensor + `interval = "1d"`,
		`read config.toml: sensor 1 ("outside"): interval = "1d": want a duration such as "10s", 100ms or more`,
	},
	{
		"an interval that is too short",
		oneSensor + `interval = "99ms"`,
		`read config.toml: sensor 1 ("outside"): interval = "99ms": want a duration such as "10s", 100ms or more`,
	},
	{
		"an interval that is too long",
		oneSensor + `interval = "24h1s"`,
		`read config.toml: sensor 1 ("outside"): interval = "24h1s": want a duration such as "10s", 24h or less`,
	},
	{
		"a nought without a unit",
		`queue.max_age = "0"` + oneSensor,
		`read config.toml: queue: max_age = "0": want a duration such as "10s", 0s or more`,
	},
	{
		"an age below nought",
		`queue.max_age = "-1s"` + oneSensor,
		`read config.toml: queue: max_age = "-1s": want a duration such as "10s", 0s or more`,
	},
	{
		"a grace that is too long",
		`queue.grace = "301s"` + oneSensor,
		`read config.toml: queue: grace = "301s": want a duration such as "5s", 5m or less`,
	},
}
