package config

var badQuantities = []badConfig{
	{
		"a quantity that the chip does not measure",
		chip("a", "bmp280", "", `quantities = ["temperature", "humidity"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["temperature", "humidity"]: "humidity" is no quantity of this sensor, want "temperature" or "pressure"`,
	},
	{
		"a quantity that is misspelt",
		chip("a", "bme280", "", "quantities = [\n  \"humidty\"]"),
		`config.toml:4: sensor 1 ("a"): quantities = ["humidty"]: "humidty" is no quantity of this sensor, did you mean "humidity"?`,
	},
	{
		"a quantity that a driver with an option for it does not know",
		chip("a", "mock", "", `quantities = ["temprature"]`),
		`config.toml:4: sensor 1 ("a"): quantities = ["temprature"]: "temprature" is no quantity of this sensor, did you mean "temperature"?`,
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
		"a unit for a quantity that is not published",
		chip("a", "bme280", "", `quantities = ["humidity"]`, `unit = "°F"`),
		`config.toml:5: sensor 1 ("a"): unit = ["°F"]: "°F" is for no quantity of this sensor, whose units are fixed`,
	},
}
