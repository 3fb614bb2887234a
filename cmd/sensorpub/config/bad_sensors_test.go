package config

import (
	"strings"

	"sensorpub/cmd/sensorpub/fixture"
)

// badSections are errors in the other sections and in the syntax.
var badSections = []badConfig{
	{
		"an encoding that is misspelt",
		`publish.encoding = "jsn"` + fixture.OneSensor,
		`config.toml:1: publish: encoding = "jsn": want "text", "binary" or "json"`,
	},
	{
		"a binary format that has another width",
		`publish.binary_format = ">h"` + fixture.OneSensor,
		`config.toml:1: publish: binary_format = ">h": want ">d", "<d", ">f" or "<f"`,
	},
	{
		"a QoS that MQTT does not have",
		"publish.qos = 3" + fixture.OneSensor,
		"config.toml:1: publish: qos = 3: want an integer from 0 to 2",
	},
	{
		"a QoS of a sensor that MQTT does not have",
		fixture.OneSensor + "qos = -1",
		`config.toml:6: sensor 1 ("outside"): qos = -1: want an integer from 0 to 2`,
	},
	{
		"a precision that is too fine",
		"publish.precision = 11" + fixture.OneSensor,
		"config.toml:1: publish: precision = 11: want an integer from 0 to 10",
	},
	{
		"a retain flag that is a number",
		fixture.OneSensor + "retain = 1",
		`config.toml:6: sensor 1 ("outside"): retain = 1: want true or false`,
	},
	{
		"a queue for nothing",
		"queue.capacity = 0" + fixture.OneSensor,
		"config.toml:1: queue: capacity = 0: want an integer from 1 to 1000000",
	},
	{
		"a queue that is too large",
		"queue.capacity = 1000001" + fixture.OneSensor,
		"config.toml:1: queue: capacity = 1000001: want an integer from 1 to 1000000",
	},
	{
		"an overflow that is misspelt",
		`queue.overflow = "drop-old"` + fixture.OneSensor,
		`config.toml:1: queue: overflow = "drop-old": want "drop-oldest", "drop-newest" or "block"`,
	},
	{
		"a backlog that is misspelt",
		`queue.backlog = "keep"` + fixture.OneSensor,
		`config.toml:1: queue: backlog = "keep": want "replay", "latest" or "history"`,
	},
	{
		"a spool that is somewhere else with every start",
		"[spool]\ndir = \"x\"\nruntime_dir = \"./y\"" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			`  config.toml:2: spool: dir = "x": want an absolute path, or "off"` + "\n" +
			`  config.toml:3: spool: runtime_dir = "./y": want an absolute path, or "off"`,
	},
	{
		"a spool with one directory for both",
		"[spool]\ndir = \"/x/\"\nruntime_dir = \"/y/../x\"" + fixture.OneSensor,
		`config.toml:3: spool: runtime_dir = "/x": want another directory than dir, on a tmpfs such as /run/sensorpub`,
	},
	{
		"a spool that is too small for a segment",
		"spool.max_bytes = 65535" + fixture.OneSensor,
		"config.toml:1: spool: max_bytes = 65535: want an integer from 65536 to 1099511627776",
	},
	{
		"wrong types in many places",
		"[spool]\ndir = 5\nmax_bytes = \"16M\"\nflush_interval = 30\n[homeassistant]\ndiscovery = \"no\"\n[http]\nlisten = 80" + fixture.OneSensor + "filter = { median = 1.5, heartbeat = 60, max_step = nan, window = 3 }\ncalibration = { points = [1, 2], ofset = 1 }",
		"config.toml: 11 errors\n" +
			"  config.toml:2: spool: dir = 5: want a string\n" +
			`  config.toml:3: spool: max_bytes = "16M": want an integer from 65536 to 1099511627776` + "\n" +
			`  config.toml:4: spool: flush_interval = 30: want a duration such as "30s", 100ms or more` + "\n" +
			`  config.toml:6: homeassistant: discovery = "no": want true or false` + "\n" +
			"  config.toml:8: http: listen = 80: want a string\n" +
			`  config.toml:13: sensor 1 ("outside"): filter.max_step = nan: want a number, 0 or more` + "\n" +
			`  config.toml:13: sensor 1 ("outside"): filter.median = 1.5: want an integer from 0 to 999` + "\n" +
			`  config.toml:13: sensor 1 ("outside"): filter.heartbeat = 60: want a duration such as "10s", 0s or more` + "\n" +
			`  config.toml:13: sensor 1 ("outside"): filter.window: unknown key, it belongs in [broker]` + "\n" +
			`  config.toml:14: sensor 1 ("outside"): calibration.points = [1, 2]: want a list of pairs such as [[0.2, 0.0], [99.1, 100.0]]` + "\n" +
			`  config.toml:14: sensor 1 ("outside"): calibration.ofset: unknown key, did you mean "offset"?`,
	},
	{
		"a discovery prefix with a wildcard",
		`homeassistant.prefix = "#"` + fixture.OneSensor,
		`config.toml:1: homeassistant: prefix = "#": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"options that are not a table",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = [1]",
		`config.toml:4: sensor 1 ("outside"): options = [1]: want a table such as { values = [28.4] }`,
	},
	{
		"a time where a string is wanted",
		"node = 2026-01-02T03:04:05Z" + fixture.OneSensor,
		"config.toml:1: node = 2026-01-02 03:04:05 +0000 UTC: want a string",
	},
	{
		"a key that is not a word",
		"\"a\\nb\" = 1" + fixture.OneSensor,
		`config.toml:1: "a\nb": unknown key, want "node", "broker", "availability", "publish", "queue", "spool", "homeassistant", "http" or "sensor"`,
	},
	{
		"a very long value",
		`publish.encoding = "` + strings.Repeat("x", 100) + `"` + fixture.OneSensor,
		`config.toml:1: publish: encoding = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…: want "text", "binary" or "json"`,
	},
	{
		"a key that is there twice",
		"node = \"a\"\nnode = \"b\"" + fixture.OneSensor,
		"config.toml:2:1: key 'node' has already been defined",
	},
	{
		"a string without its end",
		"node = \"x\n" + fixture.OneSensor,
		"config.toml:1:10: the quote that ends this string is missing",
	},
	{
		"a value without quotes",
		"[broker]\n  username = me",
		`config.toml:2:14: username = me: want "me", with quotes`,
	},
	{
		"a password without quotes",
		"[broker]\n  password = hunter2",
		"config.toml:2:14: not valid TOML",
	},
	{
		"a URL without quotes",
		"[broker]\n  urls = [mqtt://u:hunter2@h]",
		"config.toml:2:11: not valid TOML",
	},
	{
		"a number beyond 64 bits",
		"broker.window = 99999999999999999999" + fixture.OneSensor,
		"config.toml:1:17: 99999999999999999999 is out of range for int64",
	},
	{
		"several errors",
		"qos = 5" + named("a/b") + "interval = 5\nqos = 5" + named("a/b") + "encoding = \"xml\"\n[queue]\nbacklog = 1\n[broker]\nkeep_alive = \"1\"",
		"config.toml: 8 errors\n" +
			"  config.toml:1: qos: unknown key, it belongs in [publish] or in [[sensor]]\n" +
			`  config.toml:3: sensor 1 ("a/b"): name = "a/b": want a name without /, +, #, control characters and Unicode non-characters` + "\n" +
			`  config.toml:6: sensor 1 ("a/b"): interval = 5: want a duration such as "10s", 100ms or more` + "\n" +
			`  config.toml:7: sensor 1 ("a/b"): qos = 5: want an integer from 0 to 2` + "\n" +
			`  config.toml:9: sensor 2 ("a/b"): name = "a/b": want a name without /, +, #, control characters and Unicode non-characters` + "\n" +
			`  config.toml:12: sensor 2 ("a/b"): encoding = "xml": want "text", "binary" or "json"` + "\n" +
			`  config.toml:14: queue: backlog = 1: want "replay", "latest" or "history"` + "\n" +
			`  config.toml:16: broker: keep_alive = "1": want a duration such as "10s", 1s or more`,
	},
}
