package config

import "strings"

// badSections are what is wrong with the other sections, and with the syntax.
var badSections = []badConfig{
	{
		"an encoding that is misspelt",
		`publish.encoding = "jsn"` + oneSensor,
		`read config.toml: publish: encoding = "jsn": want "text", "binary" or "json"`,
	},
	{
		"a binary format that has another width",
		`publish.binary_format = ">h"` + oneSensor,
		`read config.toml: publish: binary_format = ">h": want ">d", "<d", ">f" or "<f"`,
	},
	{
		"a QoS that MQTT does not have",
		"publish.qos = 3" + oneSensor,
		"read config.toml: publish: qos = 3: want an integer from 0 to 2",
	},
	{
		"a QoS of a sensor that MQTT does not have",
		oneSensor + "qos = -1",
		`read config.toml: sensor 1 ("outside"): qos = -1: want an integer from 0 to 2`,
	},
	{
		"a precision that is too fine",
		"publish.precision = 11" + oneSensor,
		"read config.toml: publish: precision = 11: want an integer from 0 to 10",
	},
	{
		"a retain flag that is a number",
		oneSensor + "retain = 1",
		`read config.toml: sensor 1 ("outside"): retain = 1: want true or false`,
	},
	{
		"a queue for nothing",
		"queue.capacity = 0" + oneSensor,
		"read config.toml: queue: capacity = 0: want an integer from 1 to 1000000",
	},
	{
		"a queue that is too large",
		"queue.capacity = 1000001" + oneSensor,
		"read config.toml: queue: capacity = 1000001: want an integer from 1 to 1000000",
	},
	{
		"an overflow that is misspelt",
		`queue.overflow = "drop-old"` + oneSensor,
		`read config.toml: queue: overflow = "drop-old": want "drop-oldest", "drop-newest" or "block"`,
	},
	{
		"a backlog that is misspelt",
		`queue.backlog = "keep"` + oneSensor,
		`read config.toml: queue: backlog = "keep": want "replay", "latest" or "history"`,
	},
	{
		"features that are still to come",
		"[homeassistant]\ndiscovery = true\n[http]\nlisten = \":80\"" + oneSensor,
		"read config.toml: 2 errors\n" +
			"  homeassistant: discovery = true: not supported by this version, want false\n" +
			`  http: listen = ":80": not supported by this version, want ""`,
	},
	{
		"a spool that is somewhere else with every start",
		"[spool]\ndir = \"x\"\nruntime_dir = \"./y\"" + oneSensor,
		"read config.toml: 2 errors\n" +
			`  spool: dir = "x": want an absolute path, or "off"` + "\n" +
			`  spool: runtime_dir = "./y": want an absolute path, or "off"`,
	},
	{
		"a spool with one directory for both",
		"[spool]\ndir = \"/x/\"\nruntime_dir = \"/y/../x\"" + oneSensor,
		`read config.toml: spool: runtime_dir = "/x": want another directory than dir, on a tmpfs such as /run/sensorpub`,
	},
	{
		"a spool that is too small for a segment",
		"spool.max_bytes = 65535" + oneSensor,
		"read config.toml: spool: max_bytes = 65535: want an integer from 65536 to 1099511627776",
	},
	{
		"wrong types in many places",
		"[spool]\ndir = 5\nmax_bytes = \"16M\"\nflush_interval = 30\n[homeassistant]\ndiscovery = \"no\"\n[http]\nlisten = 80" + oneSensor + "filter = { median = 1.5, heartbeat = 60, max_step = nan, window = 3 }\ncalibration = { points = [1, 2], ofset = 1 }",
		"read config.toml: 11 errors\n" +
			"  spool: dir = 5: want a string\n" +
			`  spool: flush_interval = 30: want a duration such as "30s", 100ms or more` + "\n" +
			`  spool: max_bytes = "16M": want an integer from 65536 to 1099511627776` + "\n" +
			`  homeassistant: discovery = "no": want true or false` + "\n" +
			"  http: listen = 80: want a string\n" +
			`  sensor 1 ("outside"): filter.max_step = nan: want a number, 0 or more` + "\n" +
			`  sensor 1 ("outside"): filter.median = 1.5: want an integer from 0 to 999` + "\n" +
			`  sensor 1 ("outside"): filter.heartbeat = 60: want a duration such as "10s", 0s or more` + "\n" +
			`  sensor 1 ("outside"): filter.window: unknown key, it belongs in [broker]` + "\n" +
			`  sensor 1 ("outside"): calibration.points = [1, 2]: want a list of pairs such as [[0.2, 0.0], [99.1, 100.0]]` + "\n" +
			`  sensor 1 ("outside"): calibration.ofset: unknown key, did you mean "offset"?`,
	},
	{
		"a discovery prefix with a wildcard",
		`homeassistant.prefix = "#"` + oneSensor,
		`read config.toml: homeassistant: prefix = "#": want a topic that does not begin with $ and has no +, # or NUL in it`,
	},
	{
		"options that are no table",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = [1]",
		`read config.toml: sensor 1 ("outside"): options = [1]: want a table such as { values = [28.4] }`,
	},
	{
		"a time where a string is wanted",
		"node = 2026-01-02T03:04:05Z" + oneSensor,
		"read config.toml: node = 2026-01-02 03:04:05 +0000 UTC: want a string",
	},
	{
		"a key that is no word",
		"\"a\\nb\" = 1" + oneSensor,
		`read config.toml: "a\nb": unknown key, want "node", "broker", "availability", "publish", "queue", "spool", "homeassistant", "http" or "sensor"`,
	},
	{
		"a very long value",
		`publish.encoding = "` + strings.Repeat("x", 100) + `"` + oneSensor,
		`read config.toml: publish: encoding = "` + strings.Repeat("x", 79) + `…: want "text", "binary" or "json"`,
	},
	{
		"a key that is there twice",
		"node = \"a\"\nnode = \"b\"" + oneSensor,
		"parse config.toml:2:12: key 'node' has already been defined",
	},
	{
		"a string without its end",
		"node = \"x\n" + oneSensor,
		"parse config.toml:1:10: strings cannot contain newlines",
	},
	{
		"a value without quotes",
		"[broker]\n  username = me",
		`parse config.toml:2:14: expected value but found "me" instead`,
	},
	{
		"a password without quotes",
		"[broker]\n  password = hunter2",
		"parse config.toml:2:14: not valid TOML",
	},
	{
		"a URL without quotes",
		"[broker]\n  urls = [mqtt://u:hunter2@h]",
		"parse config.toml:2:11: not valid TOML",
	},
	{
		"a number beyond 64 bits",
		"broker.window = 99999999999999999999" + oneSensor,
		"parse config.toml:1:17: 99999999999999999999 is out of range for int64",
	},
	{
		"several errors",
		"qos = 5" + named("a/b") + "interval = 5\nqos = 5" + named("a/b") + "encoding = \"xml\"\n[queue]\nbacklog = 1\n[broker]\nkeep_alive = \"1\"",
		"read config.toml: 8 errors\n" +
			"  qos: unknown key, it belongs in [publish] or in [[sensor]]\n" +
			`  broker: keep_alive = "1": want a duration such as "10s", 1s or more` + "\n" +
			`  queue: backlog = 1: want "replay", "latest" or "history"` + "\n" +
			`  sensor 1 ("a/b"): interval = 5: want a duration such as "10s", 100ms or more` + "\n" +
			`  sensor 1 ("a/b"): qos = 5: want an integer from 0 to 2` + "\n" +
			`  sensor 1 ("a/b"): name = "a/b": want a name without /, + and # and control characters` + "\n" +
			`  sensor 2 ("a/b"): encoding = "xml": want "text", "binary" or "json"` + "\n" +
			`  sensor 2 ("a/b"): name = "a/b": want a name without /, + and # and control characters`,
	},
}
