package drivers

import (
	"errors"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// A fakeBridge is a DS2482-800 with probes on its channels, as the data sheet
// describes it.
type fakeBridge struct {
	probes  map[byte][]fakeProbe // by channel
	channel byte
	pointer byte
	config  byte
	status  byte
	data    byte
	busy    int // polls that find it busy, of each command
	polls   int
	shorted bool

	// Of the 1-Wire line.
	command []byte // since the last reset
	reading int
	matched []fakeProbe
	powered bool // the strong pull-up was on when the conversion began
}

type fakeProbe struct {
	rom uint64
	pad []byte
}

// rom0 is 28-0316a2794fff with its checksum.
func rom(family byte, serial uint64) uint64 {
	r := uint64(family) | serial<<8
	bytes := make([]byte, 7)
	for i := range bytes {
		bytes[i] = byte(r >> (8 * i))
	}
	return r | uint64(crc8(bytes))<<56
}

// bridged returns a bridge with the same probe on its channels 0 and 5.
func bridged(dump []byte) i2c.BusCloser {
	probe := []fakeProbe{{rom(0x28, 0x0316a2794fff), dump}}
	return &fakeBridge{probes: map[byte][]fakeProbe{0: probe, 5: probe}, busy: 1}
}

func (f *fakeBridge) String() string                  { return "bridge" }
func (f *fakeBridge) SetSpeed(physic.Frequency) error { return nil }
func (f *fakeBridge) Close() error                    { return nil }

func (f *fakeBridge) Tx(addr uint16, w, r []byte) error {
	if addr != 0x18 {
		return errors.New("no acknowledge")
	}
	if len(w) > 0 {
		if err := f.write(w); err != nil {
			return err
		}
	}
	for i := range r {
		r[i] = f.register()
	}
	return nil
}

func (f *fakeBridge) register() byte {
	switch f.pointer {
	case 0xF0:
		if f.polls > 0 {
			f.polls--
			return f.status | 1
		}
		return f.status
	case 0xE1:
		return f.data
	case 0xC3:
		return f.config
	case 0xD2:
		return channelCodes[f.channel]
	}
	return 0xFF
}

func (f *fakeBridge) write(w []byte) error {
	if f.polls > 0 && w[0] != 0xE1 {
		return errors.New("no acknowledge while the line is busy")
	}
	switch w[0] {
	case 0xF0:
		f.pointer, f.status, f.config, f.channel = 0xF0, 0x18, 0, 0
	case 0xE1:
		f.pointer = w[1]
	case 0xD2:
		if w[1]>>4 != ^w[1]&0x0f {
			return errors.New("no acknowledge of a configuration that is not complemented")
		}
		f.pointer, f.config = 0xC3, w[1]&0x0f
		f.status &^= 0x10
	case 0xC3:
		f.pointer, f.channel = 0xD2, w[1]&0x0f
	default:
		f.pointer, f.polls = 0xF0, f.busy
		f.line(w)
	}
	return nil
}

// line is what happens on the 1-Wire line.
func (f *fakeBridge) line(w []byte) {
	switch w[0] {
	case 0xB4:
		f.command, f.reading, f.matched, f.status = nil, 0, f.probes[f.channel], 0x08
		if f.shorted {
			f.status = 0x04
		} else if len(f.matched) > 0 {
			f.status |= 0x02
		}
	case 0xA5:
		f.command = append(f.command, w[1])
		if n := len(f.command); n == 9 && f.command[0] == 0x55 {
			f.match()
		} else if n == 10 && w[1] == 0x44 {
			f.powered = f.config&4 != 0
		}
		f.config &^= 4
	case 0x96:
		f.data = 0xFF
		if len(f.matched) == 1 && len(f.command) == 10 && f.command[9] == 0xBE {
			f.data = f.matched[0].pad[f.reading]
		}
		f.reading++
	case 0x78:
		f.triplet(w[1] >> 7)
	}
}

func (f *fakeBridge) match() {
	var address uint64
	for i := range 8 {
		address |= uint64(f.command[1+i]) << (8 * i)
	}
	var matched []fakeProbe
	for _, p := range f.matched {
		if p.rom == address {
			matched = append(matched, p)
		}
	}
	f.matched = matched
}

func (f *fakeBridge) triplet(direction byte) {
	var zero, one bool
	for _, p := range f.matched {
		if p.rom>>f.reading&1 == 0 {
			zero = true
		} else {
			one = true
		}
	}
	taken := direction
	if zero != one && zero {
		taken = 0
	} else if zero != one || !zero {
		taken = 1
	}
	var left []fakeProbe
	for _, p := range f.matched {
		if byte(p.rom>>f.reading&1) == taken {
			left = append(left, p)
		}
	}
	f.matched = left
	f.reading++
	f.status = 0x08 | taken<<7
	if !zero {
		f.status |= 0x20
	}
	if !one {
		f.status |= 0x40
	}
}
