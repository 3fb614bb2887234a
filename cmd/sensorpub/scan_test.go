package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

func TestScanOfADesk(t *testing.T) {
	root := fixture.Desk(t, nil)
	got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": root}, "scan")
	got.stdout = strings.ReplaceAll(got.stdout, root, "ROOT")
	want := `I²C bus 1, bcm2835 (i2c@7e804000) (/dev/i2c-1)
  ROOT/dev/i2c-1: is not an I²C bus, it lies under ROOT

1-Wire (/sys/bus/w1/devices)
  28-0316a2794fff  DS18B20  23.125 °C; driver ds18b20
  28-0316a279aaaa  DS18B20  read: 28-0316a279aaaa: empty, the kernel got no valid answer from the probe; driver ds18b20

SPI (/dev/spidev*)
  0.0  /dev/spidev0.0  SPI does not show what is connected; set spi = "0.0" for SPI-DRIVERS

hwmon (/sys/class/hwmon)
  sht3x temp1      temperature  21.5 °C; driver hwmon
  sht3x humidity1  humidity     48.0 %; driver hwmon

iio (/sys/bus/iio/devices)
  dht11@4  temperature, humidity  -5.2 °C, 61.0 %; driver iio

thermal zones (/sys/class/thermal)
  cpu-thermal  the board's own temperature  48.312 °C; driver thermal
`
	before, rest, _ := strings.Cut(want, "SPI-DRIVERS")
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, before) || !strings.HasSuffix(got.stdout, rest) {
		t.Errorf("got %d %q\n%s\nwant\n%s", got.code, got.stderr, got.stdout, want)
	}
}

func TestScanTOMLPassesTheCheck(t *testing.T) {
	root := fixture.Desk(t, nil)
	environ := map[string]string{"SENSORPUB_ROOT": root}
	got := sensorpub(t, environ, "scan", "--toml")
	want := `# 1-Wire, 28-0316a2794fff: DS18B20
[[sensor]]
name    = "ds18b20"
driver  = "ds18b20"
options = { id = "28-0316a2794fff" }

# 1-Wire, 28-0316a279aaaa: DS18B20
[[sensor]]
name    = "ds18b20-2"
driver  = "ds18b20"
options = { id = "28-0316a279aaaa" }

# hwmon, sht3x temp1: temperature
[[sensor]]
name    = "sht3x"
driver  = "hwmon"
options = { chip = "sht3x", input = "temp1" }

# hwmon, sht3x humidity1: humidity
[[sensor]]
name    = "sht3x-2"
driver  = "hwmon"
options = { chip = "sht3x", input = "humidity1" }

# iio, dht11@4: temperature, humidity
[[sensor]]
name    = "dht11"
driver  = "iio"
options = { device = "dht11@4", quantities = ["temperature", "humidity"] }

# thermal zones, cpu-thermal: the board's own temperature
[[sensor]]
name    = "thermal"
driver  = "thermal"
options = { zone = "cpu-thermal" }
`
	if got != (result{0, want, ""}) {
		t.Fatalf("got %d %q\n%s\nwant\n%s", got.code, got.stderr, got.stdout, want)
	}
	if c, err := testEnv(environ).Parse("config.toml", []byte(got.stdout)); err != nil || len(c.Probes) != 6 {
		t.Errorf("got %v of the blocks, want six sensors", err)
	}
	read := sensorpub(t, environ, "read", "--config", fixture.WriteFile(t, "config.toml", got.stdout), "--sensor", "dht11")
	if want := "dht11  temperature  -5.2 °C\ndht11  humidity     61.0 %\n"; read != (result{0, want, ""}) {
		t.Errorf("got %+v, want %q", read, want)
	}
}

// What scan has just seen rejected does not become a sensor.
func TestScanTOMLLeavesOutWhatIsRejected(t *testing.T) {
	environ := map[string]string{"SENSORPUB_ROOT": fixture.Machine(t, map[string]string{
		"sys/class/hwmon/hwmon0/name": "nct6775\n", "sys/class/hwmon/hwmon0/temp1_input": "21500\n", "sys/class/hwmon/hwmon0/temp2_input": "-128000\n",
	})}
	got := sensorpub(t, environ, "scan", "--toml")
	want := `# hwmon, nct6775 temp1: temperature
[[sensor]]
name    = "nct6775"
driver  = "hwmon"
options = { chip = "nct6775", input = "temp1" }

# hwmon, nct6775 temp2: temperature; not configured, its value was rejected (range): temperature is -128 °C, the range is -100 to 250
`
	if got != (result{0, want, ""}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
}

// The kernel passes on any name that a chip or its driver gives.
func TestScanTOMLOfOddNamesPassesTheCheck(t *testing.T) {
	const hwmon = "sys/class/hwmon/hwmon"
	files := make(map[string]string)
	for i, name := range []string{"sht3x", "", "bin\xff\xfe", "two\nlines", `we"ird\na` + "\tme", "bell\a", "Außen"} {
		files[fmt.Sprint(hwmon, i, "/name")] = name + "\n"
		files[fmt.Sprint(hwmon, i, "/temp1_input")] = "21500\n"
	}
	files["sys/class/thermal/thermal_zone0/type"], files["sys/class/thermal/thermal_zone0/temp"] = "\n", "48312\n"
	files["sys/bus/iio/devices/iio:device0/name"], files["sys/bus/iio/devices/iio:device0/in_temp_input"] = "\n", "-5200\n"
	environ := map[string]string{"SENSORPUB_ROOT": fixture.Machine(t, files)}
	got := sensorpub(t, environ, "scan", "--toml")
	c, err := testEnv(environ).Parse("config.toml", []byte(got.stdout))
	if err != nil || got.code != 0 {
		t.Fatalf("got %v and %+v, want blocks that the check accepts", err, got)
	}
	var chips []any
	for _, s := range c.Sensors {
		chips = append(chips, s.Options["chip"])
	}
	if want := []any{"Außen", "sht3x", "two\nlines", `we"ird\na` + "\tme", nil}; !slices.Equal(chips, want) {
		t.Errorf("got the chips %q, want %q", chips, want)
	}
	for _, want := range []string{
		"# hwmon, bin�� temp1: temperature; cannot be configured: its name is not text\n",
		"# hwmon, bell� temp1: temperature; cannot be configured: its name is not text\n",
		"# hwmon, two�lines temp1: temperature\n[[sensor]]\n",
		`# thermal zones, : the board's own temperature; cannot be configured: `,
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("got\n%s\nwant %q in it", got.stdout, want)
		}
	}
	if bad := sensorpub(t, environ, "read", "--config", fixture.WriteFile(t, "config.toml", got.stdout)); bad.code != 0 {
		t.Errorf("got %+v, want that all can be read", bad)
	}
}

// What the kernel can read is shown with the commands for it, each on a line, and
// without sudo for root.
func TestScanShowsHowToLoadADriver(t *testing.T) {
	v := drivers.Survey{Title: "I²C bus 1", Looked: "/dev/i2c-1", Finds: []drivers.Find{
		{Place: "0x45", Name: "INA226", Load: []string{"sudo one", "two"}},
		{Place: "0x50", Name: "unknown chip", Note: "perhaps EEPROM"},
	}}
	none := func(drivers.Find) ([]sensors.Reading, error) { return nil, nil }
	var out bytes.Buffer
	(&scanPrinter{w: &out, superuser: true}).table(v, none)
	want := "I²C bus 1 (/dev/i2c-1)\n  0x45  INA226\n                      one\n                      two\n  0x50  unknown chip  perhaps EEPROM\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	out.Reset()
	(&scanPrinter{w: &out}).objects(v, none)
	if want := `"load":["sudo one","two"]`; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want %s in it", &out, want)
	}
}

// Finds on I²C, also behind a multiplexer, become blocks that the check
// accepts.
func TestScanTOMLOfChips(t *testing.T) {
	var out bytes.Buffer
	p := &scanPrinter{w: &out}
	options := map[string]any{"bus": "1", "address": int64(0x77), "mux": int64(0x70), "channel": int64(3)}
	p.blocks(drivers.Survey{Title: "I²C bus 1, multiplexer 0x70, channel 3", Finds: []drivers.Find{
		{Place: "0x70", Name: "no driver"},
		{Place: "0x77", Name: "BME280", Driver: "bme280", Options: options},
		{Place: "bme280", Name: "pressure", Driver: "iio", Options: map[string]any{"device": "bme280"}},
		{Place: "a/b", Name: "temperature", Driver: "iio", Options: map[string]any{"device": "a/b"}},
	}}, func(drivers.Find) ([]sensors.Reading, error) { return nil, nil })
	want := `# I²C bus 1, multiplexer 0x70, channel 3, 0x77: BME280
[[sensor]]
name    = "bme280"
driver  = "bme280"
options = { bus = "1", address = 0x77, mux = 0x70, channel = 3 }

# I²C bus 1, multiplexer 0x70, channel 3, bme280: pressure
[[sensor]]
name    = "bme280-2"
driver  = "iio"
options = { device = "bme280" }

# I²C bus 1, multiplexer 0x70, channel 3, a/b: temperature
[[sensor]]
name    = "iio"
driver  = "iio"
options = { device = "a/b" }
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
	if _, err := testEnv(nil).Parse("config.toml", out.Bytes()); err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func TestScanTableOfChips(t *testing.T) {
	var out bytes.Buffer
	p := &scanPrinter{w: &out}
	none := func(drivers.Find) ([]sensors.Reading, error) { return nil, nil }
	p.table(drivers.Survey{Title: "I²C bus 1", Looked: "/dev/i2c-1", Finds: []drivers.Find{
		{Place: "0x48", Name: "LM75, TMP75 or the like", Driver: "lm75"},
		{Place: "0x50", Name: "unknown chip", Note: "perhaps EEPROM"},
		{Place: "0x77", Name: "BME280", Driver: "bme280"},
	}}, none)
	p.table(drivers.Survey{Title: "I²C bus 2", Looked: "/dev/i2c-2", Err: errors.New("the bus does not work"), Hint: "unplug"}, none)
	want := `I²C bus 1 (/dev/i2c-1)
  0x48  LM75, TMP75 or the like  driver lm75
  0x50  unknown chip             perhaps EEPROM
  0x77  BME280                   driver bme280

I²C bus 2 (/dev/i2c-2)
  the bus does not work
  hint: unplug
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}

func TestScanOfAMachineWithNothing(t *testing.T) {
	environ := map[string]string{"SENSORPUB_ROOT": t.TempDir()}
	want := "I²C (/dev/i2c-*)\n  nothing found\n  hint: " + drivers.EnableI2C + `

1-Wire (/sys/bus/w1/devices)
  nothing found
  hint: ` + drivers.EnableW1 + `

SPI (/dev/spidev*)
  nothing found
  hint: ` + drivers.EnableSPI + `

hwmon (/sys/class/hwmon)
  nothing found
  hint: ` + drivers.EnableHwmon + `

iio (/sys/bus/iio/devices)
  nothing found
  hint: ` + drivers.EnableIIO + `

thermal zones (/sys/class/thermal)
  nothing found
  hint: this kernel provides no thermal zones
`
	if got := sensorpub(t, environ, "scan"); got != (result{0, want, ""}) {
		t.Errorf("got %+v, want\n%s", got, want)
	}
	want = "# Found nothing that sensorpub can read; sensorpub scan shows more.\n"
	if got := sensorpub(t, environ, "scan", "--toml"); got != (result{0, want, ""}) {
		t.Errorf("got %+v, want %q", got, want)
	}
}
