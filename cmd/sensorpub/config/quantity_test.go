package config

import (
	"slices"
	"strings"
	"testing"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

func TestQuantitiesToPublish(t *testing.T) {
	for _, c := range []struct {
		name, driver, options, quantities string
		want                              []string
	}{
		{"none named", "bme280", "", "", []string{"temperature", "humidity", "pressure"}},
		{"an empty list", "bme280", "", "[]", []string{"temperature", "humidity", "pressure"}},
		{"one of three", "bme280", "", `["pressure"]`, []string{"pressure"}},
		{"two, in another order", "bme280", "", `["pressure", "temperature"]`, []string{"pressure", "temperature"}},
		{"of a simulated sensor", "mock", "", `["humidity", "co2"]`, []string{"humidity", "co2"}},
		{"of a simulated sensor, in its options", "mock", `quantities = ["pressure"]`, "", []string{"pressure"}},
		{"of a kernel driver", "hwmon", `chip = "sht4x"`, `["humidity"]`, []string{"humidity"}},
		{"of a command", "exec", `command = ["/bin/x"]`, `["humidity"]`, []string{"humidity"}},
		{"of a command, not known", "exec", `command = ["/bin/x"], units = { soil = "%" }`, `["soil"]`, []string{"soil"}},
		{"of a file", "file", `path = "/run/x", quantity = "soil", unit = "%"`, `["soil"]`, []string{"soil"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []string
			if c.quantities != "" {
				lines = []string{"quantities = " + c.quantities}
			}
			parsed := parsed(t, chip("a", c.driver, c.options, lines...))
			var routes []string
			for _, r := range parsed.Routes {
				routes = append(routes, r.Quantity)
			}
			if got := sensors.Names(parsed.Probes[0].Quantities); !slices.Equal(got, c.want) || !slices.Equal(routes, c.want) {
				t.Errorf("got %q and the routes %q, want %q", got, routes, c.want)
			}
		})
	}
}

func TestADriverSeesTheQuantitiesOfItsSensor(t *testing.T) {
	c := parsed(t, chip("a", "mock", "values = [50.5]", `quantities = ["humidity"]`))
	if _, given := c.Sensors[0].Options["quantities"]; given {
		t.Errorf("got the options %v, want them as they were written", c.Sensors[0].Options)
	}
	s, err := c.Probes[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	values, err := s.Read(t.Context())
	if err != nil || len(values) != 1 || values[0].Quantity != "humidity" || values[0].Value != 50.5 {
		t.Errorf("got %v and %v, want a humidity of 50.5", values, err)
	}
}

func TestDerivedQuantitiesComeWithWhatTheyAreDerivedFrom(t *testing.T) {
	for _, c := range []struct{ name, driver, options, lines, want string }{
		{
			"a chip", "bme280", "", `quantities = ["humidity", "dew_point"]` + "\nunit = \"°F\"",
			"humidity %, dew_point °F derived, temperature hidden",
		},
		{
			"a simulated sensor", "mock", "", `quantities = ["dew_point", "absolute_humidity"]`,
			"dew_point °C derived, absolute_humidity g/m³ derived, temperature hidden, humidity hidden",
		},
		{
			"a command", "exec", `command = ["/bin/x"]`, `quantities = ["sea_level_pressure", "temperature"]` + "\naltitude = 520",
			"sea_level_pressure hPa derived, temperature °C, pressure hidden",
		},
		{
			"a file", "file", `path = "/run/x", quantity = "pressure"`, `quantities = ["sea_level_pressure"]` + "\naltitude = 0",
			"sea_level_pressure hPa derived, pressure hidden",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed := parsed(t, chip("a", c.driver, c.options, c.lines))
			p := parsed.Probes[0]
			var got []string
			for i, q := range p.Quantities {
				switch {
				case p.Signals[i].Hidden:
					got = append(got, q.Name+" hidden")
				case p.Signals[i].Derived:
					got = append(got, q.Name+" "+parsed.Routes[i].Unit+" derived")
				default:
					got = append(got, q.Name+" "+parsed.Routes[i].Unit)
				}
			}
			if text := strings.Join(got, ", "); text != c.want {
				t.Errorf("got %s, want %s", text, c.want)
			}
		})
	}
}

func TestASensorCanBeSplitInWhatItPublishes(t *testing.T) {
	c := parsed(t, chip("air", "bme280", "", `quantities = ["temperature", "humidity"]`)+
		chip("dew", "bme280", "", `quantities = ["dew_point"]`))
	if len(c.Routes) != 3 {
		t.Errorf("got %d routes, want 3", len(c.Routes))
	}
}

func TestWhatADeviceHasIsOptionalUnlessItIsNamed(t *testing.T) {
	for lines, want := range map[string]bool{"": true, `quantities = ["illuminance"]`: false, `quantities = ["dew_point"]`: false} {
		c := parsed(t, chip("a", "iio", `device = "bh1750"`, lines))
		optional := func(r publisher.Route) bool { return r.Optional }
		if got := slices.ContainsFunc(c.Routes, optional); got != want || c.Probes[0].Optional != want || c.Sensors[0].Optional != want {
			t.Errorf("with %q: got %v, %v and %v, want %v", lines, got, c.Probes[0].Optional, c.Sensors[0].Optional, want)
		}
	}
}
