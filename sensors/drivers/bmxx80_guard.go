package drivers

import (
	"errors"
	"fmt"
	"time"

	"sensorpub/sensors"
)

// maxPolls bounds how often the status is asked for while a measurement is
// under way, a millisecond apart. It takes at most 5 ms longer than periph
// waits by itself (BST-BME280-DS002, section 9.1).
const maxPolls = 50

// A boschGuard judges what a BME280 or BMP280 answers: a chip that measured
// nothing answers as well.
type boschGuard struct {
	polls int // in this reading
}

// judge280 looks at the burst of pressure, temperature and humidity, at the
// calibration, and at the status, which periph asks for without end.
func (g *boschGuard) judge280(register byte, answer []byte) error {
	switch register {
	case 0xF3:
		return g.poll(answer[0])
	case 0xF7:
		return judgeBurst(answer)
	case 0x88:
		return judgeCalibration(answer)
	case 0xE1:
		return judgeHumidityCalibration(answer)
	}
	return nil
}

// poll gives a chip that is still measuring a millisecond, and up on one that
// stays so. Bit 3 says that a conversion runs (section 5.4.4).
func (g *boschGuard) poll(status byte) error {
	if status&8 == 0 {
		return nil
	}
	if g.polls++; g.polls >= maxPolls {
		return errors.New("the chip does not finish its measurement")
	}
	time.Sleep(time.Millisecond)
	return nil
}

// judgeBurst tells values that were not measured. 0x80000 is the reset value
// of both pressure and temperature, and what a skipped measurement gives
// (sections 3.4.1 and 5.3). Either alone can be true: 0x80000 is about 26 °C.
func judgeBurst(burst []byte) error {
	switch {
	case only(0, burst):
		return reject(sensors.AllZero, "all data registers are zero")
	case only(0xFF, burst):
		return errors.New("all data registers are 0xff, as if there were no chip")
	case unmeasured(burst[:3]) && unmeasured(burst[3:6]):
		return reject(sensors.PowerOn, "the data registers hold their reset values")
	}
	return nil
}

func unmeasured(b []byte) bool {
	return b[0] == 0x80 && b[1] == 0 && b[2] == 0
}

func judgeCalibration(words []byte) error {
	if only(0, words) || only(0xFF, words) {
		return fmt.Errorf("the calibration is all %#02x", words[0])
	}
	return nil
}

// judgeHumidityCalibration refuses what periph would take for another number:
// H4 and H5 are signed (section 4.2.2, table 16), periph reads them as
// unsigned. No chip with a negative one is known.
func judgeHumidityCalibration(words []byte) error {
	if words[3]&0x80 != 0 || words[5]&0x80 != 0 {
		return errors.New("the humidity calibration H4 or H5 is negative, which this driver cannot read")
	}
	return judgeCalibration(words)
}

// judge180 does the same for a BMP180, whose data register 0xF6 holds 0x8000
// after a reset (BST-BMP180-DS000, section 4, figure 6) and gives two bytes of
// temperature or three of pressure. A true 0x8000 is lost with it: one step of
// 0.01 °C or of a few Pa.
func judge180(register byte, answer []byte) error {
	switch {
	case register != 0xF6:
		return nil
	case only(0, answer):
		return reject(sensors.AllZero, "the data register is zero")
	case only(0xFF, answer):
		return errors.New("the data register is all 0xff, as if there were no chip")
	case answer[0] == 0x80 && only(0, answer[1:]):
		return reject(sensors.PowerOn, "the data register holds its reset value")
	}
	return nil
}
