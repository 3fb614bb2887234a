package config

import (
	"fmt"
	"strings"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// testEnvironment is the environment of a machine called garden-pi with these
// variables.
func testEnvironment(variables map[string]string) Environment {
	return Environment{
		Getenv:   func(key string) string { return variables[key] },
		Hostname: func() (string, error) { return "garden-pi.lan", nil },
	}
}

func parseTest(variables map[string]string, text string) (*Config, error) {
	return testEnvironment(variables).Parse("config.toml", []byte(text))
}

// named is the smallest configuration with another name.
func named(name string) string { return strings.ReplaceAll(fixture.OneSensor, "outside", name) }

// once is a sensor that is read at the start and never again.
func once(name string, value float64, lines ...string) string {
	return sensor(name, append([]string{fmt.Sprintf("interval = \"24h\"\noptions = { values = [%g] }", value)}, lines...)...)
}

// sensor is a [[sensor]] of the mock with these lines.
func sensor(name string, lines ...string) string {
	return fmt.Sprintf("\n[[sensor]]\nname = %q\ndriver = \"mock\"\n%s\n", name, strings.Join(lines, "\n"))
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// driverNames lists the names of all drivers as errors do.
func driverNames() string {
	var names []string
	for _, d := range drivers.Table() {
		names = append(names, d.Name)
	}
	return option.OneOf(names)
}
