package drivers

import (
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
)

// Devices as the kernel shows them, each with what it measures there.
func TestIIOLayouts(t *testing.T) {
	ads1115 := []string{"name", "ads1015", "sampling_frequency_available", "8 16 32 64 128 250 475 860", "scale_available", "0.1875 0.125 0.0625 0.03125 0.015625 0.007813"}
	for i, name := range []string{"voltage0", "voltage1", "voltage2", "voltage3", "voltage0-voltage1", "voltage0-voltage3", "voltage1-voltage3", "voltage2-voltage3"} {
		ads1115 = append(ads1115, "in_"+name+"_raw", fmt.Sprint(1600*i-3200), "in_"+name+"_scale", "0.125000000", "scan_elements/in_"+name+"_type", "le:s16/16>>0")
	}
	mcp3008 := []string{"name", "mcp3008", "in_voltage_scale", "3.222656250", "in_voltage-voltage_scale", "3.222656250", "in_voltage0_raw", "0", "in_voltage7_raw", "512", "in_voltage0-voltage1_raw", "100"}
	ina219 := []string{
		"name", "ina219", "in_voltage0_raw", "1250", "in_voltage0_scale", "0.010000000", "in_voltage1_raw", "3000", "in_voltage1_scale", "4.000000000",
		"in_power2_raw", "750", "in_power2_scale", "2.000000000", "in_current3_raw", "1250", "in_current3_scale", "0.100000000", "in_shunt_resistor", "0.1",
	}
	bme680 := []string{
		"name", "bme680", "in_temp_input", "21370", "in_pressure_input", "101.325000000", "in_humidityrelative_input", "45.210000000",
		"in_resistance_input", "120500", "in_temp_oversampling_ratio", "8",
	}
	sgp40 := []string{"name", "sgp40", "in_concentration_input", "98.000000", "in_resistance_raw", "31000", "in_resistance_calibbias", "30000"}
	tests := []struct {
		name    string
		files   []string
		options map[string]any // besides the device
		want    any
	}{
		{"BH1750", []string{"name", "bh1750", "in_illuminance_raw", "27", "in_illuminance_scale", "0.833333333"}, q("illuminance"), 27 * 0.833333333},
		{"TSL2561", []string{"name", "tsl2561", "in_illuminance0_input", "137", "in_intensity_both_raw", "5120", "in_intensity_ir_raw", "1021"}, q("illuminance"), 137.0},
		{"TSL2591", []string{"name", "tsl2591", "in_illuminance_input", "51.388000", "in_intensity_both_raw", "1100", "in_intensity_ir_raw", "210"}, q("illuminance"), 51.388},
		{"TSL2583, whose other channels are counts", []string{"name", "tsl2583", "in_illuminance_both_raw", "800", "in_illuminance_ir_raw", "90", "in_illuminance_input", "120"}, q("illuminance"), 120.0},
		{"VEML7700", []string{"name", "veml7700", "in_illuminance_raw", "1041", "in_illuminance_input", "559.641600", "in_illuminance_scale", "0.125000"}, q("illuminance"), 559.6416},
		{"GP2AP020A00F, which has counts only", []string{"name", "gp2ap020a00f", "in_illuminance_clear_raw", "800", "in_illuminance_ir_raw", "90"}, q("illuminance"), "gp2ap020a00f measures no illuminance"},
		{"APDS9960, which has counts only", []string{"name", "apds9960", "in_intensity_clear_raw", "800", "in_proximity_raw", "20"}, nil, "apds9960 measures nothing that is known"},
		{"ADS1115, a channel", ads1115, ch("voltage3"), 1600 * 0.125 / 1000},
		{"ADS1115, a negative difference", ads1115, ch("voltage0-voltage1"), 3200 * 0.125 / 1000},
		{"ADS1115, below zero", ads1115, ch("voltage0"), -3200 * 0.125 / 1000},
		{"ADS1115, no channel", ads1115, nil, "ads1015 has 8 channels of voltage, set options.channel to one of voltage0, voltage0-voltage1, voltage0-voltage3, voltage1, voltage1-voltage3, voltage2, voltage2-voltage3, voltage3"},
		{"MCP3008, 0 V", mcp3008, ch("voltage0"), 0.0},
		{"MCP3008, with a shared scale", mcp3008, ch("voltage7"), 512 * 3.22265625 / 1000},
		{"MCP3008, a difference with a shared scale", mcp3008, ch("voltage0-voltage1"), 100 * 3.22265625 / 1000},
		{"INA219, the voltage of the supply", ina219, q("voltage", "current", "power"), []float64{12, 0.125, 1.5}},
		{"INA219, all", ina219, nil, []float64{12, 0.125, 1.5}},
		{"INA219, the voltage of the shunt", ina219, ch("voltage0"), 0.0125},
		{"BME680", bme680, q("temperature", "humidity", "pressure", "resistance"), []float64{21.37, 45.21, 1013.25, 120500}},
		{"BME680, all", bme680, nil, []float64{21.37, 45.21, 1013.25, 120500}},
		{"SGP30, all", []string{
			"name", "sgp30", "in_concentration_co2_input", "0.000415", "in_concentration_voc_input", "0.000000012",
			"in_concentration_ethanol_raw", "18000", "in_concentration_h2_raw", "13000",
		}, nil, []float64{415, 12}},
		{"SGP40, a raw number", sgp40, q("resistance"), "sgp40 gives resistance as a raw number without a scale"},
		{"SGP40, all: an index", sgp40, nil, 98.0},
		{"another concentration, which is not an index", []string{"name", "atlas", "in_concentration_input", "98.000000"}, q("voc_index"), "atlas measures no voc_index"},
		{"CCS811", []string{
			"name", "ccs811", "in_concentration_co2_raw", "612", "in_concentration_co2_scale", "0.000100", "in_concentration_voc_raw", "32",
			"in_concentration_voc_scale", "0.000000100", "in_current_raw", "30", "in_current_scale", "0.001000", "in_voltage_raw", "400", "in_voltage_scale", "1.612903",
		}, q("co2", "voc"), []float64{612, 32}},
		{"iAQ-Core", []string{"name", "1-005a", "in_concentration_co2_input", "0.000450", "in_concentration_voc_input", "0.000000125", "in_resistance_input", "93000"}, q("co2", "voc", "resistance"), []float64{450, 125, 93000}},
		{"VZ89x", []string{
			"name", "1-0070", "in_concentration_co2_raw", "13", "in_concentration_co2_scale", "0.00000698689", "in_concentration_co2_offset", "44.250000",
			"in_concentration_voc_raw", "33", "in_concentration_voc_scale", "0.00000000436681223", "in_concentration_voc_offset", "-13",
			"in_concentration_voc_short_raw", "40", "in_resistance_raw", "12000", "in_resistance_scale", "10",
		}, q("voc", "resistance"), []float64{20 * 4.36681223, 120000}},
		{"SPS30", []string{
			"name", "sps30", "in_massconcentration_pm1_input", "3.120000", "in_massconcentration_pm2p5_input", "4.250000",
			"in_massconcentration_pm4_input", "4.900000", "in_massconcentration_pm10_input", "5.100000", "in_massconcentration_scale", "0.010000",
		}, q("pm1", "pm25", "pm10"), []float64{3.12, 4.25, 5.1}},
		{"Atlas pH", []string{"name", "atlas", "in_ph_raw", "7012", "in_ph_scale", "0.001000000", "out_temp_raw", "2500", "out_temp_scale", "10"}, q("ph"), 7.012},
		{"Atlas EC, of 1,413 µS/cm", []string{"name", "atlas", "in_electricalconductivity_raw", "141300", "in_electricalconductivity_scale", "0.000010000", "in_concentration0_raw", "700", "in_concentration0_scale", "0.000001000"}, q("conductivity"), 1413.0},
		{"Atlas ORP", []string{"name", "atlas", "in_voltage_raw", "2254", "in_voltage_scale", "0.100000000"}, q("voltage"), 0.2254},
		{"VL53L0X", []string{"name", "vl53l0x", "in_distance_raw", "432", "in_distance_scale", "0.001000"}, q("distance"), 0.432},
		{"SRF04, HC-SR04", []string{"name", "srf04", "in_distance_raw", "1873", "in_distance_scale", "0.001000"}, q("distance"), 1.873},
		{"a counter, which is deprecated", []string{"name", "104-quad-8", "in_count0_raw", "4711", "in_count0_scale", "1"}, q("count"), 4711.0},
		{"a scale of all channels", []string{"name", "new", "in_voltage0_raw", "100", "in_scale", "2"}, q("voltage"), 0.2},
		{"energy in joules", []string{"name", "new", "in_energy_input", "9000000"}, q("energy"), 2.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", tt.files...)
			options := map[string]any{"device": tt.files[1]}
			for k, v := range tt.options {
				options[k] = v
			}
			s, err := configured(t, "iio", tr.host(), options).Open()
			var got any = tr.said(err)
			if err == nil {
				got = tr.values(s)
			}
			if fmt.Sprintf("%.6f", got) != fmt.Sprintf("%.6f", tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// q and ch are options.
func q(quantities ...any) map[string]any { return map[string]any{"quantities": quantities} }
func ch(channel string) map[string]any   { return map[string]any{"channel": channel} }

// A scale may be set after the daemon has started.
func TestIIOScaleIsReadEachTime(t *testing.T) {
	tr := newTree(t)
	tr.files(iioDir+"0", "name", "ads1015", "in_voltage0_raw", "1000", "in_voltage0_scale", "2")
	s := opened(t, configured(t, "iio", tr.host(), map[string]any{"device": "ads1015", "quantities": []any{"voltage"}}))
	for scale, want := range map[string]float64{"2": 2, "3": 3} {
		tr.files(iioDir+"0", "in_voltage0_scale", scale)
		if got := tr.values(s); got != want {
			t.Errorf("scale %s: got %v, want %v", scale, got, want)
		}
	}
}

// Of all that a device has, what it does not give just now does not hold up the rest.
func TestKernelLeavesOutWhatIsNotThere(t *testing.T) {
	tests := []struct {
		name     string
		resists  error // reading the resistance
		warms    error // reading the temperature
		explicit bool
		want     any
	}{
		{"all", nil, nil, false, []float64{21, 1000}},
		{"a cold heater", syscall.EINVAL, nil, false, 21.0},
		{"a bus that fails", syscall.EREMOTEIO, nil, false, "remote I/O error"},
		{"nothing at all", syscall.EINVAL, syscall.ENODATA, false, "invalid argument"},
		{"a cold heater, and the resistance is wanted", syscall.EINVAL, nil, true, "invalid argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", "name", "bme680", "in_temp_input", "21000", "in_resistance_input", "1000")
			h := tr.host()
			h.read = func(file string) ([]byte, error) {
				if strings.Contains(file, "resistance") {
					return []byte("1000"), tt.resists
				}
				return []byte("21000"), tt.warms
			}
			options := map[string]any{"device": "bme680"}
			if tt.explicit {
				options["quantities"] = []any{"temperature", "resistance"}
			}
			if got := tr.values(opened(t, configured(t, "iio", h, options))); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
