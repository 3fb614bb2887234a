package drivers

import (
	"maps"
	"testing"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/i2c/i2ctest"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"

	"sensorpub/sensors"
)

// A bench is a chip on a bus that answers a reading with a dump of registers.
type bench struct {
	driver  string
	options map[string]any
	good    []byte                                      // a dump of 25 °C or so
	decode  func([]byte) ([]sensors.Measurement, error) // nil: periph does
	bus     func(dump []byte) i2c.BusCloser
	dumps   []dump
}

// host returns the chip's machine, for either kind of bus.
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

// full is an SPI transaction: a register and what is read after it.
func full(register byte, r []byte) [2][]byte {
	return tx(append(b(register), make([]byte, len(r))...), append(b(0xFF), r...))
}

// sent is an SPI transaction whose answer does not matter.
func sent(w ...byte) [2][]byte { return tx(w, make([]byte, len(w))) }

// sums appends a checksum to every two bytes.
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
		return benched(ops(addr, open...), ops(addr, read(dump)...))
	}
}

// A dump is a chip's answer to a reading, most of them from the tables and examples of
// its data sheet, and the expected result: exact values, or why there is none. A
// checksum written as ".." is computed.
type dump struct{ name, bytes, want string }

// asks reads by a command; reads reads a register, after other transactions.
func asks(command ...byte) func([]byte) [][2][]byte {
	return func(dump []byte) [][2][]byte { return [][2][]byte{tx(command, nil), tx(nil, dump)} }
}

func reads(register byte, before ...[2][]byte) func([]byte) [][2][]byte {
	return func(dump []byte) [][2][]byte { return append(before[:len(before):len(before)], tx(b(register), dump)) }
}

// benched plays these transactions on an open handle.
func benched(ops ...[]i2ctest.IO) i2c.BusCloser {
	w := played(ops...)
	w.handles++
	return w
}

// benches returns one for each chip and each of its ways of measuring.
func benches() map[string]bench {
	all := make(map[string]bench)
	for _, some := range []map[string]bench{hygrometerBenches(), thermometerBenches(), spiBenches(), boschBenches()} {
		maps.Copy(all, some)
	}
	return all
}

// A flaky bus counts its transactions and closed handles, and fails from a given
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

// drained checks that a playback was played to the end.
func drained(t *testing.T, bus i2c.BusCloser) {
	t.Helper()
	if w, ok := bus.(*wire); ok {
		w.exhausted(t)
	}
}
