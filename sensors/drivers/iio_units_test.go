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
		{"iAQ-Core: VOC as a fraction of 1", "1-005a", "voc", []string{"in_concentration_voc_input", "0.000000125"}, 125.0},
		{"as73211: degrees, and an offset of the product", "as73211", "temperature", []string{"in_temp_raw", "1840", "in_temp_scale", "0.050000", "in_temp_offset", "-66.900000"}, 25.1},
		{"as73211: the same, should it be repaired", "as73211", "temperature", []string{"in_temp_raw", "1840", "in_temp_scale", "50", "in_temp_offset", "-1338"}, 25.1},
		{"ltr390: a hundredth", "ltr390", "illuminance", []string{"in_illuminance_raw", "2500", "in_illuminance_scale", "0.002000000", "integration_time", "100000"}, 500.0},
		{"ltr390: the same, should it be repaired", "ltr390", "illuminance", []string{"in_illuminance_raw", "2500", "in_illuminance_scale", "0.200000000", "integration_time", "100000"}, 500.0},
		{"ltr390: with the gain 18 and 400 ms", "ltr390", "illuminance", []string{"in_illuminance_raw", "60000", "in_illuminance_scale", "0.000083333", "integration_time", "400000"}, 60000 * 0.0083333},
		{"veml6030: a fraction in the wrong place, before its fix", "veml6030", "illuminance", []string{"in_illuminance_input", "12.004672"}, 12.4672},
		{"veml6030: a fraction in its place", "veml6030", "illuminance", []string{"in_illuminance_input", "12.467200"}, 12.4672},
		{"veml6030: one or the other", "veml6030", "illuminance", []string{"in_illuminance_input", "12.005400"}, "range"},
		{"veml6030: bright", "veml6030", "illuminance", []string{"in_illuminance_input", "1200.005400"}, 1200.0054},
		{"veml7700: has never been wrong", "veml7700", "illuminance", []string{"in_illuminance_input", "12.005400"}, 12.0054},
		{"ltr559: as after power-up", "ltr559", "illuminance", []string{"in_illuminance_input", "120", "in_intensity_scale", "1.000000", "in_intensity_integration_time", "0.100000"}, 120.0},
		{"ltr559: with another gain", "ltr559", "illuminance", []string{"in_illuminance_input", "120", "in_intensity_scale", "0.125000", "in_intensity_integration_time", "0.100000"}, "range"},
		{"ltr501: with another integration time", "ltr501", "illuminance", []string{"in_illuminance_input", "120", "in_intensity_scale", "1.000000", "in_intensity_integration_time", "0.050000"}, "range"},
		{"mcp3422: volts", "1-0068", "voltage", []string{"in_voltage0_raw", "1500", "in_voltage0_scale", "0.001000000"}, 1.5},
		{"mcp3424: volts of 18 bits with the gain 8", "1-006f", "voltage", []string{"in_voltage0_raw", "-100000", "in_voltage0_scale", "0.000001953"}, -0.1953},
		{"mcp3422: thousandths, should it be repaired", "1-0068", "voltage", []string{"in_voltage0_raw", "1500", "in_voltage0_scale", "1"}, 1.5},
		{"hx711: without an offset", "hx711", "voltage", []string{"in_voltage0_raw", "8489608", "in_voltage0_scale", "0.000001536"}, 101000 * 0.000001536 / 1000},
		{"hx711: with an offset, should it be repaired", "hx711", "voltage", []string{"in_voltage0_raw", "8489608", "in_voltage0_scale", "0.000001536", "in_voltage_offset", "-8388608"}, 101000 * 0.000001536 / 1000},
		{"tmp006: µV", "1-0041", "voltage", []string{"in_voltage_raw", "-640", "in_voltage_scale", "0.156250"}, -0.0001},
		{"ltc2473: an offset of the product", "ltc2473", "voltage", []string{"in_voltage0-voltage1_raw", "49152", "in_voltage-voltage_scale", "0.038146972", "in_voltage-voltage_offset", "-1250"}, (49152*0.038146972 - 1250) / 1000},
		{"Atlas EC: siemens per metre, should it be repaired", "atlas", "conductivity", []string{"in_electricalconductivity_raw", "141300", "in_electricalconductivity_scale", "0.000001000"}, 1413.0},
		{"pac1934: millijoules", "pac1934", "energy", []string{"in_energy1_raw", "7200000000", "in_energy1_scale", "1"}, 2.0},
		{"bh1780: lux, without a scale", "bh1780", "illuminance", []string{"in_illuminance_raw", "412"}, 412.0},
		{"vcnl4035: white light", "vcnl4035", "illuminance", []string{"in_illuminance_raw", "412", "in_illuminance_scale", "0.064"}, "vcnl4035 cannot be read through iio: the kernel returns white light instead of the illuminance"},
		{"tsl2772: errors are hidden", "tmd2772", "illuminance", []string{"in_illuminance0_input", "412"}, "tmd2772 cannot be read through iio: the kernel repeats the last value when the chip does not answer"},
		{"another chip at an address", "1-005b", "co2", []string{"in_concentration_co2_input", "0.0415"}, 415.0},

		{"another chip with the scale of degrees", "newchip", "temperature", []string{"in_temp_raw", "5000", "in_temp_scale", "0.005"}, "range"},
		{"another chip with the scale of percents", "1-0044", "humidity", []string{"in_humidityrelative_raw", "29600", "in_humidityrelative_scale", "0.001525878"}, "range"},
		{"another chip with percents", "newchip", "humidity", []string{"in_humidityrelative_input", "45.21"}, "range"},
		{"24 bits, in thousandths", "newchip", "temperature", []string{"in_temp_raw", "8724152", "in_temp_scale", "0.007450580", "in_temp_offset", "-5368709.120000000"}, (8724152 - 5368709.12) * 0.00745058 / 1000},
		{"no scale", "newchip", "temperature", []string{"in_temp_raw", "2500"}, "newchip gives temperature as a raw number without a scale"},
		{"max31865: no offset", "max31865", "temperature", []string{"in_temp_raw", "8192", "in_temp_scale", "31.250000"}, "max31865 cannot be read through iio: the kernel gives a resistance as a temperature, without its offset: use driver = \"max31865\""},
		{"sdp500: a difference in Pa", "sdp500", "pressure", []string{"in_pressure_raw", "6000", "in_pressure_scale", "0.016666666"}, "sdp500 cannot be read through iio: it measures a differential pressure, and the kernel returns it in Pa"},

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
		if seen[key] || iioRefused.of(device{name: d.device}, "iio") != nil || strings.ToLower(d.device) != d.device {
			t.Errorf("%s: got it twice, or in capitals, want each once", key)
		}
		seen[key] = true
	}
}
