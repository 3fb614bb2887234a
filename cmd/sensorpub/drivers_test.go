package main

import (
	"fmt"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

func TestDriversListsTheTable(t *testing.T) {
	got := sensorpub(t, nil, "drivers")
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	table := drivers.Table()
	if got.code != 0 || got.stderr != "" || len(lines) != len(table) {
		t.Fatalf("got %+v, want %d lines", got, len(table))
	}
	for i, d := range table {
		var quantities []string
		for _, q := range d.Quantities {
			quantities = append(quantities, q.Name)
		}
		if d.AnyQuantity {
			quantities = []string{"any"}
		} else if len(quantities) > 5 {
			quantities = append(quantities[:3], fmt.Sprint(len(quantities)-3, " more"))
		}
		want := d.Name + " " + strings.Join(quantities, ", ") + " " + d.Summary
		if line := strings.Join(strings.Fields(lines[i]), " "); line != want {
			t.Errorf("got %q, want %q", line, want)
		}
	}
}

// A chip without a driver of its own is answered with the one that reads it.
func TestDriversAnswersTheNameOfAChip(t *testing.T) {
	got := sensorpub(t, nil, "drivers", "DHT22")
	want := `DHT22 has no driver of its own; driver = "iio" reads it: dtoverlay=dht11,gpiopin=4 and options = { device = "dht11" }

iio: `
	if got.code != 0 || got.stderr != "" || !strings.HasPrefix(got.stdout, want) {
		t.Errorf("got %+v, want %s", got, want)
	}
	if got = sensorpub(t, nil, "drivers", "BME280"); got.code != 0 || !strings.HasPrefix(got.stdout, "bme280: ") {
		t.Errorf("got %+v, want the driver bme280", got)
	}
	got = sensorpub(t, nil, "drivers", "VEML7700")
	want = `VEML7700 has no driver of its own; driver = "iio" reads it: echo veml7700 0x10 | sudo tee /sys/bus/i2c/devices/i2c-1/new_device and options = { device = "veml7700" }; scan says how to make it permanent
`
	if got.code != 0 || !strings.HasPrefix(got.stdout, want) {
		t.Errorf("got %+v, want %s", got, want)
	}
	got = sensorpub(t, nil, "drivers", "ADS1256")
	if want := `sensorpub: show driver "ADS1256": no such driver, this chip is not supported` + "\n"; got.code != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("got %+v, want %s", got, want)
	}
}

func TestDriverShowsAllAboutIt(t *testing.T) {
	air, err := drivers.Lookup("bme280")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := printDriver(&out, drivers.Driver{
		Name: "bme280", Summary: "an air sensor", Accuracy: "±1 °C", Wiring: "VIN 3.3 V\nSDA pin 3",
		Quantities: air.Quantities,
		Options: []option.Option{
			{Name: "bus", Default: "1", Doc: "number of the bus"},
			{Name: "address", Default: int64(0x76), Min: 0x76, Max: 0x77, Hex: true, Doc: "by SDO"},
			{Name: "mode", Default: "", OneOf: []string{"a", "b"}, Doc: "how"},
			{Name: "path", Default: "", Example: "/x", Required: true, Doc: "where it is"},
			{Name: "only", Default: []string{}, OneOf: []string{"a", "b"}, Doc: "which"},
			{Name: "gain", Default: 0.0, Min: -1, Max: 2.5, Doc: "how much"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	want := `bme280: an air sensor

quantities:
  temperature  °C   from -40 to 85
  humidity     %    from 0 to 100
  pressure     hPa  from 300 to 1100

accuracy:
  ±1 °C

wiring:
  VIN 3.3 V
  SDA pin 3

options:
  bus      string; default "1"
           number of the bus
  address  0x76 to 0x77; default 0x76
           by SDO
  mode     "a" or "b"; default ""
           how
  path     string; required
           where it is
  only     list of strings, each "a" or "b"; default []
           which
  gain     number, -1 to 2.5; default 0.0
           how much

example:
  [[sensor]]
  name    = "outside"
  driver  = "bme280"
  options = { bus = "1", address = 0x76, path = "/x" }
`
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestEveryDriverCanBeShown(t *testing.T) {
	for _, d := range drivers.Table() {
		got := sensorpub(t, nil, "drivers", d.Name)
		if got.code != 0 || !strings.HasPrefix(got.stdout, d.Name+": "+d.Summary+"\n") || got.stderr != "" {
			t.Errorf("%s: got %+v", d.Name, got)
		}
	}
}

func TestExampleOfEachDriverPassesTheCheck(t *testing.T) {
	for _, d := range drivers.Table() {
		got := sensorpub(t, nil, "check", "--config", fixture.WriteFile(t, "config.toml", exampleSensor(d)))
		if got.code != exitOK {
			t.Errorf("%s: %s\n%s", d.Name, got.stderr, exampleSensor(d))
		}
	}
}
