package drivers

// isMCP9808 reads the ids of manufacturer and device. These bytes are not commands of a
// DS2482.
func isMCP9808(c *candidate) bool {
	return c.register16(mcpManufacturer) == 0x0054 && c.register16(mcpDevice)>>8 == 0x04
}

// likelyDS2482 checks the status, which the chip returns without a register: line high
// and not busy (19-4930, Status Register).
func likelyDS2482(c *candidate) bool { return c.first&0xef == 0x08 }

// likelyAHT20 checks the status, which the chip returns without a register: calibrated
// and not busy (product manual, table 10).
func likelyAHT20(c *candidate) bool {
	return c.first&ahtCalibrated != 0 && c.first&(ahtBusy|0x62) == 0
}

// likeHTU21D checks the bits of the user register that all of them share: clones of an
// HTU21D (page 13) and a Si7021 (section 6.1) differ in reserved bits only. A PCA9685
// has no register 0xE7.
func likeHTU21D(c *candidate) bool {
	user := c.register(0xE7, 1)
	return user != nil && (user[0]&0x3a == 0x02 || user[0]&0x3a == 0x3a && user[0] != 0xFF)
}

// isSi7021 reads the kind from the serial number, once the chip is known to take
// commands: a PCA9685 would take this one for a setting.
func isSi7021(c *candidate) bool {
	if !likeHTU21D(c) {
		return false
	}
	serial := make([]byte, 6)
	if c.bus.Tx(c.addr, []byte{0xFC, 0xC9}, serial) != nil {
		return false
	}
	w, err := words(0, serial)
	return err == nil && w[0]>>8 == 0x15
}

func isTMP117(c *candidate) bool { return c.register16(tmpID)&0x0fff == 0x0117 }

// lm75Limits reports whether hysteresis and limit are 75 and 80 °C, as in every
// thermometer of this family after power-up. An ADS1115 has 8000 and 7fff.
func lm75Limits(c *candidate) bool {
	return c.register16(lm75Hysteresis) == 0x4b00 && c.register16(lm75Limit) == 0x5000
}

// likelyTMP102 checks the bits of the configuration that every TMP102 shares. An LM75
// has only one byte and repeats it, or returns ones.
func likelyTMP102(c *candidate) bool {
	config := c.register(lm75Config, 2)
	return lm75Limits(c) && config != nil && config[0]&0x60 == 0x60 && config[1]&0x0f == 0 &&
		config[1] != config[0] && config[1] != 0
}

// likelyADS1115 checks the thresholds after power-up, which have no reset of their own
// (SBAS444E, table 8-5).
func likelyADS1115(c *candidate) bool {
	return c.register16(2) == 0x8000 && c.register16(3) == 0x7fff
}

// isTSL2591 reads the id with the command bits (TSL2591 data sheet, ID Register). It is
// 0x44 of a TCS34725, and a VL53L0X has nothing there.
func isTSL2591(c *candidate) bool {
	id := c.register(0xA0|0x12, 1)
	return id != nil && id[0] == 0x50
}

// isVL53L0X reads the reference registers (VL53L0X data sheet, table 4).
func isVL53L0X(c *candidate) bool {
	id := c.register(0xC0, 3)
	return id != nil && id[0] == 0xEE && id[1] == 0xAA
}

func likelyLM75(c *candidate) bool { return lm75Limits(c) }

// lm75Steps says how finer steps are had from a chip of the family that has them. A
// resolution that was set, or a temperature with more than nine bits, shows one.
func lm75Steps(c *candidate) string {
	config := c.register(lm75Config, 1)
	resolution := config != nil && config[0]&0x60 != 0
	switch below := c.register16(lm75Temperature) & 0x7f; {
	case resolution || below&0x1f != 0:
		return `it measures in finer steps than an LM75: chip = "tmp75"`
	case below != 0:
		return `it measures in finer steps than an LM75: chip = "lm75b", or "tmp75" for a TMP75 or TMP105`
	}
	return `in steps of 0.5 °C; a TMP75 or TMP105 has finer ones with chip = "tmp75", an LM75A or LM75B of NXP with "lm75b"`
}

// boschID is the id register of Bosch's chips. A multiplexer at the same address takes
// it for channels to connect.
const boschID = 0xD0

// askBosch reads boschID, or returns 0. It takes two transactions, as a multiplexer
// returns only what was written before.
func (c *candidate) askBosch() byte {
	if c.passive && c.first == 0 {
		return 0 // it might be a multiplexer that the daemon uses
	}
	var answer [1]byte
	if c.bus.Tx(c.addr, []byte{boschID}, nil) != nil || c.bus.Tx(c.addr, nil, answer[:]) != nil {
		return 0
	}
	return answer[0]
}

// isMux identifies a multiplexer, which returns what was written to it, and restores
// its channels.
func isMux(c *candidate) bool {
	return c.askBosch() == boschID && c.bus.Tx(c.addr, []byte{c.first}, nil) == nil
}

// isBosch reads the chip's id.
func isBosch(id byte) func(*candidate) bool {
	return func(c *candidate) bool { return c.askBosch() == id }
}
