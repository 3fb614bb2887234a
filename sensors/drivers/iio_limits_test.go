package drivers

import "testing"

// What a kernel driver gives as a number without having measured it.
func TestIIONumbersThatAreNotMeasured(t *testing.T) {
	ads := func(raw, kind string) []string {
		return []string{"in_voltage0_raw", raw, "in_voltage0_scale", "0.0625", "scan_elements/in_voltage0_type", kind}
	}
	light := func(lux, counts string) []string {
		return []string{"in_illuminance_input", lux, "in_intensity_both_raw", counts}
	}
	tests := []struct {
		name, device, quantity string
		files                  []string
		want                   any
	}{
		{"ads1115: above its range", "ads1015", "voltage", ads("32767", "le:s16/16>>0"), "range"},
		{"ads1115: below its range", "ads1015", "voltage", ads("-32768", "le:s16/16>>0"), "range"},
		{"ads1115: not quite", "ads1015", "voltage", ads("32766", "le:s16/16>>0"), 2.047875},
		{"ads1015: above its range", "ads1015", "voltage", ads("2047", "le:s12/16>>4"), "range"},
		{"ads1115 with the largest number of an ads1015", "ads1015", "voltage", ads("2047", "le:s16/16>>0"), 0.1279375},
		{"an unsigned converter at 0 V", "max1363", "voltage", ads("0", "be:u12/16>>0"), 0.0},
		{"an unsigned converter at its end", "max1363", "voltage", ads("4095", "be:u12/16>>0"), "range"},
		{"a kernel that writes its layout otherwise", "ads1015", "voltage", ads("32767", "x"), 2.0479375},
		{"mcp3208: at its reference", "mcp3208", "voltage", ads("4095", ""), "range"},
		{"mcp3008: at its reference", "mcp3008", "voltage", ads("1023", ""), "range"},
		{"hx711: at its end", "hx711", "voltage", []string{"in_voltage0_raw", "16777215", "in_voltage0_scale", "0.000000153"}, "range"},
		{"mcp3421: at its end with 12 bits", "1-0068", "voltage", []string{"in_voltage0_raw", "2047", "in_voltage0_scale", "0.001000000", "in_voltage_sampling_frequency", "240"}, "range"},
		{"mcp3421: the same number of 18 bits", "1-0068", "voltage", []string{"in_voltage0_raw", "2047", "in_voltage0_scale", "0.000015625", "in_voltage_sampling_frequency", "3"}, 2047 * 0.000015625},
		{"a scale of 0", "new", "voltage", []string{"in_voltage0_raw", "100", "in_voltage0_scale", "0"}, "range"},

		{"ina219: a full shunt", "ina219", "current", []string{"in_current3_raw", "3200", "in_current3_scale", "1", "in_voltage0_raw", "-32000", "in_voltage0_scale", "0.01"}, "range"},
		{"tsl2591: a full photodiode", "tsl2591", "illuminance", light("912.1", "65535"), "range"},
		{"tsl2591: full after 100 ms", "tsl2591", "illuminance", light("912.1", "36863"), "range"},
		{"tsl2591: no light, and a division by 0", "tsl2591", "illuminance", light("-0.055", "0"), -0.055}, // for the bus to reject
		{"tsl2561: a full photodiode", "tsl2561", "illuminance", light("9000", "2584064"), "range"},
		{"ltr559: a full photodiode", "ltr559", "illuminance", light("64000", "65535"), "range"},
		{"ltr559: bright", "ltr559", "illuminance", light("64000", "65534"), 64000.0},
		{"tsl2583: cut", "tsl2583", "illuminance", []string{"in_illuminance_input", "65535"}, "range"},
		{"cm32181: cut", "1-0010", "illuminance", []string{"in_illuminance_input", "65535"}, "range"},
		{"opt3001: its end", "opt3001", "illuminance", []string{"in_illuminance_input", "83865.600000"}, "range"},
		{"opt4001: its end", "opt4001-sot-5x3", "illuminance", []string{"in_illuminance_input", "117440.400000000"}, "range"},
		{"isl29023: its end", "isl29023", "illuminance", []string{"in_illuminance0_input", "999"}, "range"},
		{"isl29028: its end", "isl29028", "illuminance", []string{"in_illuminance_input", "2006"}, "range"},
		{"isl29018: bright", "isl29018", "illuminance", []string{"in_illuminance0_input", "998"}, 998.0},
		{"max44000: its end", "max44000", "illuminance", []string{"in_illuminance_raw", "16383", "in_illuminance_scale", "0.03125"}, "range"},

		{"vl53l0x: nothing in sight", "vl53l0x", "distance", []string{"in_distance_raw", "8190", "in_distance_scale", "0.001"}, "range"},
		{"vl6180: nothing in sight", "vl6180", "distance", []string{"in_distance_raw", "255", "in_distance_scale", "0.001"}, "range"},
		{"srf08: no echo", "srf08", "distance", []string{"in_distance_raw", "0", "in_distance_scale", "0.01"}, "range"},
		{"atlas: no probe", "atlas", "ph", []string{"in_ph_raw", "0", "in_ph_scale", "0.001"}, "range"},

		{"MAX6675: 0 °C or a low data line", "maxim_thermocouple", "temperature", []string{"in_temp_raw", "0", "in_temp_scale", "250"}, "all-zero"},
		{"MAX31855: a low data line", "maxim_thermocouple", "temperature", []string{"in_temp_raw", "0", "in_temp_scale", "250", "in_temp_ambient_raw", "0", "in_temp_ambient_scale", "62.5"}, "all-zero"},
		{"MAX31855: 0 °C", "maxim_thermocouple", "temperature", []string{"in_temp_raw", "0", "in_temp_scale", "250", "in_temp_ambient_raw", "320", "in_temp_ambient_scale", "62.5"}, 0.0},
		{"MAX31856: a low data line", "max31856", "temperature", []string{"in_temp_raw", "0", "in_temp_scale", "7.8125", "in_temp_ambient_raw", "0", "in_temp_ambient_scale", "15.625"}, "all-zero"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", append([]string{"name", tt.device}, tt.files...)...)
			s := opened(t, configured(t, "iio", tr.host(), map[string]any{"device": tt.device, "quantities": []any{tt.quantity}}))
			if got := tr.values(s); !about(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
