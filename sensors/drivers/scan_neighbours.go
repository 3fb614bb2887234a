package drivers

// neighbours are other chips that are often found at an address, and the one of
// them that the kernel can read. They are not probed: a command that identifies one of
// them changes a setting of another.
var neighbours = []struct {
	first, last uint16
	name        string
	kernel      string
}{
	{0x10, 0x10, "light sensor VEML7700 or VEML6030", "veml7700"},
	{0x13, 0x13, "light sensor VCNL4010", "vcnl4010"},
	{0x23, 0x23, "light sensor BH1750 or LTR559", "bh1750"},
	{0x20, 0x27, "port expander MCP23017 or PCF8574", ""},
	{0x29, 0x29, "light sensor TSL2561, or distance sensor VL53L1X", "tsl2561"},
	{0x2a, 0x2a, "converter NAU7802", ""},
	{0x39, 0x39, "light sensor TSL2561, or port expander PCF8574A", "tsl2561"},
	{0x38, 0x3b, "port expander PCF8574A", ""},
	{0x3c, 0x3d, "display SSD1306", ""},
	{0x40, 0x43, "INA219 or PCA9685", "ina219"},
	{0x44, 0x46, "SHT3x, SHT4x or HDC302x", ""},
	{0x49, 0x49, "light sensor TSL2561, ADS1115 or PCF8591", "tsl2561"},
	{0x4a, 0x4a, "light sensor MAX44009, ADS1115 or PCF8591", "max44009"},
	{0x48, 0x4b, "ADS1115 or PCF8591", "ads1115"},
	{0x53, 0x53, "light sensor LTR390, ENS160, or EEPROM", "ltr390"},
	{0x50, 0x57, "EEPROM", ""},
	{0x58, 0x58, "SGP30", "sgp30"},
	{0x59, 0x59, "SGP40", "sgp40"},
	{0x5a, 0x5a, "thermometer MLX90614, or CCS811", "mlx90614"},
	{0x5b, 0x5b, "CCS811", "ccs811"},
	{0x5c, 0x5c, "AM2320 or BH1750", "bh1750"},
	{0x60, 0x60, "MCP4725", ""},
	{0x61, 0x61, "SCD30", "scd30"},
	{0x62, 0x62, "SCD4x", ""},
	{0x69, 0x69, "SPS30", "sps30"},
	{0x68, 0x68, "clock DS3231 or DS1307", ""},
	{0x76, 0x77, "BME280, BMP280 or MS5611", "ms5611"},
}
