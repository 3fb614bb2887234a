package main

import (
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestCheckPrintsALineForEachSensor(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", `
[publish]
topic = "{node}/{quantity}/{sensor}"
[[sensor]]
name = "outside"
driver = "mock"
options = { values = [28.4] }
[[sensor]]
name = "größe"
driver = "bme280"
interval = "5m"
encoding = "binary"
binary_format = "<f"
qos = 0
retain = false
`)
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, `outside  mock    garden-pi/temperature/outside                                                    text       QoS 1  retained      every 10s
größe    bme280  garden-pi/temperature/größe, garden-pi/humidity/größe, garden-pi/pressure/größe  binary <f  QoS 0  not retained  every 5m
`, ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}

func TestCheckShowsThePatternOfOptionalTopics(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "[[sensor]]\nname = \"window\"\ndriver = \"iio\"\ntopic = \"{node}/{quantity}/{sensor}\"\noptions = { device = \"bh1750\" }\n")
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, "window  iio  garden-pi/{quantity}/window, depending on the device  text  QoS 1  retained  every 10s\n", ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
	got = sensorpub(t, nil, "check", "--json", "--config", file)
	want.stdout = `{"sensor":"window","driver":"iio","enabled":true,"topics":["garden-pi/{quantity}/window"],"as_the_device_has":true,` +
		`"encoding":"text","qos":1,"retain":true,"interval":"10s"}` + "\n"
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}

func TestCheckShowsWhatIsOptional(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "[[sensor]]\nname = \"pond\"\ndriver = \"ds18b20\"\noptional = true\noptions = { id = \"28-0316a2794fff\" }\n")
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, "pond  ds18b20  temperature/pond, if present  text  QoS 1  retained  every 10s\n", ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
	if got := sensorpub(t, nil, "check", "--json", "--config", file).stdout; !strings.Contains(got, `"topics":["temperature/pond"],"if_present":true,`) {
		t.Errorf("got %s, want if_present in it", got)
	}
}

func TestCheckShowsWhatIsDerived(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", `
[[sensor]]
name = "a"
driver = "mock"
quantities = ["dew_point", "temperature"]
unit = "°F"
calibration.humidity.offset = -2
`)
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, "a  mock  dew_point/a, temperature/a  text  QoS 1  retained  every 10s  " +
		"dew_point: published in °F; temperature: published in °F; humidity: offset -2 %\n", ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}

func TestCheckShowsSensorsThatAreDisabled(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor+strings.Replace(fixture.OneSensor, "outside", "spare", 1)+"enabled = false\n")
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, "outside  mock  temperature/outside  text  QoS 1  retained  every 10s\nspare    mock  disabled\n", ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}

func TestCheckOpensNothing(t *testing.T) {
	text := `broker = { username = "u", password_file = "/no/such", urls = ["mqtts://h"], tls = { ca_file = "/no/such" } }` + fixture.OneSensor
	got := sensorpub(t, nil, "check", "--config", fixture.WriteFile(t, "config.toml", text))
	if got.code != 0 {
		t.Errorf("got %+v, want exit code 0", got)
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", strings.Repeat("#\n", 1<<20))
	got := sensorpub(t, nil, "check", "--config", file)
	if want := "sensorpub: read " + file + ": larger than 1 MiB\n"; got.code != 2 || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("got %+v, want %q", got, want)
	}
}

func TestErrorsOnTheCommandLine(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "node = 5"+fixture.OneSensor+"interval = 5")
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{2, "", "sensorpub: " + file + ": 2 errors\n  " + file + `:1: node = 5: want a string
  ` + file + `:6: sensor 1 ("outside"): interval = 5: want a duration such as "10s", 100ms or more
`}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCheckShowsWhatIsDoneToReadings(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", `
[[sensor]]
name = "a"
driver = "mock"
unit = "°F"
stale_after = "1m"
clear_stale = true
filter = { min = -40, max = 60, max_step = 2, confirmations = 2, median = 5, deadband = 0.1, heartbeat = "5m" }
calibration = { gain = 1.1, offset = -0.5 }
[[sensor]]
name = "b"
driver = "mock"
options = { quantities = ["temperature", "humidity"] }
filter = { temperature = { ema = 0.5 } }
calibration = { humidity = { points = [[0.2, 0], [99.1, 100]] } }
`)
	got := sensorpub(t, nil, "check", "--config", file)
	want := result{0, `a  mock  temperature/a              text  QoS 1  retained  every 10s  gain 1.1, offset -0.5 °C, min -40 °C, max 60 °C, max_step 2 °C, 2 confirmations, median 5, deadband 0.1 °C, heartbeat 5m, published in °F; stale after 1m and cleared, status sensorpub/garden-pi/a/status
b  mock  temperature/b, humidity/b  text  QoS 1  retained  every 10s  temperature: ema 0.5; humidity: 2 calibration points
`, ""}
	if got != want {
		t.Errorf("got\n%s%swant\n%s", got.stdout, got.stderr, want.stdout)
	}
}
