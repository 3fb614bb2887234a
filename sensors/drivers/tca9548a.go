package drivers

import (
	"fmt"

	"periph.io/x/conn/v3/i2c"

	"sensorpub/sensors/drivers/option"
)

// muxOptions put a chip behind a multiplexer. Up to eight share a bus.
var muxOptions = []option.Option{
	{Name: "mux", Default: int64(0), Hex: true, Doc: "address of a TCA9548A or PCA9548A in front of the chip, 0x70 to 0x77; 0 means none"},
	{Name: "channel", Default: int64(0), Max: 7, Doc: "channel of the multiplexer"},
}

func checkMux(v option.Values) error {
	mux := v.Int("mux")
	if mux != 0 && (mux < 0x70 || mux > 0x77) {
		return fmt.Errorf("options.mux = %#x: want 0x70 to 0x77, or 0 for none", mux)
	}
	if mux == 0 && v.Int("channel") != 0 {
		return fmt.Errorf("options.channel = %d: has no effect without mux", v.Int("channel"))
	}
	return nil
}

// muxPlace names the channel before an address, or nothing.
func muxPlace(v option.Values) string {
	if v.Int("mux") == 0 {
		return ""
	}
	return fmt.Sprintf("multiplexer %#x, channel %d, ", v.Int("mux"), v.Int("channel"))
}

// muxIdentity is its part in the identity of what sits behind it.
func muxIdentity(v option.Values) string {
	if v.Int("mux") == 0 {
		return ""
	}
	return fmt.Sprintf("%#x-%d-", v.Int("mux"), v.Int("channel"))
}

// behindMux returns the bus on which the chip sits.
func behindMux(bus i2c.BusCloser, v option.Values) i2c.BusCloser {
	if v.Int("mux") == 0 {
		return bus
	}
	return &muxed{BusCloser: bus, mux: uint16(v.Int("mux")), channel: 1 << v.Int("channel")}
}

// A muxed bus is a channel of a TCA9548A (Texas Instruments SCPS207, section 8.6) or
// PCA9548A, whose one register has a bit for each channel. The channel is connected
// for one transaction only, so chips with the same address on two channels do not
// interfere, and a dead one disturbs only itself. Only a chip that holds its lines low
// while connected blocks the whole bus, until the multiplexer is reset by its pin.
type muxed struct {
	i2c.BusCloser
	mux     uint16
	channel byte // its bit
	known   bool // identified as a multiplexer
}

// Tx implements [i2c.Bus].
func (m *muxed) Tx(addr uint16, w, r []byte) error {
	if !m.known {
		if err := m.identify(); err != nil {
			return err
		}
	}
	if err := m.connect(m.channel); err != nil {
		return err
	}
	err := m.BusCloser.Tx(addr, w, r)
	// While it is connected, chips of other channels are not alone.
	if off := m.connect(0); err == nil {
		err = off
	}
	return err
}

// connect connects the channels whose bits are set.
func (m *muxed) connect(channels byte) error {
	if err := m.BusCloser.Tx(m.mux, []byte{channels}, nil); err != nil {
		return fmt.Errorf("multiplexer %#x: %w", m.mux, err)
	}
	return nil
}

// identify checks that the register can be read back, and leaves all channels
// disconnected.
func (m *muxed) identify() error {
	for _, want := range []byte{m.channel, 0} {
		var got [1]byte
		if err := m.connect(want); err != nil {
			return err
		}
		if err := m.BusCloser.Tx(m.mux, nil, got[:]); err != nil {
			return fmt.Errorf("multiplexer %#x: %w", m.mux, err)
		}
		if got[0] != want {
			return fmt.Errorf("multiplexer %#x: not a TCA9548A, its register reads %#02x after %#02x was written", m.mux, got[0], want)
		}
	}
	m.known = true
	return nil
}
