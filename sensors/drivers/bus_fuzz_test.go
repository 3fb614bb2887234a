package drivers

import (
	"math"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c/i2ctest"
)

// Whatever a barometer's calibration and data are, compensating them does not panic,
// and a temperature is in the chip's range.
func FuzzBosch(f *testing.F) {
	burst := b(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00)
	all := append(append(append([]byte{}, calibration280...), humidity280...), burst...)
	for which := range uint8(3) {
		f.Add(which, all)
	}
	f.Fuzz(func(t *testing.T, which uint8, registers []byte) {
		r := append(registers[:len(registers):len(registers)], make([]byte, 26+7+8)...)
		calibration, humidity, burst := r[:26], r[26:33], r[33:41]
		var open, reading []i2ctest.IO
		driver := []string{"bme280", "bmp280", "bmp180"}[which%3]
		switch driver {
		case "bme280":
			open, reading = openBME280(), readBME280(burst...)
			open[3].R, open[4].R = calibration, humidity
		case "bmp280":
			open, reading = openBMP280(), readBMP280(burst[:6]...)
			open[3].R = calibration
		case "bmp180":
			open, reading = openBMP180(), readBMP180(burst[:2], burst[2:5])
			last := &open[len(open)-1]
			last.R = calibration[:len(last.R)]
		}
		synctest.Test(t, func(t *testing.T) {
			p := configured(t, driver, Host{OpenI2C: played(open, reading).open}, nil)
			s, err := p.Open()
			if err != nil {
				return
			}
			defer s.Close()
			values, err := s.Read(t.Context())
			if err != nil {
				return
			}
			for i, m := range values {
				if math.IsNaN(m.Value) || i == 0 && (m.Value < p.Quantities[0].Min || m.Value > p.Quantities[0].Max) {
					t.Errorf("%s with % x: got %v", driver, r[:41], m)
				}
			}
		})
	})
}

// Whatever a probe on a line answers, a value has a correct checksum, is in the range
// of its kind, and is not the power-on value if it is the first.
func FuzzLineScratchpad(f *testing.F) {
	ids := []string{idB20, idS20, idK, "22-0000001921e8", "42-0000001921e8"}
	for i := range ids {
		f.Add(uint8(i), pad25)
		f.Add(uint8(i), padPowerOn)
	}
	f.Fuzz(func(t *testing.T, which uint8, answer []byte) {
		var pad scratchpad
		copy(pad[:], answer)
		if len(answer) < len(pad) { // most are then right
			pad[8] = crc8(pad[:8])
		}
		id := ids[int(which)%len(ids)]
		p := &lineProbe{id: id}
		got, err := p.judge(id, pad)
		if err != nil {
			return
		}
		if q := w1Range(id); !(got >= q.Min && got <= q.Max) || crc8(pad[:]) != 0 || pad.powerOn(id) {
			t.Errorf("%s with % x: got %v, want none", id, pad[:], got)
		}
	})
}
