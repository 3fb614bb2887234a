package drivers

import (
	"strings"
	"testing"
)

// Kernel drivers that leave the documented units, each as it is and as it was
// repaired: the same value, or none.
func TestIIODepartures(t *testing.T) {
	tests := []struct {
		name, device, quantity string
		files                  []string
		want                   any // the value or why there is none
	}{
		{"bme680: humidity in percent", "bme680", "humidity", []string{"in_humidityrelative_input", "45.210000000"}, 45.21},
		{"bme680: humidity in thousandths, should it be repaired", "bme680", "humidity", []string{"in_humidityrelative_input", "45210"}, 45.21},
		{"bme680: no humidity", "bme680", "humidity", []string{"in_humidityrelative_input", "0.000000000"}, 0.0},
		{"bme680: pressure in hPa, before Linux 6.10", "bme680", "pressure", []string{"in_pressure_input", "1013.250000"}, 1013.25},
		{"bme680: pressure in kPa", "bme680", "pressure", []string{"in_pressure_input", "101.325000"}, 1013.25},
		{"bme680: degrees, in its first versions", "bme680", "temperature", []string{"in_temp_input", "21.370000000"}, 21.37},
		{"bme680: a whole degree, in its first versions", "bme680", "temperature", []string{"in_temp_input", "-20.000000000"}, -20.0},
		{"bme680: near zero", "bme680", "temperature", []string{"in_temp_input", "20"}, 0.02},
		{"bme680: temperature", "bme680", "temperature", []string{"in_temp_input", "21370"}, 21.37},
		{"hdc1080: humidity in percent, before Linux 5.5", "1-0040", "humidity", []string{"in_humidityrelative_raw", "29600", "in_humidityrelative_scale", "0.001525878"}, 29600 * 0.001525878},
		{"hdc1080: humidity in thousandths", "1-0040", "humidity", []string{"in_humidityrelative_raw", "29600", "in_humidityrelative_scale", "1.525878906"}, 29600 * 1.525878906 / 1000},
		{"bme280: humidity in percent, before its fix", "bme280", "humidity", []string{"in_humidityrelative_input", "38.907226562"}, 38.907226562},
		{"bme280: humidity in thousandths", "bme280", "humidity", []string{"in_humidityrelative_input", "38907"}, 38.907},
		{"hts221: degrees", "hts221", "temperature", []string{"in_temp_raw", "512", "in_temp_scale", "0.015625000", "in_temp_offset", "1024.000000000"}, 24.0},
		{"hts221: below zero", "hts221", "temperature", []string{"in_temp_raw", "-1664", "in_temp_scale", "0.015625000", "in_temp_offset", "1024.000000000"}, -10.0},
		{"hts221: degrees, should it be repaired", "hts221", "temperature", []string{"in_temp_raw", "512", "in_temp_scale", "15.625000000", "in_temp_offset", "1024.000000000"}, 24.0},
		{"hts221: percent, on a falling line", "hts221", "humidity", []string{"in_humidityrelative_raw", "-5000", "in_humidityrelative_scale", "-0.003906250", "in_humidityrelative_offset", "-6000.000000000"}, 42.96875},
		{"hdc3020: degrees", "hdc3020", "temperature", []string{"in_temp_raw", "26214", "in_temp_scale", "0.002670288", "in_temp_offset", "-16852"}, (26214 - 16852) * 2.670288 / 1000},
		{"hdc3020: thousandths", "hdc3020", "temperature", []string{"in_temp_raw", "26214", "in_temp_scale", "2.670288085", "in_temp_offset", "-16852"}, (26214 - 16852) * 2.670288085 / 1000},
		{"hdc3020: percent", "hdc3020", "humidity", []string{"in_humidityrelative_raw", "32768", "in_humidityrelative_scale", "0.001525878"}, 32768 * 0.001525878},
		{"mpl3115: degrees", "mpl3115", "temperature", []string{"in_temp_raw", "337", "in_temp_scale", "0.062500"}, 21.0625},
		{"mpl3115: pressure as documented", "mpl3115", "pressure", []string{"in_pressure_raw", "405300", "in_pressure_scale", "0.000250"}, 1013.25},
		{"hp03: tenths of a degree", "hp03", "temperature", []string{"in_temp_raw", "250", "in_temp_scale", "10"}, 25.0},
		{"hp03: the same, should it be repaired", "hp03", "temperature", []string{"in_temp_raw", "250", "in_temp_scale", "100"}, 25.0},
		{"mh-z19b: ppm, without a scale", "mh-z19b", "co2", []string{"in_concentration_co2_raw", "415"}, 415.0},
		{"mh-z19b: with a scale, should it be repaired", "mh-z19b", "co2", []string{"in_concentration_co2_raw", "415", "in_concentration_co2_scale", "0.000100"}, 415.0},
		{"hp206c: degrees", "hp206c", "temperature", []string{"in_temp_raw", "2137", "in_temp_scale", "0.010000"}, 21.37},
		{"hp206c: the same, should it be repaired", "hp206c", "temperature", []string{"in_temp_raw", "-137", "in_temp_scale", "10"}, -1.37},
		{"icp10100: an offset in thousandths", "icp10100", "temperature", []string{"in_temp_raw", "26214", "in_temp_scale", "2.670288", "in_temp_offset", "-45000"}, (26214*2.670288 - 45000) / 1000},
		{"icp10100: the same, should it be repaired", "icp10100", "temperature", []string{"in_temp_raw", "26214", "in_temp_scale", "2.670288", "in_temp_offset", "-16852"}, (26214 - 16852) * 2.670288 / 1000},
		{"am2315: above zero", "am2315", "temperature", []string{"in_temp_raw", "213", "in_temp_scale", "100"}, 21.3},
		{"am2315: below zero", "am2315", "temperature", []string{"in_temp_raw", "32869", "in_temp_scale", "100"}, -10.1},
		{"mcp9600: below zero, without its sign", "mcp9600", "temperature", []string{"in_temp_raw", "65376", "in_temp_scale", "62.500000"}, -10.0},
		{"mcp9600: below zero", "mcp9600", "temperature", []string{"in_temp_raw", "-160", "in_temp_scale", "62.500000"}, -10.0},
		{"mcp9600: hot", "mcp9600", "temperature", []string{"in_temp_raw", "19200", "in_temp_scale", "62.500000"}, 1200.0},
		{"sunrise_co2: below zero, without its sign", "sunrise_co2", "temperature", []string{"in_temp_raw", "65036", "in_temp_scale", "10"}, -5.0},
		{"mprls0025pa: Pa", "mprls0025pa", "pressure", []string{"in_pressure_raw", "9568410", "in_pressure_scale", "0.012842223", "in_pressure_offset", "-1677722.000000000"}, (9568410 - 1677722) * 0.012842223 / 100},
		{"mprls0025pa: kPa", "mprls0025pa", "pressure", []string{"in_pressure_raw", "9568410", "in_pressure_scale", "0.000012842", "in_pressure_offset", "-1677722.000000000"}, (9568410 - 1677722) * 0.000012842 * 10},
		{"sgp30: a fraction of 1", "sgp30", "co2", []string{"in_concentration_co2_input", "0.000415"}, 415.0},
		{"sgp30: percent, should it be repaired", "sgp30", "co2", []string{"in_concentration_co2_input", "0.0815"}, 815.0},
		{"iAQ-Core: a fraction of 1", "1-005a", "co2", []string{"in_concentration_co2_input", "0.001215"}, 1215.0},
		{"VZ89x: a fraction of 1", "1-0070", "co2", []string{"in_concentration_co2_raw", "13", "in_concentration_co2_scale", "0.00000698689", "in_concentration_co2_offset", "44.250000"}, (13 + 44.25) * 6.98689},
		{"another chip at an address", "1-005b", "co2", []string{"in_concentration_co2_input", "0.0415"}, 415.0},

		{"another chip with the scale of degrees", "newchip", "temperature", []string{"in_temp_raw", "5000", "in_temp_scale", "0.005"}, "range"},
		{"another chip with the scale of percents", "1-0044", "humidity", []string{"in_humidityrelative_raw", "29600", "in_humidityrelative_scale", "0.001525878"}, "range"},
		{"another chip with percents", "newchip", "humidity", []string{"in_humidityrelative_input", "45.21"}, "range"},
		{"24 bits, in thousandths", "newchip", "temperature", []string{"in_temp_raw", "8724152", "in_temp_scale", "0.007450580", "in_temp_offset", "-5368709.120000000"}, (8724152 - 5368709.12) * 0.00745058 / 1000},
		{"no scale", "newchip", "temperature", []string{"in_temp_raw", "2500"}, "newchip gives temperature as a raw number without a scale"},
		{"max31865: no offset", "max31865", "temperature", []string{"in_temp_raw", "8192", "in_temp_scale", "31.250000"}, "max31865 cannot be read through iio: the kernel gives a resistance as a temperature, without its offset: use driver = \"max31865\""},
		{"sdp500: a difference in Pa", "sdp500", "pressure", []string{"in_pressure_raw", "6000", "in_pressure_scale", "0.016666666"}, "sdp500 cannot be read through iio: it measures a difference of pressures, and the kernel gives it in Pa"},

		{"dlhl60d: offsets of the product", "dlhl60d", "temperature", []string{"in_temp0_raw", "8724152", "in_temp_scale", "0.007450580", "in_temp_offset", "-40000"}, "dlhl60d cannot be read through iio: the kernel gives its offsets in the wrong unit"},
		{"adp810: divisors for scales", "adp810", "temperature", []string{"in_temp_raw", "1000", "in_temp_scale", "200"}, "adp810 cannot be read through iio: the kernel multiplies by its divisors"},

		{"tmp117: its power-on value", "tmp117", "temperature", []string{"in_temp_raw", "-32768", "in_temp_scale", "7.812500"}, "range"},
		{"bmp580: 24 bits without their sign, before Linux 6.10", "bmp580", "temperature", []string{"in_temp_input", "246000"}, "range"},
		{"a thermocouple", "max31856", "temperature", []string{"in_temp_raw", "128000", "in_temp_scale", "7.812500"}, 1000.0},
		{"a MAX31855 or MAX6675", "maxim_thermocouple", "temperature", []string{"in_temp_raw", "4000", "in_temp_scale", "250"}, 1000.0},
		{"scd30: nothing measured yet", "scd30", "co2", []string{"in_concentration_co2_raw", "0", "in_concentration_co2_scale", "0.000001"}, "power-on"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", append([]string{"name", tt.device}, tt.files...)...)
			s, err := configured(t, "iio", tr.host(), map[string]any{"device": tt.device, "quantities": []any{tt.quantity}}).Open()
			var got any = tr.said(err)
			if err == nil {
				got = tr.values(s)
			}
			if !about(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// about reports whether two numbers are the same but for their rounding, or two
// texts are equal.
func about(got, want any) bool {
	g, isNumber := got.(float64)
	w, wantNumber := want.(float64)
	if isNumber && wantNumber {
		return g-w < 1e-9 && w-g < 1e-9
	}
	return got == want
}

// At its ends a hygrometer gives a little more than there can be.
func TestKernelHumidityIsCropped(t *testing.T) {
	tests := []struct {
		thousandths string
		want        any
	}{
		{"105731", 100.0},
		{"100000", 100.0},
		{"99999", 99.999},
		{"0", 0.0},
		{"-1", 0.0},
		{"-5900", 0.0},
		{"106001", 106.001}, // for the bus to reject
		{"-6001", -6.001},
		{"45.21", "range"},
	}
	for _, tt := range tests {
		tr := newTree(t)
		tr.files(iioDir+"0", "name", "htu21", "in_humidityrelative_input", tt.thousandths)
		tr.files("sys/class/hwmon/hwmon0", "name", "sht4x", "humidity1_input", tt.thousandths)
		for driver, options := range map[string]map[string]any{
			"iio":   {"device": "htu21", "quantities": []any{"humidity"}},
			"hwmon": {"chip": "sht4x", "quantities": []any{"humidity"}},
		} {
			if got := tr.values(opened(t, configured(t, driver, tr.host(), options))); !about(got, tt.want) {
				t.Errorf("%s of %s: got %v, want %v", driver, tt.thousandths, got, tt.want)
			}
		}
	}
}

// Each row names a device once for a quantity.
func TestDeparturesAreEachThereOnce(t *testing.T) {
	seen := make(map[string]bool)
	for _, d := range departures {
		key := d.device + " " + d.quantity
		if seen[key] || unsupported[d.device] != "" || strings.ToLower(d.device) != d.device {
			t.Errorf("%s: got it twice, or in capitals, want each once", key)
		}
		seen[key] = true
	}
}
