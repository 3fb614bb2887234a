package config

import (
	"fmt"
	"strings"
	"testing"
)

// chip is a sensor with a driver and its options.
func chip(name, driver, options string, lines ...string) string {
	if options != "" {
		lines = append([]string{"options = { " + options + " }"}, lines...)
	}
	return fmt.Sprintf("[[sensor]]\nname = %q\ndriver = %q\n%s\n", name, driver, strings.Join(lines, "\n"))
}

// A block that was copied, and changed in its name only, reads what another reads.
func TestSensorsThatReadTheSame(t *testing.T) {
	tests := []struct {
		name, a, b string // options of two sensors of one driver
		driver     string
		same       bool
	}{
		{"one address", "", "address = 0x76", "bme280", true},
		{"two addresses", "", "address = 0x77", "bme280", false},
		{"one address on two buses", "", `bus = "3"`, "bme280", false},
		{"one address behind two channels", "mux = 0x70", "mux = 0x70, channel = 1", "bme280", false},
		{"one port of SPI", "", `spi = "0.0"`, "max31855", true},
		{"two ports of SPI", "", `spi = "0.1"`, "max31855", false},
		{"one id", `id = "28-0316a2794fff"`, `id = "28-0316A2794FFF"`, "ds18b20", true},
		{"two ids", `id = "28-0316a2794fff"`, `id = "28-0316a2794f00"`, "ds18b20", false},
		{"no id twice", "", "", "ds18b20", true},
		{"an id and none", `id = "28-0316a2794fff"`, "", "ds18b20", true},
		{"two probes behind a bridge", `id = "28-0316a2794fff"`, `id = "28-0316a2794f00"`, "ds2482", false},
		{"two channels of a bridge", "", "io = 1", "ds2482", false},
		{"one probe behind a bridge", "", "", "ds2482", true},
		{"one file", `path = "/run/a"`, `path = "/run/a"`, "file", true},
		{"two places in one file", `path = "/run/a", pointer = "/x"`, `path = "/run/a", pointer = "/y"`, "file", false},
		{"one chip", `chip = "lm75"`, `chip = "lm75"`, "hwmon", true},
		{"two inputs of a chip", `chip = "a", input = "temp1"`, `chip = "a", input = "temp2"`, "hwmon", false},
		{"all of a device, and one of its quantities", `device = "bme680"`, `device = "bme680", quantities = ["pressure"]`, "iio", true},
		{"two quantities of a device", `device = "bme680", quantities = ["temperature"]`, `device = "bme680", quantities = ["pressure"]`, "iio", false},
		{"one channel", `device = "mlx90614", channel = "temp_object"`, `device = "mlx90614", channel = "temp_object"`, "iio", true},
		{"one zone", "", "", "thermal", true},
		{"a simulated sensor", "", "", "mock", false},
		{"one command", `command = ["/bin/x"]`, `command = ["/bin/x"]`, "exec", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := chip("a", tt.driver, tt.a) + chip("b", tt.driver, tt.b)
			_, err := parseTest(nil, text)
			if got := err != nil; got != tt.same {
				t.Fatalf("got %v, want an error: %v", err, tt.same)
			}
			if err != nil && !strings.HasSuffix(err.Error(), `: reads the same as sensor "a"`) {
				t.Errorf("got %v, want that b reads the same as a", err)
			}
			if _, err := parseTest(nil, strings.Replace(text, "[[sensor]]\nname = \"b\"", "[[sensor]]\nenabled = false\nname = \"b\"", 1)); err != nil {
				t.Errorf("got %v with one of them off, want no error", err)
			}
		})
	}
}

func TestIntervalsShorterThanAConversion(t *testing.T) {
	tests := []struct{ name, sensor, want string }{
		{"a DS18B20", chip("a", "ds18b20", "", `interval = "500ms"`), `config.toml:4: sensor 1 ("a"): interval = "500ms": want 750ms or more, which the chip takes to measure`},
		{"a DS18B20 at 9 bits", chip("a", "ds18b20", "resolution = 9", `interval = "100ms"`), ""},
		{"an SCD4x", chip("a", "scd4x", "", `interval = "1s"`), `config.toml:4: sensor 1 ("a"): interval = "1s": want 5s or more, which the chip takes to measure`},
		{"a TMP105 at 12 bits", chip("a", "lm75", `chip = "tmp105"`, `interval = "200ms"`), `config.toml:5: sensor 1 ("a"): interval = "200ms": want 300ms or more, which the chip takes to measure`},
		{"a TMP105 at 9 bits", chip("a", "lm75", `chip = "tmp105", resolution = 9`, `interval = "200ms"`), ""},
		{"a DHT22", chip("a", "iio", `device = "dht11@4"`, `interval = "1s"`), `config.toml:5: sensor 1 ("a"): interval = "1s": want 2s or more, which the chip takes to measure`},
		{"a BME280", chip("a", "bme280", "", `interval = "100ms"`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseTest(nil, tt.sensor)
			if got := fmt.Sprint(err); got != tt.want && !(err == nil && tt.want == "") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
