package drivers

import (
	"errors"
	"math"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c/i2ctest"

	"sensorpub/sensors"
)

// The calibration of the example in the BMP280's data sheet, section 3.12, and
// a humidity calibration as found in a BME280.
var (
	calibration280 = []byte{0x70, 0x6b, 0x43, 0x67, 0x18, 0xfc, 0x7d, 0x8e, 0x43, 0xd6, 0xd0, 0x0b, 0x27, 0x0b, 0x8c, 0x00, 0xf9, 0xff, 0x8c, 0x3c, 0xf8, 0xc6, 0x70, 0x17, 0x00, 0x4b}
	humidity280    = []byte{0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e}
)

func io76(w, r []byte) i2ctest.IO { return i2ctest.IO{Addr: 0x76, W: w, R: r} }

func openBME280() []i2ctest.IO {
	return []i2ctest.IO{
		io76([]byte{0xD0}, []byte{0x60}),
		io76([]byte{0xF3}, []byte{0}),
		io76([]byte{0xD0}, []byte{0x60}),
		io76([]byte{0x88}, calibration280),
		io76([]byte{0xE1}, humidity280),
		io76([]byte{0xF4, 0x6C, 0xF2, 0x03, 0xF5, 0xA0, 0xF4, 0x6C}, nil),
	}
}

func readBME280(burst ...byte) []i2ctest.IO {
	return []i2ctest.IO{
		io76([]byte{0xF2, 0x03}, nil),
		io76([]byte{0xF4, 0x6D}, nil),
		io76([]byte{0xF3}, []byte{0}),
		io76([]byte{0xF7}, burst),
		io76([]byte{0xF2}, []byte{0x03}),
	}
}

func openBMP280() []i2ctest.IO {
	return []i2ctest.IO{
		io76([]byte{0xD0}, []byte{0x58}),
		io76([]byte{0xF3}, []byte{0}),
		io76([]byte{0xD0}, []byte{0x58}),
		io76([]byte{0x88}, calibration280),
		io76([]byte{0xF4, 0x6C, 0xF5, 0xA0, 0xF4, 0x6C}, nil),
	}
}

func readBMP280(burst ...byte) []i2ctest.IO {
	return []i2ctest.IO{
		io76([]byte{0xF4, 0x6D}, nil),
		io76([]byte{0xF3}, []byte{0}),
		io76([]byte{0xF7}, burst),
	}
}

// The wanted values were computed with the data sheet's floating-point
// formulas (BME280 section 8.1), apart from the driver.
func TestBME280Values(t *testing.T) {
	tests := []struct {
		name  string
		burst []byte
		want  []float64
	}{
		{"the data sheet's example", []byte{0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00}, []float64{25.0825, 38.9077, 1006.5327}},
		{"zero degrees", []byte{0x65, 0x5a, 0xc0, 0x6b, 0x70, 0x00, 0x68, 0x00}, []float64{0, math.NaN(), math.NaN()}},
		{"below zero", []byte{0x65, 0x5a, 0xc0, 0x61, 0xa8, 0x00, 0x60, 0x00}, []float64{-12.6436, 25.0204, 949.1633}},
		{"a true temperature that looks like a skipped one", []byte{0x65, 0x5a, 0xc0, 0x80, 0x00, 0x00, 0x68, 0x00}, []float64{26.4608, 39.0270, 1008.6557}},
		{"a true humidity that looks like a skipped one", []byte{0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x80, 0x00}, []float64{25.0825, math.NaN(), 1006.5327}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(openBME280(), readBME280(tt.burst...))
				s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
				got := read(t, s)
				tolerance := []float64{0.006, 0.05, 0.005}
				for i, q := range []string{"temperature", "humidity", "pressure"} {
					if got[i].Quantity != q {
						t.Errorf("got quantity %q, want %q", got[i].Quantity, q)
					}
					if math.Abs(got[i].Value-tt.want[i]) > tolerance[i] {
						t.Errorf("%s: got %v, want %v", q, got[i].Value, tt.want[i])
					}
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

func TestBMP280Values(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := played(openBMP280(), readBMP280(0x65, 0x5a, 0xc0, 0x61, 0xa8, 0x00), readBMP280(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00))
		s := opened(t, configured(t, "bmp280", Host{OpenI2C: w.open}, map[string]any{"address": int64(0x76)}))
		first, second := read(t, s), read(t, s)
		if got, want := first[0].Value, -12.64; got != want {
			t.Errorf("temperature: got %v, want %v", got, want)
		}
		if got, want := second[0].Value, 25.08; got != want {
			t.Errorf("temperature: got %v, want %v", got, want)
		}
		if got, want := second[1], (sensors.Measurement{Quantity: "pressure", Value: 1006.5326992}); got.Quantity != want.Quantity || math.Abs(got.Value-want.Value) > 0.001 {
			t.Errorf("got %v, want %v", got, want)
		}
		s.Close()
		w.exhausted(t)
	})
}

func TestBME280RefusesWhatWasNotMeasured(t *testing.T) {
	tests := []struct {
		name  string
		burst []byte
		want  string
	}{
		{"all registers hold their reset values", []byte{0x80, 0, 0, 0x80, 0, 0, 0x80, 0}, "power-on"},
		{"the bus is held low", make([]byte, 8), "all-zero"},
		{"nobody drives the bus", slices.Repeat([]byte{0xFF}, 8), "address 0x76: all data registers are 0xff, as if there were no chip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				good := readBME280(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00)
				w := played(openBME280(), readBME280(tt.burst...)[:4], good)
				s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
				if got := outcome(readErr(t, s)); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				read(t, s) // and goes on
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

// A dip of the supply between the writes of the control registers: the humidity
// was not measured, and everything looks true.
func TestBME280ThatWasResetDuringAMeasurement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reset := readBME280(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x80, 0x00)
		reset[4].R = []byte{0}
		w := played(openBME280(), reset, readBME280(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00))
		s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
		if got := outcome(readErr(t, s)); got != "power-on" {
			t.Errorf("got %q, want power-on", got)
		}
		read(t, s)
		s.Close()
		w.exhausted(t)
	})
}

// Humidity and pressure are compensated with the temperature.
func TestBoschTemperatureOutOfRangeTakesTheRestAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := played(openBME280(), readBME280(0x65, 0x5a, 0xc0, 0xbf, 0xff, 0xf0, 0x68, 0x00))
		s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
		if got := outcome(readErr(t, s)); got != "range" {
			t.Errorf("got %q, want range", got)
		}
		s.Close()
		w.exhausted(t)
	})
}

func TestBME280StaysBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := slices.Repeat([]i2ctest.IO{io76([]byte{0xF3}, []byte{8})}, 500)
		w := played(openBME280(), readBME280()[:2], busy)
		s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
		if got, want := outcome(readErr(t, s)), "address 0x76: the chip does not finish its measurement"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if polls := w.Count - len(openBME280()) - 2; polls != maxPolls {
			t.Errorf("got %d polls, want %d", polls, maxPolls)
		}
	})
}

func TestBME280BusyAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := slices.Repeat([]i2ctest.IO{io76([]byte{0xF3}, []byte{8})}, maxPolls-1)
		reading := slices.Insert(readBME280(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00), 2, busy...)
		booting := slices.Insert(openBME280(), 1, io76([]byte{0xF3}, []byte{1}))
		w := played(booting, reading, reading)
		s := opened(t, configured(t, "bme280", Host{OpenI2C: w.open}, nil))
		read(t, s)
		read(t, s) // each reading has its polls
		s.Close()
		w.exhausted(t)
	})
}

// Wherever the bus fails, no value comes out, the error keeps its kind, and
// the handle is closed.
func TestBoschBusError(t *testing.T) {
	burst := []byte{0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00}
	drivers := map[string][2][]i2ctest.IO{
		"bme280": {openBME280(), readBME280(burst...)},
		"bmp280": {openBMP280(), readBMP280(burst[:6]...)},
		"bmp180": {openBMP180(), readBMP180([]byte{0x6C, 0xFA}, []byte{0x5D, 0x23, 0})},
	}
	for name, ops := range drivers {
		for at := range len(ops[0]) + len(ops[1]) {
			synctest.Test(t, func(t *testing.T) {
				w := played(ops[0], ops[1])
				w.fail, w.failAt = syscall.EREMOTEIO, at
				s, err := configured(t, name, Host{OpenI2C: w.open}, nil).Open()
				if at < len(ops[0]) {
					if !errors.Is(err, syscall.EREMOTEIO) || w.handles != 0 {
						t.Errorf("%s: open with a failure at %d: got %v and %d handles, want %v and 0", name, at, err, w.handles, syscall.EREMOTEIO)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := readErr(t, s); !errors.Is(err, syscall.EREMOTEIO) {
					t.Errorf("%s: read with a failure at %d: got %v, want %v", name, at, err, syscall.EREMOTEIO)
				}
				if s.Close(); w.handles != 0 {
					t.Errorf("got %d open handles, want 0", w.handles)
				}
			})
		}
	}
}

func TestBoschWrongChip(t *testing.T) {
	blank := func(i int, b byte, n int) []i2ctest.IO {
		ops := openBME280()[:i+1]
		ops[i].R = slices.Repeat([]byte{b}, n)
		return ops
	}
	negative := openBME280()[:5]
	negative[4].R = []byte{0x6e, 0x01, 0x00, 0x93, 0x05, 0x00, 0x1e}
	id := func(b byte) []i2ctest.IO { return []i2ctest.IO{io76([]byte{0xD0}, []byte{b})} }
	id77 := []i2ctest.IO{{Addr: 0x77, W: []byte{0xD0}, R: []byte{0x60}}}
	tests := []struct {
		name, driver string
		ops          []i2ctest.IO
		want         string
	}{
		{"a BMP280 sold as a BME280", "bme280", id(0x58), `address 0x76: the chip is a BMP280, which is often sold as another, use driver = "bmp280"`},
		{"a BME280 configured as a BMP280", "bmp280", id(0x60), `address 0x76: the chip is a BME280, use driver = "bme280"`},
		{"a BME280 configured as a BMP180", "bmp180", id77, `address 0x77: the chip is a BME280, use driver = "bme280"`},
		{"a BMP180 configured as a BME280", "bme280", id(0x55), `address 0x76: the chip is a BMP180, use driver = "bmp180"`},
		{"a chip of another kind", "bme280", id(0x61), "address 0x76: the chip's id is 0x61, want 0x60 of a BME280"},
		{"a bus held low", "bme280", id(0), "address 0x76: the chip's id is 0x00, want 0x60 of a BME280"},
		{"an empty calibration", "bme280", blank(3, 0, 26), "address 0x76: the calibration is all 0x00"},
		{"an erased calibration", "bme280", blank(3, 0xFF, 26), "address 0x76: the calibration is all 0xff"},
		{"an empty humidity calibration", "bme280", blank(4, 0, 7), "address 0x76: the calibration is all 0x00"},
		{"a negative humidity calibration", "bme280", negative, "address 0x76: the humidity calibration H4 or H5 is negative, which this driver cannot read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := played(tt.ops)
			_, err := configured(t, tt.driver, Host{OpenI2C: w.open}, nil).Open()
			if got := outcome(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			w.exhausted(t)
		})
	}
}

func TestBME280DoesNotFinishItsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := played(openBME280()[:1], slices.Repeat([]i2ctest.IO{io76([]byte{0xF3}, []byte{1})}, 10))
		_, err := configured(t, "bme280", Host{OpenI2C: w.open}, nil).Open()
		if got, want := outcome(err), "the chip does not finish its start-up"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		w.exhausted(t)
	})
}
