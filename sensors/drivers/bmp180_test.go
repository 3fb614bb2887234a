package drivers

import (
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

func io77(w, r []byte) i2ctest.IO { return i2ctest.IO{Addr: 0x77, W: w, R: r} }

// openBMP180 has the calibration of the example in the data sheet, section
// 3.5 (figure 4).
func openBMP180() []i2ctest.IO {
	return []i2ctest.IO{
		io77([]byte{0xD0}, []byte{0x55}),
		io77([]byte{0xD0}, []byte{0x55}),
		io77([]byte{0xAA}, []byte{
			0x01, 0x98, 0xff, 0xb8, 0xc7, 0xd1, 0x7f, 0xe5, 0x7f, 0xf5, 0x5a, 0x71,
			0x18, 0x2e, 0x00, 0x04, 0x80, 0x00, 0xdd, 0xf9, 0x0b, 0x34,
		}),
	}
}

func readBMP180(temperature, pressure []byte) []i2ctest.IO {
	return []i2ctest.IO{
		io77([]byte{0xF4, 0x2E}, nil),
		io77([]byte{0xF6}, temperature),
		io77([]byte{0xF4, 0xB4}, nil),
		io77([]byte{0xF6}, pressure),
	}
}

// The wanted values were computed with the data sheet's formulas (section
// 3.5), apart from the driver, at four times its oversampling.
func TestBMP180(t *testing.T) {
	pressure := []byte{0x5D, 0x23, 0x00}
	tests := []struct {
		name                  string
		raw, pressure         []byte
		want                  string
		temperature, hectopas float64
	}{
		{"the data sheet's example", []byte{0x6C, 0xFA}, pressure, "", 15.0, 699.63},
		{"zero degrees", []byte{0x66, 0x40}, pressure, "", 0, 676.06},
		{"below zero", []byte{0x5D, 0xC0}, pressure, "", -24.7, 637.97},
		{"a reset during the temperature", []byte{0x80, 0}, pressure, "power-on", 0, 0},
		{"a reset during the pressure", []byte{0x6C, 0xFA}, []byte{0x80, 0, 0}, "power-on", 0, 0},
		{"a bus held low", []byte{0, 0}, pressure, "all-zero", 0, 0},
		{"a bus held low at the pressure", []byte{0x6C, 0xFA}, []byte{0, 0, 0}, "all-zero", 0, 0},
		{"one of which the data sheet's formula divides by 0 (x1 + MD)", []byte{0x4F, 0x3D}, pressure, "range", 0, 0},
		{"no chip", []byte{0xFF, 0xFF}, pressure, "address 0x77: the data register is all 0xff, as if there were no chip", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(openBMP180(), readBMP180(tt.raw, tt.pressure))
				s := opened(t, configured(t, "bmp180", Host{OpenI2C: w.open}, nil))
				values, err := s.Read(t.Context())
				if got := outcome(err); got != tt.want {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
				if err == nil && (values[0].Value != tt.temperature || values[1].Value != tt.hectopas) {
					t.Errorf("got %v and %v, want %v and %v", values[0].Value, values[1].Value, tt.temperature, tt.hectopas)
				}
			})
		})
	}
}
