package config

var badQuantities = []badConfig{
	{
		"a quantity that the chip does not measure",
		chip("a", "bmp280", "", `quantities = ["temperature", "humidity"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["temperature", "humidity"]: "humidity" is not a quantity of this sensor, want "temperature", "pressure" or "sea_level_pressure"`,
	},
	{
		"a quantity that is misspelt",
		chip("a", "bme280", "", "quantities = [\n  \"humidty\"]"),
		`config.toml:4: sensor 1 ("a"): quantities = ["humidty"]: "humidty" is not a quantity of this sensor, did you mean "humidity"?`,
	},
	{
		"a quantity that a driver with an option for it does not know",
		chip("a", "mock", "", `quantities = ["temprature"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["temprature"]: "temprature" is not a quantity of this sensor, did you mean "temperature"?`,
	},
	{
		"a quantity that is listed twice",
		chip("a", "mock", "", `quantities = ["humidity", "humidity"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["humidity", "humidity"]: "humidity" is listed twice`,
	},
	{
		"quantities of the sensor and in the options",
		chip("a", "mock", `quantities = ["humidity"]`, `quantities = ["temperature"]`),
		`config.toml:4: sensor 1 ("a"): options.quantities = ["humidity"]: want it left out, because the sensor has quantities = ["temperature"]`,
	},
	{
		"a quantity that another option excludes",
		chip("a", "hwmon", `chip = "sht4x", input = "humidity1"`, `quantities = ["temperature"]`),
		`config.toml:5: sensor 1 ("a"): quantities = ["temperature"]: want ["humidity"] with input = "humidity1"`,
	},
	{
		"a single quantity without brackets",
		chip("a", "bme280", "", `quantities = "humidity"`),
		`config.toml:4: sensor 1 ("a"): quantities = "humidity": want a list of strings`,
	},
	{
		"a filter for a quantity that is not published",
		chip("a", "bme280", "", `quantities = ["humidity"]`, "filter.pressure.min = 900"),
		`config.toml:5: sensor 1 ("a"): filter.pressure: no quantity of this sensor, want "humidity"`,
	},
	{
		"a derived quantity without what it is derived from",
		chip("a", "bmp280", "", `quantities = ["temperature", "dew_point"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["temperature", "dew_point"]: "dew_point" needs temperature and humidity, this sensor has no humidity`,
	},
	{
		"a derived quantity of a file that has another",
		chip("a", "file", `path = "/run/x", quantity = "pressure"`, `quantities = ["absolute_humidity"]`),
		`config.toml:5: sensor 1 ("a"): quantities = ["absolute_humidity"]: "absolute_humidity" needs temperature and humidity, this sensor has no temperature`,
	},
	{
		"a derived quantity that is misspelt",
		chip("a", "bme280", "", `quantities = ["dewpoint"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["dewpoint"]: "dewpoint" is not a quantity of this sensor, did you mean "dew_point"?`,
	},
	{
		"the pressure at sea level without an altitude",
		chip("a", "bmp280", "", `quantities = ["sea_level_pressure"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["sea_level_pressure"]: "sea_level_pressure" needs altitude, in metres above sea level`,
	},
	{
		"an altitude with nothing to derive from it",
		chip("a", "bmp280", "", `quantities = ["pressure"]`, "altitude = 520"),
		`config.toml:5: sensor 1 ("a"): altitude = 520.0: want "sea_level_pressure" in quantities, without which it has no effect`,
	},
	{
		"an altitude in the sky",
		chip("a", "bmp280", "", `quantities = ["sea_level_pressure"]`, "altitude = 9001"),
		`config.toml:5: sensor 1 ("a"): altitude = 9001: want a number from -500 to 9000`,
	},
	{
		"a filter for several, of which one is only read",
		chip("a", "bme280", "", `quantities = ["dew_point"]`, "filter.max = 30"),
		`config.toml:5: sensor 1 ("a"): filter.max = 30.0: want it for one quantity, in filter.dew_point or filter.temperature or filter.humidity`,
	},
	{
		"a unit for a quantity that is only read",
		chip("a", "bme280", "", `quantities = ["absolute_humidity"]`, `unit = "°F"`),
		`config.toml:5: sensor 1 ("a"): unit = ["°F"]: "°F" applies to no quantity of this sensor, whose units are fixed`,
	},
	{
		"a unit for a quantity that is not published",
		chip("a", "bme280", "", `quantities = ["humidity"]`, `unit = "°F"`),
		`config.toml:5: sensor 1 ("a"): unit = ["°F"]: "°F" applies to no quantity of this sensor, whose units are fixed`,
	},
	{
		"a quantity of a command that is misspelt",
		chip("a", "exec", `command = ["/bin/x"]`, `quantities = ["temprature"]`),
		`config.toml:5: sensor 1 ("a"): quantities = ["temprature"]: "temprature": no known quantity, did you mean "temperature"? Any other needs its unit in options.units`,
	},
	{
		"a unit of a command for something that it does not print",
		chip("a", "exec", `command = ["/bin/x"], units = { soil = "%" }`, `quantities = ["moisture"]`),
		`config.toml:4: sensor 1 ("a"): options.units = { soil = "%" }: "soil" is not among the quantities, want "moisture"`,
	},
	{
		"a topic for all that a device has",
		chip("a", "iio", `device = "bh1750"`, `topic = "home/light"`),
		`config.toml:5: sensor 1 ("a"): topic = "home/light": several quantities go to "home/light", want {quantity} in it, or one name in quantities`,
	},
	{
		"a filter for all that a device has",
		chip("a", "iio", `device = "bh1750"`, `filter.max = 1000`),
		`config.toml:5: sensor 1 ("a"): filter.max = 1000.0: want it for one quantity, in a table such as filter.temperature`,
	},
	{
		"a topic that another device may use",
		chip("a", "iio", `device = "bh1750"`, `topic = "{quantity}/x"`) + chip("b", "bme280", "", `quantities = ["pressure"]`, `topic = "{quantity}/x"`),
		`config.toml:10: sensor 2 ("b"): topic = "{quantity}/x": resolves to "pressure/x", already used by sensor 1 ("a")`,
	},
	{
		"a topic that another device uses for all that it may have",
		chip("a", "iio", `device = "bh1750"`, `topic = "{quantity}/x"`) + chip("b", "iio", `device = "bme680"`, `topic = "{quantity}/x"`),
		`config.toml:10: sensor 2 ("b"): topic = "{quantity}/x": resolves to "temperature/x", already used by sensor 1 ("a")`,
	},
}
