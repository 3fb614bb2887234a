package drivers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/onewire"
	"periph.io/x/conn/v3/physic"

	"sensorpub/sensors/drivers/option"
)

// A deadBus acknowledges everything and reads as one byte, like a line that is held
// low or that nothing drives. With a bus inside, it works until dead is set.
type deadBus struct {
	i2c.Bus // nil: dead from the start
	dead    bool
	byte    byte
}

func (d *deadBus) Tx(addr uint16, w, r []byte) error {
	if d.Bus != nil && !d.dead {
		return d.Bus.Tx(addr, w, r)
	}
	for i := range r {
		r[i] = d.byte
	}
	return nil
}

func (d *deadBus) Close() error                    { return nil }
func (d *deadBus) SetSpeed(physic.Frequency) error { return nil }
func (d *deadBus) String() string                  { return "dead bus" }

// A deadLine is a 1-Wire bus with a probe that answers one byte only.
type deadLine struct{ byte byte }

func (d deadLine) Tx(_, r []byte, _ onewire.Pullup) error {
	for i := range r {
		r[i] = d.byte
	}
	return nil
}

func (d deadLine) Search(bool) ([]onewire.Address, error) {
	return []onewire.Address{onewire.Address(rom(0x28, 0x0316a2794fff))}, nil
}
func (d deadLine) Close() error   { return nil }
func (d deadLine) String() string { return "dead line" }

// onWires returns the drivers that talk to chips directly: those with an option for
// the bus, the SPI port or the 1-Wire master.
func onWires() (all []Driver) {
	for _, d := range Table() {
		if slices.ContainsFunc(d.Options, func(o option.Option) bool { return o.Name == "bus" || o.Name == "spi" || o.Name == "master" }) {
			all = append(all, d)
		}
	}
	return all
}

// deadBytes are what a dead bus reads as.
var deadBytes = map[string]byte{"held low, which reads as zeros": 0x00, "nothing drives, which reads as ones": 0xFF}

// No driver returns a value from a bus that is dead from the start, not even 0 °C.
func TestDeadBusGivesNoValue(t *testing.T) {
	for _, d := range onWires() {
		for how, x := range deadBytes {
			synctest.Test(t, func(t *testing.T) {
				h := bench{}.host(&deadBus{byte: x})
				h.OpenW1 = func(uint32) (onewire.BusCloser, error) { return deadLine{x}, nil }
				s, err := configured(t, d.Name, h, examples(d)).Open()
				if err != nil {
					return
				}
				if values, err := s.Read(t.Context()); err == nil {
					t.Errorf("%s.go: got %v from a bus %s, want an error or a Rejection", d.Name, values, how)
				}
			})
		}
	}
}

// No driver returns a value from a bus that dies after the chip was opened.
func TestBusThatDiesGivesNoValue(t *testing.T) {
	for name, bench := range benches() {
		for how, x := range deadBytes {
			synctest.Test(t, func(t *testing.T) {
				bus := &deadBus{Bus: bench.bus(bench.good), byte: x}
				s := opened(t, configured(t, bench.driver, bench.host(bus), bench.options))
				bus.dead = true
				if values, err := s.Read(t.Context()); err == nil {
					t.Errorf("%s.go, bench %q: got %v from a bus %s since the chip was opened, want an error or a Rejection", bench.driver, name, values, how)
				}
			})
		}
	}
}

// Each driver has a bench with the cases that matter; the test names what is missing.
func TestDriversOnWiresHaveTheirBench(t *testing.T) {
	for _, d := range onWires() {
		if d.Name == w1netlink.Name { // no bus but the kernel's: w1netlink_test.go
			continue
		}
		var all []dump
		benched, decodes := false, false
		for _, b := range benches() {
			if b.driver == d.Name {
				benched, decodes = true, decodes || b.decode != nil
				all = append(all, b.dumps...)
			}
		}
		switch {
		case !benched:
			t.Errorf("%s.go: no bench of it, add one to bench_*_helper_test.go: what opens the chip and what reads it", d.Name)
		case !decodes:
			// periph decodes, or a line of its own: the values are tested with the driver
		default:
			for _, missing := range missingDumps(d, all) {
				t.Errorf("%s.go: no dump of %s in its bench", d.Name, missing)
			}
		}
	}
}

// missingDumps returns the cases that went wrong in other drivers and are not among the
// dumps.
func missingDumps(d Driver, all []dump) (missing []string) {
	has := func(is func(want string) bool) bool {
		return slices.ContainsFunc(all, func(x dump) bool { return is(x.want) })
	}
	if d.Quantities[0].Min < 0 && !has(func(w string) bool { return strings.HasPrefix(w, "-") || strings.Contains(w, " -") }) {
		missing = append(missing, "a value below zero")
	}
	if !has(func(w string) bool { var v float64; n, _ := fmt.Sscan(w, &v); return n == 0 }) {
		missing = append(missing, "a value that is rejected, such as a wrong checksum, a power-on value or one out of range")
	}
	return missing
}
