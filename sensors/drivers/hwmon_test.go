package drivers

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hwmonTree has what a Pi with two LM75, an SHT3x, a disk and a 1-Wire
// thermometer has, in no particular order.
func hwmonTree(t *testing.T) tree {
	tr := newTree(t)
	chip := func(n, at string, files ...string) {
		tr.files(at+"/hwmon/hwmon"+n, files...)
		tr.link(at+"/hwmon/hwmon"+n+"/device", at)
		tr.link("sys/class/hwmon/hwmon"+n, at+"/hwmon/hwmon"+n)
	}
	const i2c = "sys/devices/platform/soc/fe804000.i2c/i2c-1/"
	chip("3", i2c+"1-0048", "name", "lm75", "temp1_input", "28500", "temp1_max", "80000")
	chip("1", i2c+"1-0049", "name", "lm75", "temp1_input", "-500")
	chip("2", i2c+"1-0044", "name", "sht3x", "temp1_input", "0", "humidity1_input", "47123", "humidity1_alarm", "0")
	chip("4", "sys/devices/pci0000:00/nvme0", "name", "nvme", "temp1_input", "40850", "temp1_label", "Composite",
		"temp2_input", "41850", "temp2_label", "Sensor 1", "temp10_input", "1000", "pwm1_input", "5")
	chip("5", "sys/devices/w1_bus_master1/28-0316a2794fff", "name", "w1_slave_temp", "temp1_input", "85000")
	// The board's own has no link to a device.
	tr.files("sys/devices/virtual/thermal/thermal_zone0/hwmon0", "name", "cpu_thermal", "temp1_input", "48312", "temp1_fault", "0")
	tr.link("sys/class/hwmon/hwmon0", "sys/devices/virtual/thermal/thermal_zone0/hwmon0")
	return tr
}

func TestHwmonChoice(t *testing.T) {
	const places = "/sys/devices/platform/soc/fe804000.i2c/i2c-1/1-0048, /sys/devices/platform/soc/fe804000.i2c/i2c-1/1-0049"
	tests := []struct {
		name    string
		options map[string]any
		want    any // of reading, or the error of opening
	}{
		{"the only one of its name", map[string]any{"chip": "cpu_thermal"}, 48.312},
		{"one of two by its path", map[string]any{"chip": "lm75", "path": "1-0048"}, 28.5},
		{"the other one, below zero", map[string]any{"chip": "lm75", "path": "1-0049"}, -0.5},
		{"by its path alone", map[string]any{"path": "i2c-1/1-0048"}, 28.5},
		{"one of two by nothing", map[string]any{"chip": "lm75"}, `2 hwmon chips "lm75", set options.path to a part of one of ` + places},
		{"no such chip", map[string]any{"chip": "tmp102"}, `no hwmon chip "tmp102", found cpu_thermal, lm75, nvme, sht3x, w1_slave_temp`},
		{"no such path", map[string]any{"chip": "lm75", "path": "1-004"}, `no hwmon chip "lm75" at "1-004", found cpu_thermal, lm75, nvme, sht3x, w1_slave_temp`},
		{"a number that changes between boots", map[string]any{"chip": "lm75", "path": "hwmon3"}, `no hwmon chip "lm75" at "hwmon3", found cpu_thermal, lm75, nvme, sht3x, w1_slave_temp`},
		{"one of several inputs by its name", map[string]any{"chip": "nvme", "input": "temp2"}, 41.85},
		{"one of several inputs by its label", map[string]any{"chip": "nvme", "label": "Composite"}, 40.85},
		{"one of several inputs by nothing", map[string]any{"chip": "nvme"}, "nvme has 3 inputs, set options.input to one of temp1, temp2, temp10"},
		{"no such input", map[string]any{"chip": "nvme", "input": "temp3"}, `nvme has no input "temp3", found temp1 (Composite), temp2 (Sensor 1), temp10`},
		{"no such label", map[string]any{"chip": "nvme", "label": "Sensor"}, `nvme has no input "Sensor", found temp1 (Composite), temp2 (Sensor 1), temp10`},
		{"zero degrees, and all that the chip has", map[string]any{"chip": "sht3x"}, []float64{0, 47.123}},
		{"humidity by its input", map[string]any{"chip": "sht3x", "input": "humidity1"}, 47.123},
		{"both, in the order wanted", map[string]any{"chip": "sht3x", "quantities": []any{"humidity", "temperature"}}, []float64{47.123, 0}},
		{"what the chip does not measure", map[string]any{"chip": "lm75", "path": "1-0048", "quantities": []any{"humidity"}}, "lm75 measures no humidity"},
		{"a 1-Wire thermometer", map[string]any{"path": "28-0316a2794fff"}, `28-0316a2794fff is a 1-Wire thermometer, use driver = "ds18b20"`},
	}
	tr := hwmonTree(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := configured(t, "hwmon", tr.host(), tt.options).Open()
			var got any
			if err != nil {
				got = tr.said(err)
			} else {
				got = tr.values(s)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// Drivers of an older interface have their files in the device itself.
func TestHwmonOfAnOlderDriver(t *testing.T) {
	tr := newTree(t)
	for i, chip := range []string{"w83627hf", "pcf8591"} {
		at := fmt.Sprint("sys/devices/platform/", chip)
		tr.files(at, "name", chip, "temp1_input", "21500")
		tr.files(fmt.Sprintf("%s/hwmon/hwmon%d", at, i), "uevent", "")
		tr.link(fmt.Sprintf("%s/hwmon/hwmon%d/device", at, i), at)
		tr.link(fmt.Sprintf("sys/class/hwmon/hwmon%d", i), fmt.Sprintf("%s/hwmon/hwmon%d", at, i))
	}
	if got := tr.values(opened(t, configured(t, "hwmon", tr.host(), map[string]any{"chip": "w83627hf"}))); got != 21.5 {
		t.Errorf("got %v, want 21.5", got)
	}
	want := []chipInput{{"w83627hf", "/sys/devices/platform/w83627hf", "temp1", "", "temperature", ""}}
	if got, err := listHwmon(tr.host()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v and %v, want %v", got, err, want)
	}
}

func TestHwmonReadings(t *testing.T) {
	const file = "ROOT/sys/class/hwmon/hwmon0/temp1_input"
	tests := []struct {
		name  string
		files []string
		want  any
	}{
		{"a value", []string{"temp1_input", "28375"}, 28.375},
		{"below zero", []string{"temp1_input", "-937"}, -0.937},
		{"no fault", []string{"temp1_fault", "0"}, 21.0},
		{"a fault", []string{"temp1_fault", "1", "temp1_input", ""}, "fault"},
		{"empty", []string{"temp1_input", ""}, file + ": empty, want a number"},
		{"a wrong number", []string{"temp1_input", "12a"}, file + `: got "12a", want a number`},
		{"not a number", []string{"temp1_input", "nan"}, "not-a-number"},
		{"an unreadable fault", []string{"temp1_fault", "x"}, `ROOT/sys/class/hwmon/hwmon0/temp1_fault: got "x", want a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files("sys/class/hwmon/hwmon0", "name", "lm75", "temp1_input", "21000")
			s := opened(t, configured(t, "hwmon", tr.host(), map[string]any{"chip": "lm75"}))
			tr.files("sys/class/hwmon/hwmon0", tt.files...)
			if got := tr.values(s); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// An exact 0 is what a chip holds that has just got its power: it is read again,
// after a conversion.
func TestHwmonConfirmsZero(t *testing.T) {
	tests := []struct {
		name  string
		texts []string
		want  any
		takes time.Duration
	}{
		{"a true value", []string{"21000"}, 21.0, 0},
		{"a value after a dip of the supply", []string{"0", "21500"}, 21.5, hwmonConversion},
		{"a true zero", []string{"0", "0"}, 0.0, hwmonConversion},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTree(t)
				tr.files("sys/class/hwmon/hwmon0", "name", "jc42", "temp1_input", "")
				h, texts := tr.host(), tt.texts
				h.read = func(file string) ([]byte, error) {
					if !strings.HasSuffix(file, "temp1_input") {
						return readSysfs(file)
					}
					text := texts[0]
					texts = texts[1:]
					return []byte(text + "\n"), nil
				}
				s, start := opened(t, configured(t, "hwmon", h, map[string]any{"chip": "jc42"})), time.Now()
				if got := tr.values(s); got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if took := time.Since(start); took != tt.takes || len(texts) > 0 {
					t.Errorf("got a reading in %v with %d reads to go, want %v and 0", took, len(texts), tt.takes)
				}
			})
		})
	}
}

// A chip may come back under another number.
func TestHwmonComesAndGoes(t *testing.T) {
	tr := newTree(t)
	p := configured(t, "hwmon", tr.host(), map[string]any{"chip": "lm75"})
	_, err := p.Open()
	if got, want := tr.said(err), "ROOT/sys/class/hwmon: no hwmon chip, load the chip's driver, for one on I²C with dtoverlay=i2c-sensor"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tr.files("sys/class/hwmon/hwmon0", "name", "lm75", "temp1_input", "21000")
	s := opened(t, p)
	tr.remove("sys/class/hwmon/hwmon0")
	if got, want := tr.values(s), "open ROOT/sys/class/hwmon/hwmon0/temp1_input: no such file or directory"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	tr.files("sys/class/hwmon/hwmon7", "name", "lm75", "temp1_input", "22000")
	if got := tr.values(opened(t, p)); got != 22.0 {
		t.Errorf("got %v, want 22", got)
	}
}

func TestHwmonOptionErrors(t *testing.T) {
	checkOptionErrors(t, "hwmon", []optionError{
		{"neither chip nor path", nil, `options.chip = "": want the name of a chip, as in /sys/class/hwmon/hwmon*/name`},
		{"an input of another kind", map[string]any{"chip": "a", "input": "pwm1"}, `options.input = "pwm1": want a name that begins with ` + hwmonKinds.files()},
		{"an input that leads elsewhere", map[string]any{"chip": "a", "input": "temp1/../x"}, `options.input = "temp1/../x": want a name that begins with ` + hwmonKinds.files()},
		{"input and label", map[string]any{"chip": "a", "input": "temp1", "label": "b"}, `options.label = "b": has no effect with input`},
		{
			"an input of another quantity",
			map[string]any{"chip": "a", "input": "humidity1", "quantities": []any{"temperature"}},
			`options.quantities = ["temperature"]: want ["humidity"] with input = "humidity1"`,
		},
		{"a quantity twice", map[string]any{"chip": "a", "quantities": []any{"humidity", "humidity"}}, `options.quantities = ["humidity", "humidity"]: "humidity" is listed twice`},
		{"a 1-Wire thermometer", map[string]any{"chip": "w1_slave_temp"}, `options.chip = "w1_slave_temp": use driver = "ds18b20", which sees whether the probe has converted`},
	})
}

func TestHwmonList(t *testing.T) {
	got, err := listHwmon(hwmonTree(t).host())
	const i2c = "/sys/devices/platform/soc/fe804000.i2c/i2c-1/"
	want := []chipInput{
		{"cpu_thermal", "/sys/devices/virtual/thermal/thermal_zone0", "temp1", "", "temperature", ""},
		{"lm75", i2c + "1-0048", "temp1", "", "temperature", ""},
		{"lm75", i2c + "1-0049", "temp1", "", "temperature", ""},
		{"nvme", "/sys/devices/pci0000:00/nvme0", "temp1", "Composite", "temperature", ""},
		{"nvme", "/sys/devices/pci0000:00/nvme0", "temp2", "Sensor 1", "temperature", ""},
		{"nvme", "/sys/devices/pci0000:00/nvme0", "temp10", "", "temperature", ""},
		{"sht3x", i2c + "1-0044", "temp1", "", "temperature", ""},
		{"sht3x", i2c + "1-0044", "humidity1", "", "humidity", ""},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	if got, err := listHwmon(newTree(t).host()); got != nil || err != nil {
		t.Errorf("without the class: got %v and %v, want none", got, err)
	}
}
