package drivers

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"periph.io/x/conn/v3/i2c"
)

// The addresses that a chip can have; the others are reserved (NXP UM10204,
// section 3.1.12).
const (
	firstI2C = 0x08
	lastI2C  = 0x77
)

// i2c looks at every bus that has a device node.
func (s Scanner) i2c() []Survey {
	buses, err := s.Host.numbered("/dev", "i2c-")
	if len(buses) == 0 {
		v := Survey{Title: "I²C", Looked: "/dev/i2c-*", Err: err, Hint: EnableI2C}
		if known, _ := s.Host.numbered("/sys/bus/i2c/devices", "i2c-"); len(known) > 0 {
			v.Err = fmt.Errorf("the kernel has bus %s, but no device node for it", known[0])
			v.Hint = EnableI2CDev
		}
		return []Survey{v}
	}
	var all []Survey
	for _, b := range buses {
		all = append(all, s.i2cBus(b)...)
	}
	return all
}

// i2cBus looks at one bus, then behind its multiplexers.
func (s Scanner) i2cBus(number string) []Survey {
	v := Survey{Title: "I²C bus " + number, Looked: "/dev/i2c-" + number}
	if name, err := readSysfs(s.Host.path("/sys/bus/i2c/devices/i2c-" + number + "/name")); err == nil {
		v.Title += ", " + strings.TrimSpace(string(name))
	}
	bus, err := s.Host.openI2C(number)
	if err != nil {
		v.Err = err
		return []Survey{v}
	}
	defer bus.Close()
	look := &i2cLook{Scanner: s, bus: bus, number: number, options: map[string]any{"bus": number}}
	v.Finds, v.Err = look.all(nil)
	if v.Err == nil && len(v.Finds) == 0 {
		v.Hint = "check the supply of the chip, and that SDA and SCL are not swapped"
	}
	return append([]Survey{v}, look.behind(bus, v.Finds)...)
}

// behind looks at the channels of the multiplexers among finds, if wanted.
func (l *i2cLook) behind(bus i2c.BusCloser, finds []Find) []Survey {
	var all []Survey
	for _, f := range finds {
		if !l.Mux || l.Passive || f.Name != muxName {
			continue
		}
		var mux uint16
		fmt.Sscanf(f.Place, "0x%x", &mux)
		for channel := range 8 {
			m := &muxed{BusCloser: bus, mux: mux, channel: 1 << channel}
			if err := m.identify(); err != nil {
				break // something else answers at this address
			}
			sub := &i2cLook{Scanner: l.Scanner, bus: m, options: map[string]any{
				"bus": l.number, "mux": int64(mux), "channel": int64(channel),
			}}
			v := Survey{Title: fmt.Sprintf("I²C bus %s, multiplexer %#x, channel %d", l.number, mux, channel)}
			v.Looked = fmt.Sprintf("/dev/i2c-%s behind %#x", l.number, mux)
			v.Finds, v.Err = sub.all(finds)
			if len(v.Finds) > 0 || v.Err != nil {
				all = append(all, v)
			}
		}
	}
	return all
}

// An i2cLook looks at one bus.
type i2cLook struct {
	Scanner
	bus     i2c.Bus
	number  string         // "" behind a multiplexer
	options map[string]any // how a driver gets to this bus
	hitches int            // consecutive errors other than an absent chip
}

// maxHitches is how many addresses are tried on a bus that does not work. On one that
// is held low each takes 2 s (measured).
const maxHitches = 3

// all probes every address except those that answer before the multiplexer.
func (l *i2cLook) all(before []Find) ([]Find, error) {
	skip := make(map[string]bool)
	for _, f := range before {
		skip[f.Place] = true
	}
	var finds []Find
	for addr := uint16(firstI2C); addr <= lastI2C; addr++ {
		place := fmt.Sprintf("%#02x", addr)
		if skip[place] {
			continue
		}
		if name := l.bound(addr); name != "" {
			finds = append(finds, Find{Place: place, Name: name, Note: "used by a kernel driver, see hwmon and iio"})
			continue
		}
		f, ok, err := l.probe(addr)
		if err != nil {
			return finds, err
		}
		if ok {
			f.Place = place
			finds = append(finds, l.probesOf(f, addr)...)
		}
	}
	return finds, nil
}

// bound returns the name of the chip at an address that a kernel driver uses, or "". It
// must not be disturbed.
func (l *i2cLook) bound(addr uint16) string {
	dir := l.Host.path(fmt.Sprintf("/sys/bus/i2c/devices/%s-%04x", l.number, addr))
	if _, err := os.Lstat(dir + "/driver"); l.number == "" || err != nil {
		return ""
	}
	name, err := readSysfs(dir + "/name")
	if err != nil || len(name) == 0 {
		return "unnamed"
	}
	return strings.TrimSpace(string(name))
}

// probe finds out whether there is a chip and which. Reading one byte harms no known
// chip, whereas the usual empty write corrupts some EEPROMs (i2cdetect(8), options -q
// and -r).
func (l *i2cLook) probe(addr uint16) (f Find, there bool, err error) {
	answer := make([]byte, 1)
	err = l.bus.Tx(addr, nil, answer)
	c := &candidate{host: l.Host, bus: l.bus, number: l.number, addr: addr, first: answer[0], answers: err == nil, passive: l.Passive}
	switch {
	case err == nil:
		l.hitches = 0
	case isErrno(err, syscall.EOPNOTSUPP):
		return f, false, errors.New("its adapter supports SMBus messages only, not I²C")
	case !absent(err):
		if l.hitches++; l.hitches < maxHitches {
			return f, false, nil
		}
		return f, false, fmt.Errorf("the bus does not work: %w; SDA or SCL may be held low", err)
	case addr == am2320Address:
		// It is asleep, and its address alone wakes it (AM2320 manual, section 8.2.3).
		time.Sleep(2 * time.Millisecond)
		c.woken = l.bus.Tx(addr, nil, answer) == nil
	}
	options := map[string]any{"address": int64(addr)}
	for k, v := range l.options {
		options[k] = v
	}
	f, there = c.identify(options)
	return f, there, nil
}

// absent reports whether an error means that no chip answered.
func absent(err error) bool { return isErrno(err, syscall.ENXIO) || isErrno(err, syscall.EREMOTEIO) }

// isErrno reports whether an error of a bus is that of the kernel. periph keeps only
// the text.
func isErrno(err error, e syscall.Errno) bool {
	return errors.Is(err, e) || strings.HasSuffix(err.Error(), e.Error())
}
