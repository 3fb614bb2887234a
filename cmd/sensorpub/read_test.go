package main

import (
	"regexp"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

const twoSensors = `
[[sensor]]
name = "outside"
driver = "mock"
options = { values = [28.375, -0.001] }
interval = "100ms"
[[sensor]]
name = "cellar"
driver = "mock"
precision = 1
options = { values = [5], script = "ok, crc" }
interval = "150ms"
`

var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)

func TestReadPrintsEachSensorOnce(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "node = \"n\"\n"+twoSensors)
	for _, c := range []struct{ flags, want string }{
		{"", "outside  temperature  28.38 °C\ncellar   temperature  5.0 °C\n"},
		{"--sensor cellar", "cellar  temperature  5.0 °C\n"},
		{
			"--json --sensor outside --count 2",
			`{"value":28.38,"unit":"°C","quantity":"temperature","sensor":"outside","node":"n","time":"TIME","seq":1}
{"value":0.0,"unit":"°C","quantity":"temperature","sensor":"outside","node":"n","time":"TIME","seq":2}
`,
		},
		{"--csv", "time,sensor,quantity,value,unit,error\nTIME,outside,temperature,28.38,°C,\nTIME,cellar,temperature,5.0,°C,\n"},
	} {
		got := sensorpub(t, nil, append([]string{"read", "--config", file}, strings.Fields(c.flags)...)...)
		got.stdout = timestamp.ReplaceAllString(got.stdout, "TIME")
		if want := (result{0, c.want, ""}); got != want {
			t.Errorf("%s: got %+v, want %+v", c.flags, got, want)
		}
	}
}

func TestReadLeavesOutWhatIsOnAnotherMachine(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", twoSensors+"[[sensor]]\nname = \"pond\"\ndriver = \"file\"\noptional = true\noptions = { path = \"/nowhere/pond\" }\n")
	got := sensorpub(t, nil, "read", "--config", file)
	want := result{0, "outside  temperature  28.38 °C\ncellar   temperature  5.0 °C\n", ""}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	alone := fixture.WriteFile(t, "alone.toml", "[[sensor]]\nname = \"pond\"\ndriver = \"file\"\noptional = true\noptions = { path = \"/nowhere/pond\" }\n")
	const none = "sensorpub: read sensors: all are optional, and none of their devices has answered; --sensor NAME says why\n"
	if got, want := sensorpub(t, nil, "read", "--config", alone), (result{1, "", none}); got != want {
		t.Errorf("pond alone: got %+v, want %+v", got, want)
	}
	if got := sensorpub(t, nil, "read", "--config", file, "--sensor", "pond"); got.code != 1 || !strings.Contains(got.stderr, "/nowhere/pond") {
		t.Errorf("--sensor pond: got %+v, want a failure", got)
	}
}

func TestReadFailureIsExitCode1(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", twoSensors)
	const summary = "sensorpub: read sensors: 1 of 2 reads failed\n"
	for _, c := range []struct{ flag, stdout, stderr string }{
		{"--log-level=info", "cellar  temperature  5.0 °C\n", "sensorpub: read cellar: CAUSE\n" + summary},
		{"--json", `JSON` + "\n" + `{"sensor":"cellar","error":"CAUSE"}` + "\n", summary},
		{"--csv", "time,sensor,quantity,value,unit,error\nTIME,cellar,temperature,5.0,°C,\nTIME,cellar,,,,CAUSE\n", summary},
	} {
		got := sensorpub(t, nil, "read", "--config", file, "--sensor", "cellar", "--count", "2", c.flag)
		clean := func(s string) string {
			s = timestamp.ReplaceAllString(s, "TIME")
			s = regexp.MustCompile(`\{"value.*`).ReplaceAllString(s, "JSON")
			return regexp.MustCompile(`read: rejected \(crc\): [^"\n]*`).ReplaceAllString(s, "CAUSE")
		}
		if want := (result{1, c.stdout, c.stderr}); got.code != 1 || clean(got.stdout) != c.stdout || clean(got.stderr) != c.stderr {
			t.Errorf("%s: got %+v, want %+v", c.flag, got, want)
		}
	}
}

func TestReadAndClearOfUnknownSensor(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", twoSensors)
	for name, want := range map[string]string{
		"celler": "sensorpub: find sensor \"celler\": not in the configuration, did you mean \"cellar\"?\n",
		"attic":  "sensorpub: find sensor \"attic\": not in the configuration, want \"outside\" or \"cellar\"\n",
	} {
		for _, command := range []string{"read", "clear"} {
			got := sensorpub(t, nil, command, "--config", file, "--sensor", name)
			if got != (result{2, "", want}) {
				t.Errorf("%s: got %+v, want %q", command, got, want)
			}
		}
	}
}

func TestReadCalibratesJudgesAndConverts(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor+`
unit = "°F"
interval = "100ms"
filter = { max = 29, max_step = 0.1, deadband = 50, median = 3 }
calibration = { offset = 0.6 }
`)
	got := sensorpub(t, nil, "read", "--config", file, "--count", "2")
	if want := (result{0, "outside  temperature  84.2 °F\noutside  temperature  84.2 °F\n", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	file = fixture.WriteFile(t, "config.toml", fixture.OneSensor+"filter = { max = 28 }")
	got = sensorpub(t, nil, "read", "--config", file)
	if want := "sensorpub: read outside: rejected (range): temperature is 28.4 °C, max is 28\nsensorpub: read sensors: 1 of 1 reads failed\n"; got.code != 1 || got.stderr != want {
		t.Errorf("got %+v, want %q", got, want)
	}
}
