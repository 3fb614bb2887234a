package drivers

import (
	"fmt"
	"io/fs"
	"reflect"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const iioDir = "sys/bus/iio/devices/iio:device"

// iioTree has a DHT22, a BME280, an SCD41 and an infrared thermometer.
func iioTree(t *testing.T) tree {
	tr := newTree(t)
	device := func(n, at string, files ...string) {
		tr.files(at+"/iio:device"+n, files...)
		tr.link(iioDir+n, at+"/iio:device"+n)
	}
	const i2c = "sys/devices/platform/soc/i2c-1/"
	device("0", "sys/devices/platform/dht11@4", "name", "dht11@4", "in_temp_input", "-3200", "in_humidityrelative_input", "99900")
	device("1", i2c+"1-0076", "name", "bme280", "in_temp_input", "-7490.000000000", "in_pressure_input", "100.653250000",
		"in_humidityrelative_input", "38907.000", "in_temp_oversampling_ratio", "2")
	device("2", i2c+"1-0062", "name", "scd41", "in_temp_raw", "25000", "in_temp_scale", "2.670288085", "in_temp_offset", "-16852.114286",
		"in_concentration_co2_raw", "623", "in_concentration_co2_scale", "0.000100", "out_pressure_raw", "1013",
		"in_humidityrelative_raw", "32768", "in_humidityrelative_scale", "1.525878906")
	device("3", i2c+"1-005a", "name", "mlx90614", "in_temp_ambient_raw", "14657", "in_temp_object_raw", "13657",
		"in_temp_scale", "20", "in_temp_offset", "-13657.500000")
	device("4", i2c+"1-0023", "name", "bh1750", "in_illuminance_raw", "120", "in_illuminance_scale", "0.833333333")
	tr.write("sys/bus/iio/devices/trigger0/name", "dht11@4")
	return tr
}

func TestIIOChoice(t *testing.T) {
	list := func(q ...any) []any { return q }
	tests := []struct {
		name    string
		options map[string]any
		want    any
	}{
		{"a DHT22 below zero", map[string]any{"device": "dht11", "quantities": list("temperature", "humidity")}, []float64{-3.2, 99.9}},
		{"decimals, as Linux 6.12 writes them", map[string]any{"device": "bme280", "quantities": list("temperature")}, -7.49},
		{"kilopascals", map[string]any{"device": "bme280", "quantities": list("pressure")}, 1006.5325},
		{"in the order wanted", map[string]any{"path": "1-0076", "quantities": list("pressure", "humidity", "temperature")}, []float64{1006.5325, 38.907, -7.49}},
		{"raw with offset and scale", map[string]any{"device": "scd41", "quantities": list("temperature")}, (25000 - 16852.114286) * 2.670288085 / 1000},
		{"raw with a scale", map[string]any{"device": "scd41", "quantities": list("humidity")}, 32768 * 1.525878906 / 1000},
		{"percent of CO2", map[string]any{"device": "scd41", "quantities": list("co2")}, 623.0},
		{"one of several channels", map[string]any{"device": "mlx90614", "channel": "temp_object"}, -0.01},
		{
			"several channels and none chosen",
			map[string]any{"device": "mlx90614"},
			"mlx90614 has 2 channels of temperature, set options.channel to one of temp_ambient, temp_object",
		},
		{"no such channel", map[string]any{"device": "mlx90614", "channel": "temp0"}, `mlx90614 has no channel "temp0", found temp_ambient, temp_object`},
		{"what it does not measure", map[string]any{"device": "dht11", "quantities": list("pressure")}, "dht11@4 measures no pressure"},
		{"no such device", map[string]any{"device": "si7021"}, `no iio device "si7021", found bh1750, bme280, dht11@4, mlx90614, scd41`},
		{"a number that changes between boots", map[string]any{"path": "iio:device1"}, `no iio device at "iio:device1", found bh1750, bme280, dht11@4, mlx90614, scd41`},
	}
	tr := iioTree(t)
	tr.link(iioDir+"9", "sys/devices/gone")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := configured(t, "iio", tr.host(), tt.options).Open()
			var got any = tr.said(err)
			if err == nil {
				got = tr.values(s)
			}
			want := tt.want
			if f, ok := want.(float64); ok {
				want = fmt.Sprintf("%.9f", f)
				got = fmt.Sprintf("%.9f", got)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestIIOReadings(t *testing.T) {
	const file = "ROOT/" + iioDir + "0/in_temp_input"
	tests := []struct {
		name, text string
		want       any
	}{
		{"exactly what it says", "28375", 28.375},
		{"zero", "0", 0.0},
		{"minus zero", "-0.000000000", 0.0},
		{"empty", "", file + ": empty, want a number"},
		{"a wrong number", "21.5.1", file + `: got "21.5.1", want a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", "name", "bmp280", "in_temp_input", tt.text)
			if got := tr.values(opened(t, configured(t, "iio", tr.host(), map[string]any{"device": "bmp280"}))); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// A DHT22 fails now and then, and is never asked twice within 2 s after that.
func TestIIOTriesAgainAfterARest(t *testing.T) {
	failed := func(errno syscall.Errno) error { return &fs.PathError{Op: "read", Path: "in_temp_input", Err: errno} }
	tests := []struct {
		name  string
		fails []error // in turn; nil is a value
		want  []any   // of each Read
		at    []time.Duration
	}{
		{"a value", []error{nil}, []any{20.0}, []time.Duration{0}},
		{"a failure that passes", []error{failed(syscall.EIO), nil}, []any{20.0}, []time.Duration{0, 2 * time.Second}},
		{"a time-out that passes", []error{failed(syscall.ETIMEDOUT), nil}, []any{20.0}, []time.Duration{0, 2 * time.Second}},
		{
			"a failure that stays rests before the next reading, too",
			[]error{failed(syscall.EIO), failed(syscall.EIO), nil},
			[]any{"read in_temp_input: input/output error", 20.0},
			[]time.Duration{0, 2 * time.Second, 4 * time.Second},
		},
		{
			"a failure that will not pass",
			[]error{failed(syscall.ENODEV), nil},
			[]any{"read in_temp_input: no such device", 20.0},
			[]time.Duration{0, 0},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTree(t)
				tr.files(iioDir+"0", "name", "dht11", "in_temp_input", "20000")
				h, start := tr.host(), time.Now()
				var at []time.Duration
				h.read = func(string) ([]byte, error) {
					err := tt.fails[len(at)]
					at = append(at, time.Since(start))
					return []byte("20000\n"), err
				}
				p := configured(t, "iio", h, map[string]any{"device": "dht11"})
				for _, want := range tt.want {
					if got := tr.values(opened(t, p)); got != want {
						t.Errorf("got %v, want %v", got, want)
					}
				}
				if !reflect.DeepEqual(at, tt.at) {
					t.Errorf("got reads at %v, want %v", at, tt.at)
				}
			})
		})
	}
}

// The kernel's driver of a BME280 does not recover from a dip of the supply.
func TestIIONamesTheDriverThatRecovers(t *testing.T) {
	const tail = "; after a supply dip a bme280 stays in this state, driver = \"bme280\" instead of its overlay sets it up again"
	for device, want := range map[string]string{"bme280": "input/output error" + tail, "dht11": "input/output error"} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTree(t)
			tr.files(iioDir+"0", "name", device, "in_temp_input", "20000")
			h := tr.host()
			h.read = func(string) ([]byte, error) { return nil, syscall.EIO }
			if got := tr.values(opened(t, configured(t, "iio", h, map[string]any{"device": device}))); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestIIOOptionErrors(t *testing.T) {
	checkOptionErrors(t, "iio", []optionError{
		{"neither device nor path", nil, `options.device = "": want the name of a device, as in /sys/bus/iio/devices/iio:device*/name`},
		{
			"a channel of another kind",
			map[string]any{"device": "a", "channel": "intensity_both"},
			`options.channel = "intensity_both": want a name that begins with ` + iioKinds.files(),
		},
		{
			"a channel of another quantity",
			map[string]any{"device": "a", "channel": "temp_object", "quantities": []any{"co2"}},
			`options.quantities = ["co2"]: want ["temperature"] with channel = "temp_object"`,
		},
	})
}

func TestIIOList(t *testing.T) {
	got, err := listIIO(iioTree(t).host())
	want := []iioDevice{
		{"bh1750", "/sys/devices/platform/soc/i2c-1/1-0023", "", []string{"illuminance"}, nil, ""},
		{"bme280", "/sys/devices/platform/soc/i2c-1/1-0076", "", []string{"temperature", "humidity", "pressure"}, nil, ""},
		{"dht11@4", "/sys/devices/platform/dht11@4", "", []string{"temperature", "humidity"}, nil, ""},
		{"mlx90614", "/sys/devices/platform/soc/i2c-1/1-005a", "temp_ambient", []string{"temperature"}, nil, ""},
		{"mlx90614", "/sys/devices/platform/soc/i2c-1/1-005a", "temp_object", []string{"temperature"}, nil, ""},
		{"scd41", "/sys/devices/platform/soc/i2c-1/1-0062", "", []string{"temperature", "humidity", "co2"}, nil, ""},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and %v, want %+v", got, err, want)
	}
	if got, err := listIIO(newTree(t).host()); got != nil || err != nil {
		t.Errorf("without the class: got %v and %v, want none", got, err)
	}
}
