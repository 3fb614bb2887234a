package drivers

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/devices/v3/bmxx80"

	"sensorpub/sensors"
)

// maxPolls limits how often the status is read during a measurement, a millisecond
// apart. A measurement takes at most 5 ms longer than periph waits by itself
// (BST-BME280-DS002, section 9.1).
const maxPolls = 50

// A boschGuard checks the answers of a BME280 or BMP280: a chip that measured nothing
// answers too.
type boschGuard struct {
	polls int // in this reading
}

// judge280 checks the burst of pressure, temperature and humidity, the calibration,
// and the status, which periph would poll for ever.
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

// poll waits a millisecond if the chip is still measuring, and fails if it never
// stops. Bit 3 is set during a conversion (section 5.4.4).
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

// judgeBurst rejects values that were not measured. 0x80000 is the reset value of
// pressure and temperature, and the result of a skipped measurement (sections 3.4.1
// and 5.3). One of them alone can be true: 0x80000 is about 26 °C.
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

// judgeHumidityCalibration refuses what periph would misread: H4 and H5 are signed
// (section 4.2.2, table 16), periph reads them as unsigned. No chip with a negative
// one is known.
func judgeHumidityCalibration(words []byte) error {
	if words[3]&0x80 != 0 || words[5]&0x80 != 0 {
		return errors.New("the humidity calibration H4 or H5 is negative, which this driver cannot read")
	}
	return judgeCalibration(words)
}

// judge180 does the same for a BMP180, whose data register 0xF6 holds 0x8000 after a
// reset (BST-BMP180-DS000, section 4, figure 6) and returns two bytes of temperature
// or three of pressure. A true 0x8000, one step of 0.01 °C or a few Pa, is lost.
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

// sense measures once. With a BMP180, periph divides by numbers that a wrong answer or
// calibration can make 0, which would end the daemon.
func sense(dev *bmxx80.Dev) (env physic.Env, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(runtime.Error); !ok {
				panic(r)
			}
			err = reject(sensors.OutRange, "the answer is impossible with the calibration of the chip")
		}
	}()
	err = dev.Sense(&env)
	return env, err
}
