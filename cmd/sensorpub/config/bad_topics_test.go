package config

import (
	"strings"

	"sensorpub/cmd/sensorpub/fixture"
)

// badTopics are errors in topics.
var badTopics = []badConfig{
	{
		"an availability topic with a wildcard",
		`availability.topic = "a/#"` + fixture.OneSensor,
		`config.toml:1: availability: topic = "a/#": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"an availability topic for each sensor",
		`availability.topic = "{sensor}/status"` + fixture.OneSensor,
		`config.toml:1: availability: topic = "{sensor}/status": unknown placeholder {sensor}, want {node} or {hostname}`,
	},
	{
		"an availability topic that is the same for all sensors",
		`availability.sensor_topic = "{node}/status"` + fixture.OneSensor,
		`config.toml:1: availability: sensor_topic = "{node}/status": want {sensor} in it`,
	},
	{
		"an availability topic of sensors for each quantity",
		`availability.sensor_topic = "{sensor}/{quantity}"` + fixture.OneSensor,
		`config.toml:1: availability: sensor_topic = "{sensor}/{quantity}": unknown placeholder {quantity}, want {node}, {hostname} or {sensor}`,
	},
	{
		"an availability topic of sensors without the daemon's",
		"[availability]\ntopic = \"\"\nsensor_topic = \"{sensor}/status\"" + fixture.OneSensor,
		`config.toml:3: availability: sensor_topic = "{sensor}/status": want topic to be set too, or subscribers do not learn when the daemon has stopped`,
	},
	{
		"an availability topic of a sensor that a name makes the broker's own",
		"publish.stale_after = \"1m\"\navailability.sensor_topic = \"{sensor}/status\"" + named("$SYS"),
		`config.toml:2: availability: sensor_topic = "{sensor}/status": resolves to "$SYS/status": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"an availability topic of a sensor that is the daemon's",
		"publish.stale_after = \"1m\"\n[availability]\ntopic = \"status/outside\"\nsensor_topic = \"status/{sensor}\"" + fixture.OneSensor,
		`config.toml:4: availability: sensor_topic = "status/{sensor}": resolves to "status/outside", already used by the availability`,
	},
	{
		"a topic that is a sensor's availability's",
		`publish.stale_after = "1m"` + named("inside") + fixture.OneSensor + `topic = "sensorpub/garden-pi/inside/status"`,
		`config.toml:11: sensor 2 ("outside"): topic = "sensorpub/garden-pi/inside/status": resolves to "sensorpub/garden-pi/inside/status", already used by the availability of "inside"`,
	},
	{
		"a placeholder that is misspelt",
		`publish.topic = "{quantty}/{sensor}"` + fixture.OneSensor,
		`config.toml:1: publish: topic = "{quantty}/{sensor}": unknown placeholder {quantty}, did you mean {quantity}?`,
	},
	{
		"a placeholder that resembles none",
		`publish.topic = "{quantity}/{location}"` + fixture.OneSensor,
		`config.toml:1: publish: topic = "{quantity}/{location}": unknown placeholder {location}, want {quantity}, {sensor}, {node}, {hostname}, {driver} or {area}`,
	},
	{
		"a placeholder that is empty",
		`publish.topic = "{}/{sensor}"` + fixture.OneSensor,
		`config.toml:1: publish: topic = "{}/{sensor}": unknown placeholder {}, want {quantity}, {sensor}, {node}, {hostname}, {driver} or {area}`,
	},
	{
		"a brace that is not closed",
		`publish.topic = "{quantity/{sensor}"` + fixture.OneSensor,
		`config.toml:1: publish: topic = "{quantity/{sensor}": an unmatched brace, want placeholders such as {quantity}`,
	},
	{
		"a topic that is empty",
		`publish.topic = ""` + fixture.OneSensor,
		`config.toml:1: publish: topic = "": want a topic that is not empty`,
	},
	{
		"a topic with a wildcard",
		`publish.topic = "+/{sensor}/{quantity}"` + fixture.OneSensor,
		`config.toml:1: publish: topic = "+/{sensor}/{quantity}": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"a topic that is the broker's own",
		fixture.OneSensor + `topic = "$SYS/{sensor}"`,
		`config.toml:6: sensor 1 ("outside"): topic = "$SYS/{sensor}": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"a topic that a name makes the broker's own",
		`publish.topic = "{sensor}/{quantity}"` + named("$SYS"),
		`config.toml:2: sensor 1 ("$SYS"): topic = "{sensor}/{quantity}": resolves to "$SYS/temperature": want a topic that does not begin with $ and has no + or # in it`,
	},
	{
		"a topic with a control character",
		fixture.OneSensor + `topic = "{quantity}\n{sensor}"`,
		`config.toml:6: sensor 1 ("outside"): topic = "{quantity}\n{sensor}": want a topic without control characters and Unicode non-characters, for which brokers close the connection`,
	},
	{
		"a topic with NUL",
		fixture.OneSensor + `topic = "{quantity}\u0000{sensor}"`,
		`config.toml:6: sensor 1 ("outside"): topic = "{quantity}\x00{sensor}": want a topic without control characters and Unicode non-characters, for which brokers close the connection`,
	},
	{
		"topics and a prefix with Unicode non-characters",
		`publish.topic = "{quantity}/{sensor}\ufdd0"` + "\n" + `availability.topic = "status\ufffe"` + "\n" +
			`availability.sensor_topic = "{sensor}\U0010ffff"` + "\n" + `homeassistant.prefix = "ha\U0001fffe"` + fixture.OneSensor,
		"config.toml: 4 errors\n" +
			`  config.toml:1: publish: topic = "{quantity}/{sensor}\ufdd0": want a topic without control characters and Unicode non-characters, for which brokers close the connection` + "\n" +
			`  config.toml:2: availability: topic = "status\ufffe": want a topic without control characters and Unicode non-characters, for which brokers close the connection` + "\n" +
			`  config.toml:3: availability: sensor_topic = "{sensor}\U0010ffff": want a topic without control characters and Unicode non-characters, for which brokers close the connection` + "\n" +
			`  config.toml:4: homeassistant: prefix = "ha\U0001fffe": want a topic without control characters and Unicode non-characters, for which brokers close the connection`,
	},
	{
		"a node and a sensor with Unicode non-characters",
		`node = "n\uffff"` + named(`b\ufdef`),
		"config.toml: 2 errors\n" +
			`  config.toml:1: node = "n\uffff": want a name without /, +, #, control characters and Unicode non-characters` + "\n" +
			`  config.toml:3: sensor 1 ("b\ufdef"): name = "b\ufdef": want a name without /, +, #, control characters and Unicode non-characters`,
	},
	{
		"a node with an unknown placeholder",
		`node = "{serial}"` + fixture.OneSensor,
		`config.toml:1: node = "{serial}": unknown placeholder {serial}, want {hostname} or {machine_id}`,
	},
	{
		"a node with a brace that is not closed",
		`node = "{hostname"` + fixture.OneSensor,
		`config.toml:1: node = "{hostname": an unmatched brace, want placeholders such as {hostname}`,
	},
	{
		"a unit with a control character",
		"[[sensor]]\nname = \"a\"\ndriver = \"file\"\n[sensor.options]\npath = \"/run/a\"\nquantity = \"voltage\"\nunit = \"V\\u007f\"",
		`config.toml:7: sensor 1 ("a"): options.unit = "V\x7f": want a unit without control characters and Unicode non-characters`,
	},
	{
		"a topic that is too long",
		named(strings.Repeat("x", 40)) + `topic = "{sensor}/` + strings.Repeat("x", 65534) + `"`,
		`config.toml:6: sensor 1 ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"): topic = "{sensor}/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…: want a topic of at most 65535 bytes`,
	},
	{
		"a topic of a sensor with an unknown placeholder",
		fixture.OneSensor + `topic = "{sensors}/x"`,
		`config.toml:6: sensor 1 ("outside"): topic = "{sensors}/x": unknown placeholder {sensors}, did you mean {sensor}?`,
	},
	{
		"one topic for two sensors",
		`publish.topic = "{quantity}"` + fixture.OneSensor + named("inside"),
		`config.toml:7: sensor 2 ("inside"): topic = "{quantity}": resolves to "temperature", already used by sensor 1 ("outside")`,
	},
	{
		"one long topic for two sensors",
		`publish.topic = "` + strings.Repeat("x", 100) + `"` + fixture.OneSensor + named("inside"),
		`config.toml:7: sensor 2 ("inside"): topic = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…: resolves to "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…, already used by sensor 1 ("outside")`,
	},
	{
		"one topic for two quantities",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\ntopic = \"x/{sensor}\"",
		`config.toml:5: sensor 1 ("outside"): topic = "x/{sensor}": several quantities go to "x/outside", want {quantity} in it, or one name in quantities`,
	},
	{
		"a topic that is the availability's",
		fixture.OneSensor + `topic = "sensorpub/garden-pi/status"`,
		`config.toml:6: sensor 1 ("outside"): topic = "sensorpub/garden-pi/status": resolves to "sensorpub/garden-pi/status", already used by the availability`,
	},
	{
		"a topic that is another's history",
		fixture.OneSensor + named("inside") + `topic = "history/temperature/outside"`,
		`config.toml:2: sensor 1 ("outside"): topic "temperature/outside": its history topic "history/temperature/outside" is already used by sensor 2 ("inside")`,
	},
}
