package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors"
)

func TestSignalsOfTheConfiguration(t *testing.T) {
	c, err := parseTest(nil, `
		[publish]
		unit = ["°F", "inHg"]
		[[sensor]]
		name = "one"
		driver = "mock"
		unit = "K"
		[sensor.filter]
		min = -5
		max = 1e9
		max_step = 2
		confirmations = 3
		median = 5
		deadband = 0.5
		heartbeat = "5m"
		[sensor.calibration]
		points = [[0, 1], [100, 99]]
		[[sensor]]
		name = "two"
		driver = "mock"
		options = { quantities = ["pressure", "humidity"] }
		[sensor.filter.humidity]
		ema = 0.5
		[sensor.calibration.pressure]
		offset = -1.5
		gain = 1.1
		[[sensor]]
		name = "three"
		driver = "mock"
		filter = { temperature = { max_step = 1 } }`)
	if err != nil {
		t.Fatal(err)
	}
	low, high := -5.0, 1e9
	one := c.Probes[0].Signals[0]
	if f := one.Filter; *f.Min != low || *f.Max != high || f.MaxStep != 2 || f.Confirmations != 3 || f.Median != 5 ||
		f.EMA != 0 || f.Deadband != 0.5 || f.Heartbeat != 5*time.Minute {
		t.Errorf("got the filter %+v", f)
	}
	if want := []sensors.Point{{Raw: 0, True: 1}, {Raw: 100, True: 99}}; !slices.Equal(one.Calibration.Points, want) || c.Routes[0].Unit != "K" {
		t.Errorf("got %+v, want %v and kelvin", one, want)
	}
	pressure, humidity := c.Probes[1].Signals[0], c.Probes[1].Signals[1]
	if pressure.Calibration.Offset != -1.5 || pressure.Calibration.Gain != 1.1 || c.Routes[1].Unit != "inHg" || pressure.Filter.EMA != 0 {
		t.Errorf("got %+v for the pressure", pressure)
	}
	if humidity.Filter.EMA != 0.5 || c.Routes[2].Unit != "%" || humidity.Calibration.Gain != 1 {
		t.Errorf("got %+v for the humidity", humidity)
	}
	if three := c.Probes[2].Signals[0]; three.Filter.MaxStep != 1 || c.Routes[3].Unit != "°F" {
		t.Errorf("got %+v for the only quantity, in its own table", three)
	}
	if q := c.Probes[0].Signals[0].Output(c.Probes[0].Quantities[0]); q.Min != -5 || c.Routes[0].Unit != "K" || c.Probes[0].Quantities[0].Unit != "°C" {
		t.Errorf("got %+v published of %+v, want kelvin, from min on", q, c.Probes[0].Quantities[0])
	}
}

func TestStaleAfterIsAtLeastThreeIntervals(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "stale_after = \"1m\"\ninterval = \"1h\"": 3 * time.Hour, `stale_after = "0s"`: 0,
		`stale_after = "5s"`: 30 * time.Second, `stale_after = "45s"`: 45 * time.Second,
	} {
		c, err := parseTest(nil, fixture.OneSensor+text)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Probes[0].StaleAfter; got != want || (c.Routes[0].Status == "") != (want == 0) {
			t.Errorf("%q: got %v and the topic %q, want %v", text, got, c.Routes[0].Status, want)
		}
	}
}

func TestSensorsHaveNoStatusTopicWithoutTheDaemons(t *testing.T) {
	for _, text := range []string{"availability.topic = \"\"", "availability.sensor_topic = \"\""} {
		c, err := parseTest(nil, text+fixture.OneSensor)
		if err != nil || c.Routes[0].Status != "" {
			t.Errorf("%s: got %v and %+v, want no topic", text, err, c.Routes)
		}
	}
}

func TestUnitsOfTheConfigurationAreThoseThatCanBeConverted(t *testing.T) {
	_, err := parseTest(nil, fixture.OneSensor+`unit = "?"`)
	for _, of := range []string{"°C", "hPa"} {
		for _, u := range sensors.Units(of) {
			if !strings.Contains(errText(err), `"`+u+`"`) {
				t.Errorf("got %v, want %s among those allowed", err, u)
			}
		}
	}
}
