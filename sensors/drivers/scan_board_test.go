package drivers

import (
	"fmt"
	"syscall"
	"testing"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// A board is an I²C bus with simulated chips. It notes what is done to it.
type board struct {
	t       *testing.T
	chips   map[uint16]boardChip
	behind  map[byte]map[uint16]boardChip // of the channels of a multiplexer
	channel byte
	asked   map[uint16]bool
	written map[uint16]bool
	open    int
	err     error // of every transaction
}

// A boardChip answers a transaction, or not.
type boardChip func(b *board, w, r []byte) error

func (b *board) Tx(addr uint16, w, r []byte) error {
	b.asked[addr] = true
	if len(w) > 0 {
		b.written[addr] = true
	}
	if b.err != nil {
		return b.err
	}
	c := b.chips[addr]
	for channel, chips := range b.behind {
		if b.channel&channel != 0 && chips[addr] != nil {
			c = chips[addr]
		}
	}
	if c == nil {
		return fmt.Errorf("sysfs-i2c: %v", syscall.EREMOTEIO) // as periph words it
	}
	return c(b, w, r)
}

func (b *board) Close() error                    { b.open--; return nil }
func (b *board) SetSpeed(physic.Frequency) error { return nil }
func (b *board) String() string                  { return "board" }

// newBoard returns a bus with these chips and a host that opens it as bus 1.
func newBoard(t *testing.T, chips map[uint16]boardChip) (*board, Host) {
	t.Helper()
	b := &board{t: t, chips: chips, asked: make(map[uint16]bool), written: make(map[uint16]bool)}
	tr := newTree(t)
	tr.files("dev", "i2c-1", "")
	tr.files("sys/bus/i2c/devices/i2c-1", "name", "bcm2835 (i2c@7e804000)\n")
	h := tr.host()
	h.OpenI2C = func(bus string) (i2c.BusCloser, error) {
		if bus != "1" {
			t.Errorf("got bus %q, want 1", bus)
		}
		b.open++
		return b, nil
	}
	t.Cleanup(func() {
		if b.open != 0 {
			t.Errorf("got %d open handles, want 0", b.open)
		}
	})
	return b, h
}

// withRegisters is a chip with a register pointer, of which nothing may be
// written. What it does not have reads as zeros.
func withRegisters(first byte, have map[byte][]byte) boardChip {
	at := []byte{first}
	return func(b *board, w, r []byte) error {
		if len(w) > 1 {
			b.t.Errorf("got % x written to a chip with registers, want its pointer only", w)
		}
		if len(w) > 0 {
			at = have[w[0]]
		}
		copy(r, at)
		return nil
	}
}

// withCommands is a chip that acknowledges no read but one after a command.
func withCommands(answers map[string][]byte) boardChip {
	var next []byte
	return func(_ *board, w, r []byte) error {
		if len(w) > 0 {
			if next = answers[string(w)]; next == nil {
				return syscall.EREMOTEIO
			}
		}
		if len(r) == 0 {
			return nil
		}
		if next == nil {
			return syscall.EREMOTEIO
		}
		copy(r, next)
		next = nil
		return nil
	}
}

// withSums adds the checksum to each word.
func withSums(init byte, words ...uint16) (out []byte) {
	for _, w := range words {
		b := []byte{byte(w >> 8), byte(w)}
		out = append(out, b[0], b[1], sensirionCRC(init, b))
	}
	return out
}

// asleep answers from the second time on.
func asleep() boardChip {
	awake := false
	return func(b *board, w, r []byte) error {
		if len(w) > 0 {
			b.t.Errorf("got % x written to a chip that sleeps, want nothing", w)
		}
		if !awake {
			awake = true
			return syscall.EREMOTEIO
		}
		return nil
	}
}

// asMux is a TCA9548A.
func asMux() boardChip {
	return func(b *board, w, r []byte) error {
		if len(w) > 0 {
			b.channel = w[len(w)-1]
		}
		if len(r) > 0 {
			r[0] = b.channel
		}
		return nil
	}
}
