package drivers

import (
	"encoding/binary"

	"sensorpub/sensors"
)

// words decodes an answer in Sensirion's format, which others have adopted: words of 16
// bits, the higher byte first, each followed by a checksum.
func words(init byte, answer []byte) ([]uint16, error) {
	if only(0, answer) {
		return nil, reject(sensors.AllZero, "the answer is all zero")
	}
	var out []uint16
	for ; len(answer) >= 3; answer = answer[3:] {
		if sum := sensirionCRC(init, answer[:2]); sum != answer[2] {
			return nil, reject(sensors.CRC, "% x has the checksum %02x", answer[:3], sum)
		}
		out = append(out, binary.BigEndian.Uint16(answer))
	}
	return out, nil
}

// sensirionCRC is x⁸+x⁵+x⁴+1, the highest bit first (Sensirion SHT3x-DIS, section 4.12).
// The initial value depends on the chip.
func sensirionCRC(init byte, data []byte) byte {
	crc := init
	for _, b := range data {
		crc ^= b
		for range 8 {
			carry := crc&0x80 != 0
			crc <<= 1
			if carry {
				crc ^= 0x31
			}
		}
	}
	return crc
}
