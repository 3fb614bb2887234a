package drivers

import (
	"time"

	"periph.io/x/conn/v3/onewire"
)

// A bridge is the 1-Wire line behind a DS2482 (Maxim 19-4930, section Function
// Commands). (periph's driver refuses the addresses 0x1a and 0x1b.)
type bridge struct {
	*tap
	io       int  // channel of a DS2482-800
	many     bool // it has channels to select
	triplets int  // of the search since prepare
}

var _ onewire.BusSearcher = (*bridge)(nil)

// The commands, the registers, and the bits of status and configuration.
const (
	bridgeReset   = 0xF0
	bridgePointer = 0xE1
	bridgeConfig  = 0xD2
	bridgeSelect  = 0xC3
	lineReset     = 0xB4
	lineWrite     = 0xA5
	lineRead      = 0x96
	lineTriplet   = 0x78

	dataRegister = 0xE1

	statusBusy     = 0x01
	statusPresence = 0x02
	statusShort    = 0x04
	statusLine     = 0x08
	statusReset    = 0x10

	activePullup = 0x01
	strongPullup = 0x04
)

// prepare resets the bridge and selects its channel. No other chip answers a reset
// like this.
func (b *bridge) prepare() error {
	b.triplets = 0
	status, err := b.register(bridgeReset, 1)
	if err != nil {
		return err
	}
	if status[0]&^statusLine != statusReset {
		return b.wrong("the chip is not a DS2482, its status is %#02x after a reset", status[0])
	}
	if err := b.configure(activePullup); err != nil {
		return err
	}
	if !b.many {
		return nil
	}
	got, err := b.set(bridgeSelect, complemented(byte(b.io)))
	if err == nil && got != channelCodes[b.io] {
		return b.wrong("channel %d cannot be selected, its code reads %#02x", b.io, got)
	}
	return err
}

// channelCodes are the codes read back for selected channels (DS2482-800 19-4931,
// command Channel Select).
const channelCodes = "\xb8\xb1\xaa\xa3\x9c\x95\x8e\x87"

// complemented puts the complement of the lower half into the upper half.
func complemented(half byte) byte { return ^half<<4 | half }

// configure writes the configuration and reads it back.
func (b *bridge) configure(bits byte) error {
	got, err := b.set(bridgeConfig, complemented(bits))
	if err == nil && got != bits {
		return b.wrong("the bridge did not accept its configuration, it is %#02x", got)
	}
	return err
}

// set sends a command with a byte and reads back what was set.
func (b *bridge) set(command, value byte) (byte, error) {
	got, err := b.ask(1, 0, command, value)
	if err != nil {
		return 0, err
	}
	return got[0], nil
}

// String names the line in errors.
func (b *bridge) String() string { return b.place }

// Search finds the probes on the line.
func (b *bridge) Search(alarmOnly bool) ([]onewire.Address, error) {
	return onewire.Search(b, alarmOnly)
}

// Tx resets the line, writes w and reads r. With a strong pull-up the line is held
// high after the last byte until its next use.
func (b *bridge) Tx(w, r []byte, power onewire.Pullup) error {
	status, err := b.do(1200*time.Microsecond, lineReset)
	switch {
	case err != nil:
		return err
	case status&statusShort != 0:
		return b.wrong("the 1-Wire line is shorted")
	case status&statusPresence == 0:
		return b.wrong("no probe answers on the 1-Wire line")
	}
	for i, x := range w {
		if power == onewire.StrongPullup && i == len(w)-1 {
			if err := b.configure(activePullup | strongPullup); err != nil {
				return err
			}
		}
		if _, err := b.do(560*time.Microsecond, lineWrite, x); err != nil {
			return err
		}
	}
	for i := range r {
		if _, err := b.do(560*time.Microsecond, lineRead); err != nil {
			return err
		}
		data, err := b.ask(1, 0, bridgePointer, dataRegister)
		if err != nil {
			return err
		}
		r[i] = data[0]
	}
	return nil
}

// maxTriplets is enough to find a hundred probes, more than a line can have.
const maxTriplets = 100 * 64

// SearchTriplet implements [onewire.BusSearcher].
func (b *bridge) SearchTriplet(direction byte) (onewire.TripletResult, error) {
	if b.triplets++; b.triplets > maxTriplets {
		return onewire.TripletResult{}, b.wrong("the search for probes does not end")
	}
	status, err := b.do(200*time.Microsecond, lineTriplet, direction<<7)
	return onewire.TripletResult{GotZero: status&0x20 == 0, GotOne: status&0x40 == 0, Taken: status >> 7}, err
}

// do sends a command for the line and returns the status when it is done.
func (b *bridge) do(wait time.Duration, command ...byte) (byte, error) {
	if err := b.write(command...); err != nil {
		return 0, err
	}
	for range 10 {
		time.Sleep(wait)
		status, err := b.answer(1)
		if err != nil || status[0]&statusBusy == 0 {
			return status[0], err
		}
	}
	return 0, b.wrong("the bridge does not finish a command")
}
