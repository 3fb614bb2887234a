package drivers

import (
	"fmt"
	"time"

	"periph.io/x/conn/v3/i2c"
)

// A tap is a chip's bus that keeps what periph loses: periph replaces bus errors with
// its own text, and turns any answer into a number. The tap keeps the error, and lets the
// driver check an answer before periph sees it.
type tap struct {
	i2c.Bus
	addr  uint16
	place string                                   // of the chip, for errors
	judge func(register byte, answer []byte) error // nil: accept all
	err   error                                    // of the last transaction
}

// Tx implements [i2c.Bus].
func (t *tap) Tx(addr uint16, w, r []byte) error {
	t.err = t.Bus.Tx(addr, w, r)
	if t.err == nil && t.judge != nil && len(w) > 0 && len(r) > 0 {
		t.err = t.judge(w[0], r)
	}
	return t.err
}

// cause returns why a call to periph failed, or nil if it did not.
func (t *tap) cause(err error) error {
	if err != nil && t.err != nil {
		return fmt.Errorf("%s: %w", t.place, t.err)
	}
	return err
}

// write sends bytes to the chip: a command, or a register and its value.
func (t *tap) write(bytes ...byte) error {
	return t.cause(t.Tx(t.addr, bytes, nil))
}

// answer reads n bytes without naming a register.
func (t *tap) answer(n int) ([]byte, error) {
	b := make([]byte, n)
	return b, t.cause(t.Tx(t.addr, nil, b))
}

// register reads n bytes from a register of the chip.
func (t *tap) register(register byte, n int) ([]byte, error) {
	b := make([]byte, n)
	return b, t.cause(t.Tx(t.addr, []byte{register}, b))
}

// ask sends a command, waits, and reads n bytes in a transaction of their own.
func (t *tap) ask(n int, wait time.Duration, command ...byte) ([]byte, error) {
	if err := t.write(command...); err != nil {
		return nil, err
	}
	time.Sleep(wait)
	return t.answer(n)
}

// wrong returns the error of an unexpected chip.
func (t *tap) wrong(format string, args ...any) error {
	return fmt.Errorf("%s: "+format, append([]any{t.place}, args...)...)
}
