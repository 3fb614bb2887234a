package drivers

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"periph.io/x/conn/v3/onewire"

	"sensorpub/sensors"
)

// A line is a 1-Wire bus that this program drives itself.
type line interface {
	onewire.Bus
	prepare() error // before each search or reading, as others may use the line too
}

// A lineProbe is a thermometer on a line. It outlives the open probe.
type lineProbe struct {
	id   string // "": the only one there is
	last w1Last
}

// start finds the probe.
func (p *lineProbe) start(l line) (reader, error) {
	if err := l.prepare(); err != nil {
		return nil, err
	}
	found, err := l.Search(false)
	if err != nil {
		p.last = w1Last{}
		return nil, err
	}
	rom, id, err := p.choose(found)
	if err != nil {
		p.last = w1Last{}
		return nil, err
	}
	return func() ([]sensors.Measurement, error) {
		pad, err := readScratchpad(l, rom)
		if err != nil {
			return nil, err
		}
		value, err := p.judge(id, pad)
		if err != nil {
			return nil, err
		}
		return celsius(value), nil
	}, nil
}

// choose returns the address and the id to read.
func (p *lineProbe) choose(found []onewire.Address) (onewire.Address, string, error) {
	var ids []string
	roms := make(map[string]onewire.Address)
	for _, rom := range found {
		id := w1IDOfROM(rom)
		if isW1ID(id) {
			ids = append(ids, id)
			roms[id] = rom
		}
	}
	if len(ids) == 0 {
		return 0, "", errors.New("no thermometer answers on the 1-Wire line")
	}
	slices.Sort(ids)
	id, err := chooseW1(p.id, ids)
	return roms[id], id, err
}

// w1IDOfROM returns a ROM id in the kernel's spelling: the family, a dash and the
// serial number, without the checksum.
func w1IDOfROM(rom onewire.Address) string {
	return fmt.Sprintf("%02x-%012x", byte(rom), uint64(rom)<<8>>16)
}

// readScratchpad makes the probe convert and reads the result.
func readScratchpad(l line, rom onewire.Address) (pad scratchpad, err error) {
	if err := l.prepare(); err != nil {
		return pad, err
	}
	match := []byte{0x55}
	for i := range 8 {
		match = append(match, byte(rom>>(8*i)))
	}
	if err := l.Tx(append(match, 0x44), nil, onewire.StrongPullup); err != nil {
		return pad, err
	}
	time.Sleep(750 * time.Millisecond)
	err = l.Tx(append(match, 0xBE), pad[:], onewire.WeakPullup)
	return pad, err
}

// judge treats a scratchpad as the driver ds18b20 does.
func (p *lineProbe) judge(id string, pad scratchpad) (float64, error) {
	switch sum := crc8(pad[:8]); {
	case pad == scratchpad{}:
		return 0, reject(sensors.AllZero, "the scratchpad is all zero")
	case only(0xFF, pad[:]):
		return 0, fmt.Errorf("%s does not answer", id)
	case sum != pad[8]:
		return 0, reject(sensors.CRC, "% x has the checksum %02x", pad[:], sum)
	}
	value, err := pad.celsius(id)
	if err != nil {
		return 0, err
	}
	return p.last.accept(id, value, pad.powerOn(id))
}
