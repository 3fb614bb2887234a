package config

import (
	"strings"

	"sensorpub/cmd/sensorpub/fixture"
)

// badSyntax are texts with syntax errors, in which other things are wrong too.
var badSyntax = []badConfig{
	{
		"two errors of syntax and two others",
		"[queue]\ncapacity = 0\nbacklog = replay\n" + strings.Replace(fixture.OneSensor, `"mock"`, "mock", 1) + "interval = 5\n",
		"config.toml: 4 errors\n" +
			"  config.toml:2: queue: capacity = 0: want an integer from 1 to 1000000\n" +
			"  config.toml:3:11: backlog = replay: want \"replay\", with quotes\n" +
			"  config.toml:7:10: driver = mock: want \"mock\", with quotes\n" +
			`  config.toml:9: sensor 1 ("outside"): interval = 5: want a duration such as "10s", 100ms or more`,
	},
	{
		"a list without its end hides nothing of the next section",
		"[broker]\nurls = [\"mqtt://h\"\nwindow = 3\n[queue]\ncapacity = 0" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			"  config.toml:3:1: expected a comma (',') or array terminator (']'), but got 'w'\n" +
			"  config.toml:5: queue: capacity = 0: want an integer from 1 to 1000000",
	},
	{
		"a text without its end",
		"node = \"\"\"a\n[queue]\ncapacity = 0" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			`  config.toml:1: unexpected EOF; expected '"""'` + "\n" +
			"  config.toml:3: queue: capacity = 0: want an integer from 1 to 1000000",
	},
	{
		"a header without its end takes its section with it",
		"[queue\ncapacity = 0\n[publish]\nqos = 3" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			"  config.toml:1:7: expected '.' or ']' to end table name, but got '\\n' instead\n" +
			"  config.toml:4: publish: qos = 3: want an integer from 0 to 2",
	},
	{
		"a section that is there twice",
		"[queue]\ncapacity = 0\n[queue]\ncapacity = 0" + fixture.OneSensor,
		"config.toml: 2 errors\n" +
			"  config.toml:2: queue: capacity = 0: want an integer from 1 to 1000000\n" +
			"  config.toml:3:2: key 'queue' has already been defined",
	},
	{
		"a sensor without a driver that can be read",
		"\n[[sensor]]\nname = outside\ndriver\n[sensor.filter]\nmedian = 2\n",
		"config.toml: 3 errors\n" +
			"  config.toml:3:8: name = outside: want \"outside\", with quotes\n" +
			"  config.toml:4:7: expected '.' or '=', but got '\\n' instead\n" +
			"  config.toml:6: sensor 1: filter.median = 2: want an odd number, or 0 for none",
	},
	{
		"a duration and a switch as other languages write them",
		"[publish]\nretain = True # always" + fixture.OneSensor + "interval = 10s\n",
		"config.toml: 2 errors\n" +
			"  config.toml:2:10: retain = True: want true or false\n" +
			"  config.toml:7: interval = 10s: want \"10s\", with quotes",
	},
	{
		"a word in a list",
		"[broker]\nurls = [mqtt]" + fixture.OneSensor,
		"config.toml:2:9: expected value but found \"mqtt\" instead",
	},
	{
		"a space that is none",
		"[[sensor]]\nname = \"a\"\n\u00a0driver = \"mock\"\n",
		"config.toml:3:1: expected '.' or '=', but got '\\u00a0' instead",
	},
	{
		"a control character",
		"node = \"a\x01\"" + fixture.OneSensor,
		"config.toml:1:9: TOML files cannot contain control characters: '0x01'",
	},
	{
		"more errors than are looked for",
		strings.Repeat("a = b\n", 12) + fixture.OneSensor,
		"config.toml: 10 errors\n" + strings.TrimSuffix(func() (all string) {
			for _, line := range strings.Fields("1 2 3 4 5 6 7 8 9 10") {
				all += "  config.toml:" + line + ":5: a = b: want \"b\", with quotes\n"
			}
			return all
		}(), "\n"),
	},
}
