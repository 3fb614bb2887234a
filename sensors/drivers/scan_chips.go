package drivers

import (
	"encoding/binary"
	"strings"
	"time"

	"periph.io/x/conn/v3/i2c"
)

const (
	am2320Address = 0x5c
	muxName       = "multiplexer TCA9548A or display HT16K33"
)

// A suspect is a chip that may be at an address. It is probed only there, and only in
// a way that every other chip known at that address tolerates: a read of its identity
// register, or a command that none of them takes for a setting.
type suspect struct {
	first, last uint16
	name        string
	driver      string // "": none
	is          func(*candidate) bool
	note        func(*candidate) string // what else to know; may be nil
	kernel      string                  // the chip's name among kernelChips; "": it is not one

	// commanded: identified by a command, so skipped while a daemon uses the bus.
	commanded bool
	// silent: does not acknowledge a read before a command. A chip that does is not
	// sent the command.
	silent bool
	// either: may or may not acknowledge it.
	either bool
}

// suspects returns the chips in the order in which they are tried. Reading 0xFE of an
// HTU21D would reset it, so it comes before those with an id there.
func suspects() []suspect {
	return []suspect{
		{first: 0x18, last: 0x1f, name: "MCP9808", driver: "mcp9808", is: isMCP9808},
		{first: 0x18, last: 0x1f, name: "1-Wire bridge DS2482, likely", driver: "ds2482", is: likelyDS2482},
		{first: 0x29, last: 0x29, name: "TSL2591", kernel: "tsl2591", is: isTSL2591},
		{first: 0x29, last: 0x29, name: "VL53L0X", kernel: "vl53l0x", is: isVL53L0X},
		{first: 0x38, last: 0x38, name: "AHT20, likely", driver: "aht20", is: likelyAHT20},
		{first: 0x40, last: 0x40, name: "Si7021", driver: "si7021", is: isSi7021, commanded: true, either: true},
		{first: 0x40, last: 0x40, name: "HTU21D, SHT20, SHT21 or SHT25", driver: "htu21d", is: likeHTU21D, commanded: true, either: true},
		{first: 0x40, last: 0x43, name: "HDC1080", kernel: "hdc1080", is: hasID(0xFF, 0x1050), commanded: true},
		{first: 0x40, last: 0x4f, name: "INA226", kernel: "ina226", is: hasID(0xFF, 0x2260), commanded: true},
		{first: 0x40, last: 0x4f, name: "INA260", kernel: "ina260", is: hasID(0xFF, 0x2270), commanded: true},
		{first: 0x40, last: 0x43, name: "INA3221", kernel: "ina3221", is: hasID(0xFF, 0x3220), commanded: true},
		{first: 0x40, last: 0x4f, name: "INA238", kernel: "ina238", is: hasID(0x3F, 0x2381), commanded: true},
		{first: 0x40, last: 0x4f, name: "INA219, likely", kernel: "ina219", is: hasID(0x00, 0x399F), commanded: true},
		{first: 0x44, last: 0x46, name: "SHT4x", driver: "sht4x", is: answersTo(6, 0x89), commanded: true, silent: true},
		{first: 0x44, last: 0x47, name: "HDC302x", driver: "hdc302x", is: isHDC302x, commanded: true, silent: true},
		{first: 0x44, last: 0x45, name: "SHT3x", driver: "sht3x", is: answersTo(3, 0xF3, 0x2D), commanded: true, silent: true},
		{first: 0x44, last: 0x47, name: "OPT3001", kernel: "opt3001", is: hasID(0x7F, 0x3001), commanded: true},
		{first: 0x48, last: 0x4b, name: "ADS1115 or ADS1015, likely", kernel: "ads1115", is: likelyADS1115},
		{first: 0x48, last: 0x4b, name: "TMP117", driver: "tmp117", is: isTMP117},
		{first: 0x48, last: 0x4b, name: "TMP102, likely", driver: "tmp102", is: likelyTMP102},
		{first: 0x48, last: 0x4f, name: "LM75, TMP75 or the like", driver: "lm75", is: likelyLM75, note: lm75Steps},
		{first: am2320Address, last: am2320Address, name: "AM2320, likely", driver: "am2320", is: func(c *candidate) bool { return c.woken }, silent: true},
		{first: 0x62, last: 0x62, name: "SCD4x", driver: "scd4x", is: answersTo(9, 0x36, 0x82), commanded: true, silent: true},
		{first: 0x70, last: 0x75, name: muxName, is: func(*candidate) bool { return true }},
		{first: 0x76, last: 0x77, name: muxName, is: isMux},
		{first: 0x76, last: 0x77, name: "BME280", driver: "bme280", is: isBosch(bme280ID)},
		{first: 0x76, last: 0x77, name: "BMP280", driver: "bmp280", is: isBosch(bmp280ID)},
		{first: 0x77, last: 0x77, name: "BMP180", driver: "bmp180", is: isBosch(bmp180ID)},
		{first: 0x76, last: 0x77, name: "BME680 or BME688", kernel: "bme680", is: isBosch(0x61)},
	}
}

// A candidate is an address at which there may be a chip.
type candidate struct {
	host    Host
	bus     i2c.Bus
	number  string // of the bus; "" behind a multiplexer
	addr    uint16
	first   byte // read without a register
	answers bool
	woken   bool // answered only the second time
	passive bool
}

// identify returns which chip it is, if known, and whether there is one at all.
func (c *candidate) identify(options map[string]any) (Find, bool) {
	for _, s := range suspects() {
		switch {
		case c.addr < s.first || c.addr > s.last:
		case s.silent == c.answers && !s.either || c.passive && s.commanded:
		case s.is(c):
			f := Find{Name: s.name}
			if s.note != nil {
				f.Note = s.note(c)
			}
			f.Load = c.loading(s.kernel)
			return found(f, s.driver, options), true
		}
	}
	f := Find{Name: "unknown chip"}
	for _, n := range neighbours {
		if n.first <= c.addr && c.addr <= n.last {
			f.Note = "perhaps " + n.name
			if f.Load = c.loading(n.kernel); len(f.Load) > 0 {
				f.Load[0] = "if it is a " + strings.ToUpper(n.kernel) + ": " + f.Load[0]
			}
			break
		}
	}
	return f, c.answers
}

// loading says how the kernel is to read the chip, if it is of that name.
func (c *candidate) loading(kernel string) []string {
	return c.host.loading(kernel, c.number, c.addr)
}

// register reads a register of n bytes in one transaction, or returns nil.
func (c *candidate) register(reg byte, n int) []byte {
	answer := make([]byte, n)
	if c.bus.Tx(c.addr, []byte{reg}, answer) != nil {
		return nil
	}
	return answer
}

// register16 reads a register of two bytes, or 0.
func (c *candidate) register16(reg byte) uint16 {
	b := c.register(reg, 2)
	if b == nil {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}

// hasID identifies a chip by a register of two bytes.
func hasID(reg byte, id uint16) func(*candidate) bool {
	return func(c *candidate) bool { return c.register16(reg) == id }
}

// ask sends a command and reads n bytes, with a checksum after every two, or returns
// nil.
func (c *candidate) ask(n int, command ...byte) []uint16 {
	if c.bus.Tx(c.addr, command, nil) != nil {
		return nil
	}
	time.Sleep(2 * time.Millisecond)
	answer := make([]byte, n)
	if c.bus.Tx(c.addr, nil, answer) != nil {
		return nil
	}
	w, err := words(0xFF, answer)
	if err != nil {
		return nil
	}
	return w
}

// answersTo identifies a chip by the checksum of its answer to a command that reads its
// serial number or its status.
func answersTo(n int, command ...byte) func(*candidate) bool {
	return func(c *candidate) bool { return c.ask(n, command...) != nil }
}

func isHDC302x(c *candidate) bool {
	w := c.ask(3, 0x37, 0x81)
	return w != nil && w[0] == hdcManufacturer
}
