package drivers

import (
	"reflect"
	"testing"
)

// Chips as the kernel shows them, each with what it measures there.
func TestHwmonLayouts(t *testing.T) {
	ina219 := []string{"name", "ina219", "in0_input", "12", "in1_input", "12004", "curr1_input", "-125", "power1_input", "1480000", "shunt_resistor", "100000", "update_interval", "1"}
	ina3221 := []string{
		"name", "ina3221", "in1_input", "5104", "in2_input", "3296", "in3_input", "0", "in4_input", "31000", "in5_input", "-2000", "in6_input", "163800",
		"in7_label", "sum of shunt voltages", "in7_input", "33000", "curr1_input", "310", "curr2_input", "20", "curr3_input", "1638", "curr4_input", "330", "shunt1_resistor", "100000",
	}
	ina238 := []string{"name", "ina238", "in0_input", "4", "in1_input", "24125", "curr1_input", "400", "power1_input", "9650000", "temp1_input", "31250"}
	ltc4282 := []string{"name", "ltc4282", "energy1_input", "7200000000", "power1_input", "2500000"}
	tests := []struct {
		name    string
		files   []string
		options map[string]any // besides the chip
		want    any
	}{
		{"INA219, with the voltage of the supply", ina219, q("voltage", "current", "power"), []float64{12.004, -0.125, 1.48}},
		{"INA219, all", ina219, nil, []float64{12.004, -0.125, 1.48}},
		{"INA3221, all: none of them alone", ina3221, nil, "ina3221 has 7 inputs, set options.input to one of in1, in2, in3, in4, in5, in6, in7"},
		{"INA219, the voltage of the shunt", ina219, in("in0"), 0.012},
		{"INA3221, a channel", ina3221, in("in2"), 3.296},
		{"INA3221, a shunt, in microvolts", ina3221, in("in5"), -0.002},
		{"INA3221, a current", ina3221, in("curr1"), 0.31},
		{"INA3221, a current above its range", ina3221, in("curr3"), "range"},
		{"INA219, a current above its range", append([]string{"name", "ina219", "in0_input", "-320"}, ina219[4:]...), q("current"), "range"},
		{"INA219, a power above its range", append([]string{"name", "ina219", "in0_input", "320"}, ina219[4:]...), q("power"), "range"},
		{"INA226, a current above its range", []string{"name", "ina226", "in0_input", "82", "curr1_input", "8192"}, q("current"), "range"},
		{"INA226, the largest current", []string{"name", "ina226", "in0_input", "81", "curr1_input", "8140"}, q("current"), 8.14},
		{"INA3221, none chosen", ina3221, q("voltage"), "ina3221 has 7 inputs, set options.input to one of in1, in2, in3, in4, in5, in6, in7"},
		{"INA238", ina238, q("voltage", "current", "power", "temperature"), []float64{24.125, 0.4, 9.65, 31.25}},
		{"LTC4282, a meter", ltc4282, q("energy"), 0.002},
		{"a fan", []string{"name", "pwmfan", "fan1_input", "4523", "pwm1", "128", "pwm1_enable", "1"}, q("rotation"), 4523.0},
		{"a fan that stands still", []string{"name", "emc2305", "fan1_input", "0", "fan1_fault", "0", "pwm1", "0"}, q("rotation"), 0.0},
		{"a fan that is blocked", []string{"name", "emc2305", "fan1_input", "0", "fan1_fault", "1", "pwm1", "0"}, q("rotation"), "fault"},
		{"a fan without a tachometer", []string{"name", "gpio_fan", "fan1_input", "6000", "pwm1", "255"}, q("rotation"), "gpio_fan cannot be read through hwmon: its speed is the one that was set, not a measured one"},
		{"a converter whose reference is not known", []string{"name", "pcf8591", "in0_input", "1280"}, nil, "pcf8591 cannot be read through hwmon: the kernel assumes a reference of 2.56 V, which most boards do not have"},
		{"the Pi's supply, which has only an alarm", []string{"name", "rpi_volt", "in0_lcrit_alarm", "0"}, q("voltage"), "rpi_volt measures no voltage"},
		{"a clock", []string{"name", "amdgpu", "freq1_input", "700000000", "freq1_label", "sclk"}, q("frequency"), 7e8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files("sys/class/hwmon/hwmon0", tt.files...)
			options := map[string]any{"chip": tt.files[1]}
			for k, v := range tt.options {
				options[k] = v
			}
			s, err := configured(t, "hwmon", tr.host(), options).Open()
			var got any = tr.said(err)
			if err == nil {
				got = tr.values(s)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// in is an option.
func in(input string) map[string]any { return map[string]any{"input": input} }
