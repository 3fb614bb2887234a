package drivers

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sensorpub/sensors"
)

// A scratchpad is the memory of a 1-Wire thermometer: temperature (two bytes,
// the lower first), two alarm bytes, configuration, three reserved, checksum
// (DS18B20 19-7487, section Memory).
type scratchpad [9]byte

// parseSlave reads the kernel's file w1_slave of the probe id. It returns the
// temperature in °C and whether that can be the probe's power-on value, or a
// rejection, or an error for a text that the kernel does not write.
//
// The file has two lines, of which only the first counts: in the second the
// kernel repeats the last good scratchpad when the checksum of this one is
// wrong.
//
//	50 05 4b 46 7f ff 0c 10 1c : crc=1c YES
//	50 05 4b 46 7f ff 0c 10 1c t=85000
func parseSlave(id string, text []byte) (celsius float64, powerOn bool, err error) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	dump, verdict, _ := strings.Cut(string(line), ":")
	pad, ok := parseBytes(dump)
	switch {
	case !ok:
		return 0, false, fmt.Errorf("w1_slave says %.60q, want nine bytes and a verdict", line)
	case pad == scratchpad{}:
		return 0, false, reject(sensors.AllZero, "the scratchpad is all zero")
	case !strings.HasSuffix(strings.TrimSpace(verdict), " YES"):
		return 0, false, reject(sensors.CRC, "the kernel refuses % x", pad[:])
	case crc8(pad[:8]) != pad[8]:
		return 0, false, reject(sensors.CRC, "% x has the checksum %02x", pad[:], crc8(pad[:8]))
	}
	celsius, err = pad.celsius(id)
	return celsius, pad.powerOn(id), err
}

// parseBytes reads nine bytes in the kernel's format.
func parseBytes(dump string) (pad scratchpad, ok bool) {
	fields := strings.Fields(dump)
	if len(fields) != len(pad) {
		return pad, false
	}
	for i, f := range fields {
		b, err := strconv.ParseUint(f, 16, 8)
		if err != nil || len(f) != 2 {
			return pad, false
		}
		pad[i] = byte(b)
	}
	return pad, true
}

// crc8 is the checksum of 1-Wire: x⁸+x⁵+x⁴+1, the lowest bit first
// (Maxim application note 27).
func crc8(data []byte) byte {
	var crc byte
	for _, b := range data {
		for range 8 {
			mix := (crc ^ b) & 1
			crc >>= 1
			if mix != 0 {
				crc ^= 0x8c
			}
			b >>= 1
		}
	}
	return crc
}

// powerOn reports whether the scratchpad can be that of a probe that has not
// converted since it got its power. For each family and chip:
//
//   - 10, DS18S20: 85 °C and 0x0c left of the count (DS18S20 data sheet, table 1);
//   - 22 and 28, DS1822 and DS18B20: 85 °C, and 0x0c in byte 6, which a genuine one
//     never has at a measured 85 °C; clones always have it (19-7487, figure 9);
//   - 3b and 42, DS1825 and DS28EA00: 85 °C; their byte 6 is reserved;
//   - 3b with bit 7 of byte 4, MAX31850: thermocouple and cold junction both 0.
func (pad scratchpad) powerOn(id string) bool {
	t := binary.LittleEndian.Uint16(pad[:])
	switch family := id[:2]; {
	case family == "10":
		return t == 0x00aa && pad[6] == 0x0c
	case pad.isMAX31850(id):
		return t == 0 && binary.LittleEndian.Uint16(pad[2:]) == 0
	case family == "3b" || family == "42":
		return t == 0x0550
	}
	return t == 0x0550 && pad[6] == 0x0c
}

// isMAX31850 reports whether the probe is a MAX31850 or MAX31851, whose
// configuration has bit 7 set (MAX31850 data sheet, table 6).
func (pad scratchpad) isMAX31850(id string) bool { return id[:2] == "3b" && pad[4]&0x80 != 0 }

// celsius computes the temperature as the kernel's w1_therm does, without its
// rounding to a thousandth.
func (pad scratchpad) celsius(id string) (float64, error) {
	t := int16(binary.LittleEndian.Uint16(pad[:]))
	switch family := id[:2]; {
	case family == "10":
		return pad.celsiusS20(t)
	case pad.isMAX31850(id):
		return pad.celsiusMAX31850(t)
	case family != "3b" && pad[4]&0x80 != 0:
		// GX20MH01, a clone with two bits more, which it keeps among the
		// configuration.
		return measured(float64(t)/16+float64(pad[4]&3)/64, -55, 125)
	default:
		undefined := int16(1)<<(3-pad[4]>>5&3) - 1 // bits, at less than 12 (19-7487, section Configuration Register)
		return measured(float64(t&^undefined)/16, -55, 125)
	}
}

// celsiusS20 computes steps of 1/16 °C from the half degrees of a DS18S20 and
// the rest of its counter (DS18S20 data sheet, section Measuring Temperature).
func (pad scratchpad) celsiusS20(t int16) (float64, error) {
	remain, perDegree := float64(pad[6]), float64(pad[7])
	if perDegree == 0 {
		return 0, reject(sensors.OutRange, "the count per degree is 0")
	}
	return measured(float64(t>>1)-0.25+(perDegree-remain)/perDegree, -55, 125)
}

// celsiusMAX31850 drops the fault bit and the reserved one, and rejects what is
// there while the thermocouple is open or shorted (MAX31850 data sheet, page 13).
func (pad scratchpad) celsiusMAX31850(t int16) (float64, error) {
	if t&1 != 0 {
		return 0, reject(sensors.Fault, "the thermocouple is open or shorted (fault bits %03b)", pad[2]&7)
	}
	return measured(float64(t&^3)/16, thermocouple.Min, thermocouple.Max)
}

// parseMillis reads the kernel's file temperature, thousandths of a degree. The
// kernel has checked the checksum and hides everything else, so 85 °C can always be
// the power-on value, and so can 0 °C of a family that has the MAX31850.
func parseMillis(id string, text []byte) (celsius float64, powerOn bool, err error) {
	millis, err := strconv.Atoi(string(bytes.TrimSpace(text)))
	if errors.Is(err, strconv.ErrRange) || err == nil && millis != int(int32(millis)) {
		return 0, false, reject(sensors.OutRange, "%.20s thousandths of a degree", bytes.TrimSpace(text))
	}
	if err != nil {
		return 0, false, fmt.Errorf("temperature says %.60q, want thousandths of a degree", text)
	}
	q := w1Range(id)
	celsius, err = measured(float64(millis)/1000, q.Min, q.Max)
	return celsius, millis == 85000 || millis == 0 && strings.HasPrefix(id, "3b-"), err
}
