package drivers

import (
	"testing"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/i2c/i2ctest"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// A bench is a chip on a bus that answers a reading with a dump of registers.
type bench struct {
	driver  string
	options map[string]any
	good    []byte // a dump of 25 °C or so
	bus     func(dump []byte) i2c.BusCloser
}

// probe returns the chip's host, for either kind of bus.
func (b bench) host(bus i2c.BusCloser) Host {
	return Host{
		OpenI2C: func(string) (i2c.BusCloser, error) { return bus, nil },
		OpenSPI: func(string) (spi.PortCloser, error) { return spiPlayer{bus}, nil },
	}
}

// An spiPlayer is an SPI port that plays back what an I²C bus would, without
// an address.
type spiPlayer struct{ i2c.BusCloser }

func (p spiPlayer) Connect(physic.Frequency, spi.Mode, int) (spi.Conn, error) { return p, nil }
func (p spiPlayer) LimitSpeed(physic.Frequency) error                         { return nil }
func (p spiPlayer) Tx(w, r []byte) error                                      { return p.BusCloser.Tx(0, w, r) }
func (p spiPlayer) TxPackets([]spi.Packet) error                              { panic("not used") }
func (p spiPlayer) Duplex() conn.Duplex                                       { return conn.Full }

// ops are transactions with one address.
func ops(addr uint16, frames ...[2][]byte) []i2ctest.IO {
	var out []i2ctest.IO
	for _, f := range frames {
		out = append(out, i2ctest.IO{Addr: addr, W: f[0], R: f[1]})
	}
	return out
}

// tx is what is written and read in one transaction.
func tx(w, r []byte) [2][]byte { return [2][]byte{w, r} }

func b(x ...byte) []byte { return x }

// full is a transaction of SPI: what is sent, and what comes after its first
// byte.
func full(register byte, r []byte) [2][]byte {
	return tx(append(b(register), make([]byte, len(r))...), append(b(0xFF), r...))
}

// sent is a transaction of SPI whose answer does not matter.
func sent(w ...byte) [2][]byte { return tx(w, make([]byte, len(w))) }

// sums appends the checksum to each two bytes.
func sums(init byte, data ...byte) []byte {
	var out []byte
	for ; len(data) >= 2; data = data[2:] {
		out = append(append(out, data[:2]...), sensirionCRC(init, data[:2]))
	}
	return out
}

// playback plays what opens the chip and then what reads it.
func playback(addr uint16, open [][2][]byte, read func(dump []byte) [][2][]byte) func([]byte) i2c.BusCloser {
	return func(dump []byte) i2c.BusCloser {
		w := played(ops(addr, open...), ops(addr, read(dump)...))
		w.handles++
		return w
	}
}

// benches returns one for each chip and each of its ways of measuring.
func benches() map[string]bench {
	sht := func(low byte, id []byte) [][2][]byte {
		idCommand := b(0xF3, 0x2D)
		if low == 0x81 {
			idCommand = b(0x37, 0x81)
		}
		return [][2][]byte{tx(b(0x30, 0x93), nil), tx(b(0x30, 0x66), nil), tx(idCommand, nil), tx(nil, id)}
	}
	ask := func(command ...byte) func([]byte) [][2][]byte {
		return func(dump []byte) [][2][]byte { return [][2][]byte{tx(command, nil), tx(nil, dump)} }
	}
	register := func(n byte, before ...[2][]byte) func([]byte) [][2][]byte {
		return func(dump []byte) [][2][]byte { return append(before[:len(before):len(before)], tx(b(n), dump)) }
	}
	si7021Open := [][2][]byte{tx(b(0xFE), nil), tx(b(0xE7), b(0x3A))}
	si7021Read := func(dump []byte) [][2][]byte {
		return [][2][]byte{tx(b(0xF5), nil), tx(nil, dump[3:]), tx(b(0xF3), nil), tx(nil, dump[:3])}
	}
	lm75ID := [][2][]byte{tx(b(2), b(0x4B, 0)), tx(b(3), b(0x50, 0))}
	lm75Open := append(lm75ID[:2:2], tx(b(1, 0), nil))
	lm75Read := func(dump []byte) [][2][]byte {
		if only(0, dump) || only(0xFF, dump) {
			return append([][2][]byte{tx(b(0), dump)}, append(lm75ID[:2:2], tx(b(0), dump))...)
		}
		return [][2][]byte{tx(b(0), dump)}
	}
	rtd := func(config byte) bench {
		return bench{driver: "max31865", good: append(b(0x80|config), 0x42, 0x80, 0xFF, 0xFF, 0, 0, 0), bus: playback(0,
			[][2][]byte{sent(0x80, 0x80|config), full(0, b(0x80|config, 0, 0, 0xFF, 0xFF, 0, 0, 0))},
			func(dump []byte) [][2][]byte {
				return [][2][]byte{
					sent(0x80, 0x82|config), sent(0x80, 0x84|config), full(0, b(0x84|config)), full(0, b(0x80|config)),
					sent(0x80, 0xA0|config), full(0, dump), sent(0x80, config),
				}
			})}
	}
	with := func(b bench, options map[string]any) bench {
		b.options = options
		return b
	}
	return map[string]bench{
		"sht3x":   {driver: "sht3x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00), bus: playback(0x44, sht(0x2D, sums(0xFF, 0x80, 0x10)), ask(0x24, 0x00))},
		"hdc302x": {driver: "hdc302x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00), bus: playback(0x44, sht(0x81, sums(0xFF, 0x30, 0x00)), ask(0x24, 0x00))},
		"sht4x": {driver: "sht4x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00), bus: playback(0x44,
			[][2][]byte{tx(b(0x94), nil), tx(b(0x89), nil), tx(nil, sums(0xFF, 0x0F, 0xA1, 0x8B, 0x46))}, ask(0xFD))},
		"htu21d": {driver: "htu21d", good: sums(0, 0x68, 0x3A, 0x63, 0x52), bus: playback(0x40, si7021Open, si7021Read)},
		"si7021": {driver: "si7021", good: sums(0, 0x68, 0x3A, 0x63, 0x52), bus: playback(0x40,
			append([][2][]byte{tx(b(0xFC, 0xC9), nil), tx(nil, sums(0, 0x15, 0xFF, 0xB5, 0xFF))}, si7021Open...), si7021Read)},
		"tmp117": {driver: "tmp117", good: b(0x0C, 0x80), bus: playback(0x48, [][2][]byte{tx(b(0x0F), b(0x01, 0x17))},
			register(0, tx(b(1, 0x0C, 0x20), nil), tx(b(1), b(0x0C, 0x20)), tx(b(1), b(0x24, 0x20))))},
		"tmp102": {driver: "tmp102", good: b(0x19, 0x00), bus: playback(0x48, [][2][]byte{tx(b(1), b(0x60, 0xA0))},
			register(0, tx(b(1, 0xE1, 0x80), nil), tx(b(1), b(0x61, 0xA0)), tx(b(1), b(0xE1, 0x80))))},
		"tmp102 extended": {driver: "tmp102", options: map[string]any{"extended": true}, good: b(0x0C, 0x81), bus: playback(0x48, [][2][]byte{tx(b(1), b(0x60, 0xA0))},
			register(0, tx(b(1, 0xE1, 0x90), nil), tx(b(1), b(0xE1, 0xB0))))},
		"lm75":  {driver: "lm75", good: b(0x19, 0x00), bus: playback(0x48, lm75Open, lm75Read)},
		"lm75b": {driver: "lm75", options: map[string]any{"chip": "lm75b"}, good: b(0x19, 0x00), bus: playback(0x48, lm75Open, lm75Read)},
		"tmp75": {driver: "lm75", options: map[string]any{"chip": "tmp75"}, good: b(0x19, 0x00), bus: playback(0x48, lm75ID,
			register(0, tx(b(1, 0xE1), nil), tx(b(1), b(0x61))))},
		"aht20": {driver: "aht20", good: b(0x18, 0x75, 0x52, 0x05, 0x8E, 0x40, 0x7F), bus: playback(0x38,
			[][2][]byte{tx(b(0x71), b(0x10)), tx(b(0xBE, 0x08, 0x00), nil), tx(b(0x71), b(0x18))},
			func(dump []byte) [][2][]byte {
				return [][2][]byte{tx(b(0xAC, 0x33, 0x00), nil), tx(nil, b(0x98, 0, 0, 0, 0, 0, 0)), tx(nil, dump)}
			})},
		"am2320": {driver: "am2320", good: b(3, 4, 0x03, 0x39, 0x01, 0x15, 0xE1, 0xFE), bus: playback(0x5C,
			[][2][]byte{tx(b(0), nil), tx(b(3, 0, 4), nil), tx(nil, b(3, 4, 0, 0, 0, 0, 0, 0))},
			func(dump []byte) [][2][]byte { return [][2][]byte{tx(b(0), nil), tx(b(3, 0, 4), nil), tx(nil, dump)} })},
		"scd4x": {driver: "scd4x", good: b(0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C), bus: playback(0x62,
			[][2][]byte{tx(b(0x3F, 0x86), nil), tx(b(0x36, 0x82), nil), tx(nil, sums(0xFF, 0xF8, 0x96, 0x31, 0x9F, 0x07, 0xC2)), tx(b(0x21, 0xB1), nil)},
			func(dump []byte) [][2][]byte {
				ready := func(high, low byte) [][2][]byte {
					return [][2][]byte{tx(b(0xE4, 0xB8), nil), tx(nil, sums(0xFF, high, low))}
				}
				return append(append(ready(0x80, 0x00), ready(0x80, 0x06)...), ask(0xEC, 0x05)(dump)...)
			})},
		"max31855": {driver: "max31855", good: b(0x01, 0x90, 0x19, 0x00), bus: playback(0, nil,
			func(dump []byte) [][2][]byte { return [][2][]byte{tx(make([]byte, 4), dump)} })},
		"max31865":        with(rtd(0x01), map[string]any{"reference": 400.0}),
		"max31865 pt1000": with(rtd(0x10), map[string]any{"rtd": "pt1000", "wires": int64(3), "mains": int64(60), "reference": int64(4000)}),
		"ds2482":          {driver: "ds2482", good: b(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x25), bus: bridged},
		"ds2482 io":       {driver: "ds2482", options: map[string]any{"io": int64(5), "id": "28-0316A2794FFF"}, good: b(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x25), bus: bridged},
	}
}

// A flaky bus counts its transactions and its open handles, and fails from a
// transaction on.
type flaky struct {
	i2c.BusCloser
	count, closed int
	at            int // fails from here
	err           error
}

func (f *flaky) Tx(addr uint16, w, r []byte) error {
	f.count++
	if f.err != nil && f.count > f.at {
		return f.err
	}
	return f.BusCloser.Tx(addr, w, r)
}

func (f *flaky) Close() error {
	f.closed++
	return f.BusCloser.Close()
}

// drained checks that a playback was played to its end.
func drained(t *testing.T, bus i2c.BusCloser) {
	t.Helper()
	if w, ok := bus.(*wire); ok {
		w.exhausted(t)
	}
}
