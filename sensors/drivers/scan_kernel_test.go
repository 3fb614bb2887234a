package drivers

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sensorpub/sensors/drivers/option"
)

// kernelTree is a machine with a probe in each of the kernel's interfaces.
func kernelTree(t *testing.T) tree {
	tr := newTree(t)
	tr.files("sys/bus/w1/devices/w1_bus_master1", "w1_master_name", "w1_bus_master1")
	tr.files("sys/bus/w1/devices/28-0316a2794fff", "w1_slave", goodSlave)
	tr.files("sys/bus/w1/devices/29-000000012345", "id", "")
	tr.files("sys/bus/w1/devices/00-400000000000", "id", "")
	tr.files("dev", "spidev0.0", "", "spidev0.1", "")
	for i, at := range []string{"1-0048", "1-0049"} {
		dir := "sys/devices/platform/soc/i2c-1/" + at
		tr.files(fmt.Sprintf("%s/hwmon/hwmon%d", dir, i), "name", "lm75", "temp1_input", "21500")
		tr.link(fmt.Sprintf("%s/hwmon/hwmon%d/device", dir, i), dir)
		tr.link(fmt.Sprintf("sys/class/hwmon/hwmon%d", i), fmt.Sprintf("%s/hwmon/hwmon%d", dir, i))
	}
	zone := "sys/devices/virtual/thermal/thermal_zone0"
	tr.files(zone, "type", "cpu-thermal", "temp", "48312")
	tr.link("sys/class/thermal/thermal_zone0", zone)
	tr.files(zone+"/hwmon2", "name", "cpu_thermal", "temp1_input", "48312")
	tr.link("sys/class/hwmon/hwmon2", zone+"/hwmon2")
	tr.files("sys/bus/iio/devices/iio:device0", "name", "dht11@4", "in_temp_input", "-5200", "in_humidityrelative_input", "61000")
	tr.files("sys/bus/iio/devices/iio:device1", "name", "mlx90614", "in_temp_ambient_input", "22000", "in_temp_object_input", "-1500")
	return tr
}

const goodSlave = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125"

func TestScanOfTheKernelsInterfaces(t *testing.T) {
	s := Scanner{Host: kernelTree(t).host()}
	able := option.OneOf(ableOnSPI())
	want := []string{
		"1-Wire",
		"  00-400000000000 noise; no chip has this id: check the wiring and the pull-up",
		"  28-0316a2794fff DS18B20 -> ds18b20",
		"  29-000000012345 switch DS2408",
		"SPI",
		`  0.0 /dev/spidev0.0; SPI does not show what is connected; set spi = "0.0" for ` + able,
		`  0.1 /dev/spidev0.1; SPI does not show what is connected; set spi = "0.1" for ` + able,
		"hwmon",
		"  cpu_thermal temp1 temperature; same as the thermal zone below",
		"  lm75 temp1 temperature -> hwmon; at 1-0048",
		"  lm75 temp1 temperature -> hwmon; at 1-0049",
		"iio",
		"  dht11@4 temperature, humidity -> iio",
		"  mlx90614 temp_ambient temperature -> iio",
		"  mlx90614 temp_object temperature -> iio",
		"thermal zones",
		"  cpu-thermal the board's own temperature -> thermal",
	}
	var got []string
	for _, look := range s.Kinds()[1:] {
		got = append(got, lines(look())...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A device without a name is chosen by its path, and one that the kernel's driver
// gets wrong is not offered.
func TestScanOfOddDevices(t *testing.T) {
	tr := newTree(t)
	for i, at := range []string{"1-0048", "1-0049"} {
		dir := "sys/devices/platform/soc/i2c-1/" + at
		tr.files(fmt.Sprintf("%s/hwmon/hwmon%d", dir, i), "temp1_input", "21500")
		tr.link(fmt.Sprintf("%s/hwmon/hwmon%d/device", dir, i), dir)
		tr.link(fmt.Sprintf("sys/class/hwmon/hwmon%d", i), fmt.Sprintf("%s/hwmon/hwmon%d", dir, i))
	}
	tr.files("sys/devices/platform/soc/i2c-1/1-0076/iio:device0", "name", "", "in_temp_input", "21500")
	tr.link("sys/bus/iio/devices/iio:device0", "sys/devices/platform/soc/i2c-1/1-0076/iio:device0")
	tr.files("sys/bus/iio/devices/iio:device1", "name", "max31865", "in_temp_raw", "8192", "in_temp_scale", "31.25")
	s := Scanner{Host: tr.host()}
	want := []string{
		"hwmon",
		"  1-0048 temp1 temperature -> hwmon",
		"  1-0049 temp1 temperature -> hwmon",
		"iio",
		"  1-0076 temperature -> iio",
		"  max31865 temperature; " + iioRefused.of(device{name: "max31865"}, "iio").Error(),
	}
	surveys := append(s.hwmon(), s.iio()...)
	if got := lines(surveys); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	_, err := configured(t, "hwmon", tr.host(), map[string]any{"path": "1-0048", "quantities": []any{"humidity"}}).Open()
	if got, want := outcome(err), "1-0048 measures no humidity"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, v := range surveys {
		for _, f := range v.Finds {
			if f.Driver == "" {
				continue
			}
			if got, err := f.Read(t.Context(), s.Host); err != nil || got[0].Value != 21.5 {
				t.Errorf("%s: got %v and %v, want 21.5", f.Place, got, err)
			}
		}
	}
}

// The current is only as true as the shunt that the kernel assumes.
func TestScanShowsTheShunt(t *testing.T) {
	tr := newTree(t)
	tr.files("sys/class/hwmon/hwmon0", "name", "ina219", "in1_input", "5000", "curr1_input", "100", "shunt_resistor", "10000")
	tr.files("sys/class/hwmon/hwmon1", "name", "ina3221", "curr2_input", "100", "shunt1_resistor", "10000", "shunt2_resistor", "100000")
	tr.files("sys/class/hwmon/hwmon2", "name", "ltc4151", "in1_input", "5000", "curr1_input", "100")
	tr.files(iioDir+"0", "name", "ina226", "in_voltage1_raw", "4000", "in_voltage1_scale", "1.25", "in_current3_raw", "10", "in_current3_scale", "1", "in_shunt_resistor", "0.010000")
	s := Scanner{Host: tr.host()}
	want := []string{
		"hwmon",
		"  ina219 in1 voltage -> hwmon",
		"  ina219 curr1 current -> hwmon; the kernel assumes a shunt of 0.01 Ω",
		"  ina3221 curr2 current -> hwmon; the kernel assumes a shunt of 0.1 Ω",
		"  ltc4151 in1 voltage -> hwmon",
		"  ltc4151 curr1 current -> hwmon; the kernel assumes a shunt of 0.001 Ω, unless its device tree has another",
		"iio",
		"  ina226 voltage, current -> iio; the kernel assumes a shunt of 0.01 Ω",
	}
	if got := lines(append(s.hwmon(), s.iio()...)); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What scan found can be read with the options that it gives.
func TestFindsCanBeRead(t *testing.T) {
	s := Scanner{Host: kernelTree(t).host()}
	want := map[string][]float64{
		"28-0316a2794fff": {23.125}, "lm75 temp1": {21.5}, "dht11@4": {-5.2, 61}, "cpu-thermal": {48.312},
		"mlx90614 temp_ambient": {22}, "mlx90614 temp_object": {-1.5},
	}
	for _, look := range s.Kinds()[1:] {
		for _, f := range look()[0].Finds {
			if f.Driver == "" {
				continue
			}
			readings, err := f.Read(t.Context(), s.Host)
			var got []float64
			for _, r := range readings {
				got = append(got, r.Value)
			}
			if err != nil || !f.Ready || !slices.Equal(got, want[f.Place]) {
				t.Errorf("%s: got %v, %v, want %v", f.Place, got, err, want[f.Place])
			}
		}
	}
}

func TestUnreadableFinds(t *testing.T) {
	tr := kernelTree(t)
	tests := []struct {
		name string
		find Find
		want string
	}{
		{"none has a driver", Find{}, "no such driver, want "},
		{"options that do not fit", Find{Driver: "ds18b20", Options: map[string]any{"id": "28"}}, "options.id"},
		{"a probe that has gone", Find{Driver: "ds18b20", Options: map[string]any{"id": "28-000000000001"}}, "open: 28-000000000001 does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			readings, err := tt.find.Read(t.Context(), tr.host())
			if got := outcome(err); readings != nil || !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %v and %q, want %q", readings, got, tt.want)
			}
		})
	}
	tr.write("sys/class/thermal/thermal_zone0/temp", "-274000")
	f := Find{Driver: "thermal", Options: map[string]any{"zone": "cpu-thermal"}}
	if readings, err := f.Read(t.Context(), tr.host()); readings != nil || outcome(err) != "range" {
		t.Errorf("got %v, %v, want a rejection by its range", readings, err)
	}
}

func TestScanWithoutTheKernelsInterfaces(t *testing.T) {
	hints := []string{EnableI2C, EnableW1, EnableSPI, EnableHwmon, EnableIIO, "this kernel provides no thermal zones"}
	tr := newTree(t)
	for i, look := range (Scanner{Host: tr.host()}).Kinds() {
		v := look()
		if len(v) != 1 || len(v[0].Finds) != 0 || v[0].Err != nil || v[0].Hint != hints[i] || v[0].Looked == "" {
			t.Errorf("got %+v, want nothing found and the hint %q", v, hints[i])
		}
	}
	tr.files("sys/bus/w1/devices", "uevent", "")
	if v := (Scanner{Host: tr.host()}).w1(); outcome(v[0].Err) != "the kernel supports 1-Wire, but has no bus" || v[0].Hint != EnableW1 {
		t.Errorf("got %+v, want that there is no bus", v)
	}
	tr.files("sys/bus/w1/devices/w1_bus_master1", "uevent", "")
	if v := (Scanner{Host: tr.host()}).w1(); v[0].Err != nil || !strings.HasPrefix(v[0].Hint, "no probe answers") {
		t.Errorf("got %+v, want that no probe answers", v)
	}
}

func TestPick(t *testing.T) {
	name := func(f Find) string { return fmt.Sprint(f.Driver, " ", f.Options["path"], " ", f.Note) }
	a, b := attached{"x", "/sys/a/1-0048"}, attached{"x", "/sys/b/1-0048"}
	tests := []struct {
		name string
		all  []attached
		want string
	}{
		{"the only one", []attached{a}, "thermal <nil> "},
		{"one of two names", []attached{a, {"y", a.path}}, "thermal <nil> "},
		{"another with another end", []attached{a, {"x", "/sys/a/1-0049"}}, "thermal 1-0048 at 1-0048"},
		{"another with the same end", []attached{a, b}, "thermal /sys/a/1-0048 at /sys/a/1-0048"},
		{"two in one place", []attached{a, a}, " <nil> one of several with this name that cannot be distinguished"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := pick(Find{Ready: true}, "thermal", map[string]any{"zone": "x"}, a, tt.all)
			if got := name(f); got != tt.want || f.Ready != (f.Driver != "") {
				t.Errorf("got %q, ready %v, want %q", got, f.Ready, tt.want)
			}
		})
	}
	if f := found(Find{}, "thermal", map[string]any{"zone": "x", "address": 1}); !reflect.DeepEqual(f.Options, map[string]any{"zone": "x"}) {
		t.Errorf("got the options %v, want those of the driver only", f.Options)
	}
}
