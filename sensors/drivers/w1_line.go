package drivers

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"periph.io/x/conn/v3/onewire"

	"sensorpub/sensors"
)

// A line is a 1-Wire bus that this program drives itself.
type line interface {
	onewire.Bus
	prepare() error // for a search or a reading, as others may use it, too
}

// A lineProbe is a thermometer on a line. It outlives the opened probe, and
// with it what the power-on value is judged by.
type lineProbe struct {
	id     string  // "": the only one there is
	last   float64 // the last good value of lastID
	lastID string  // "": none yet
}

// start finds the probe.
func (p *lineProbe) start(l line) (reader, error) {
	if err := l.prepare(); err != nil {
		return nil, err
	}
	found, err := l.Search(false)
	if err != nil {
		p.lastID = "" // it may have lost its power
		return nil, err
	}
	rom, id, err := p.choose(found)
	if err != nil {
		p.lastID = ""
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
		p.last, p.lastID = value, id
		return celsius(value), nil
	}, nil
}

// choose returns the address and the id to read.
func (p *lineProbe) choose(found []onewire.Address) (onewire.Address, string, error) {
	var ids []string
	roms := make(map[string]onewire.Address)
	for _, rom := range found {
		id := fmt.Sprintf("%02x-%012x", byte(rom), uint64(rom)<<8>>16)
		if w1ID.MatchString(id) {
			ids = append(ids, id)
			roms[id] = rom
		}
	}
	slices.Sort(ids)
	switch {
	case p.id != "" && slices.Contains(ids, p.id):
		return roms[p.id], p.id, nil
	case len(ids) == 0:
		return 0, "", errors.New("no thermometer answers on the 1-Wire line")
	case p.id != "":
		return 0, "", fmt.Errorf("%s does not answer, found %s", p.id, strings.Join(ids, ", "))
	case len(ids) > 1:
		return 0, "", fmt.Errorf("%d probes answer, set options.id to one of %s", len(ids), strings.Join(ids, ", "))
	}
	return roms[ids[0]], ids[0], nil
}

// readScratchpad makes the probe convert and reads what it measured.
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

// judge is what the driver ds18b20 does with a scratchpad.
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
	if pad.powerOn(id) && (p.lastID != id || math.Abs(p.last-85) > 3) {
		return 0, reject(sensors.PowerOn, "85 °C is what a probe holds that has not converted")
	}
	return value, nil
}

// wrongROM says what an id looks like.
func wrongROM(id string) error {
	return fmt.Errorf(`options.id = %q: want a family (10, 22, 28, 3b or 42), a dash and 12 hexadecimal digits, such as "28-0316a2794fff"`, id)
}
