package config

import (
	"strings"

	"sensorpub/cmd/sensorpub/fixture"
)

// badSignals are errors in filters, calibrations and units.
var badSignals = []badConfig{
	{
		"a filter that is not a number",
		fixture.OneSensor + `filter = { min = "0", max = inf }`,
		"config.toml: 2 errors\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.min = "0": want a number` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.max = +inf: want a number`,
	},
	{
		"a filter that lets nothing pass",
		fixture.OneSensor + "filter = { min = 5, max = 4 }",
		`config.toml:6: sensor 1 ("outside"): filter.min = 5.0: lets no value pass, want a range within -273.15 to 1800 °C`,
	},
	{
		"tables of a sensor whose options are wrong",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { valuess = [1] }\nfilter = { median = 2, humidity = { heartbeat = \"1m\" } }\n" +
			"calibration = { gain = 0, humidity = { points = [[1, 2]] } }",
		"config.toml: 5 errors\n" +
			`  config.toml:4: sensor 1 ("outside"): options.valuess: unknown key, did you mean "values"?` + "\n" +
			`  config.toml:5: sensor 1 ("outside"): filter.median = 2: want an odd number, or 0 for none` + "\n" +
			`  config.toml:5: sensor 1 ("outside"): filter.humidity.heartbeat = "1m": want deadband, without which it has no effect` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): calibration.gain = 0.0: want a number other than 0` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): calibration.humidity.points = [[1.0, 2.0]]: want two or more pairs [raw, true], each with a greater raw than the one before`,
	},
	{
		"a filter above what the probe measures",
		fixture.OneSensor + "filter = { min = 5000 }",
		`config.toml:6: sensor 1 ("outside"): filter.min = 5000.0: lets no value pass, want a range within -273.15 to 1800 °C`,
	},
	{
		"a filter below what the probe measures",
		fixture.OneSensor + "filter = { max = -300.5 }",
		`config.toml:6: sensor 1 ("outside"): filter.max = -300.5: lets no value pass, want a range within -273.15 to 1800 °C`,
	},
	{
		"a filter above what the calibration makes possible",
		fixture.OneSensor + "filter = { min = 1800.5 }\ncalibration = { offset = -1 }",
		`config.toml:6: sensor 1 ("outside"): filter.min = 1800.5: lets no value pass, want a range within -274.15 to 1799 °C`,
	},
	{
		"a plain filter for several quantities",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\nfilter = { max = 5 }",
		`config.toml:5: sensor 1 ("outside"): filter.max = 5.0: want it for one quantity, in filter.temperature or filter.humidity`,
	},
	{
		"a plain calibration for several quantities",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\ncalibration = { offset = 5, gain = 2 }",
		"config.toml: 2 errors\n" +
			`  config.toml:5: sensor 1 ("outside"): calibration.offset = 5.0: want it for one quantity, in calibration.temperature or calibration.humidity` + "\n" +
			`  config.toml:5: sensor 1 ("outside"): calibration.gain = 2.0: want it for one quantity, in calibration.temperature or calibration.humidity`,
	},
	{
		"a plain filter beside that of the quantity",
		fixture.OneSensor + "filter = { median = 3, temperature = { ema = 0.5 } }",
		`config.toml:6: sensor 1 ("outside"): filter.median = 3: want it for one quantity, in filter.temperature`,
	},
	{
		"a filter for a quantity that is misspelt",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\nfilter = { humidty = { max = 5 } }",
		`config.toml:5: sensor 1 ("outside"): filter.humidty: no quantity of this sensor, did you mean "humidity"?`,
	},
	{
		"a calibration for a quantity that the sensor does not have",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\ncalibration = { pressure = { offset = 5 } }",
		`config.toml:5: sensor 1 ("outside"): calibration.pressure: no quantity of this sensor, want "temperature" or "humidity"`,
	},
	{
		"a filter of a quantity in that of another",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\nfilter = { humidity = { max = 5, temperature = { min = 5 } } }",
		`config.toml:5: sensor 1 ("outside"): filter.humidity.temperature: unknown key`,
	},
	{
		"a key that is misspelt in the filter of a quantity",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\nfilter = { humidity = { max_stp = 5, ema = 2 } }",
		"config.toml: 2 errors\n" +
			`  config.toml:5: sensor 1 ("outside"): filter.humidity.ema = 2: want a number from 0 to 1` + "\n" +
			`  config.toml:5: sensor 1 ("outside"): filter.humidity.max_stp: unknown key, did you mean "max_step"?`,
	},
	{
		"a filter for one of several quantities that lets nothing pass",
		"[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\noptions = { quantities = [\"temperature\", \"humidity\"] }\nfilter = { humidity = { min = 101 } }",
		`config.toml:5: sensor 1 ("outside"): filter.humidity.min = 101.0: lets no value pass, want a range within 0 to 100 %`,
	},
	{
		"a step below nothing",
		fixture.OneSensor + "filter = { max_step = -1, deadband = -0.1, ema = -0.1, heartbeat = \"-1s\" }",
		"config.toml: 4 errors\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.max_step = -1: want a number, 0 or more` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.ema = -0.1: want a number from 0 to 1` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.deadband = -0.1: want a number, 0 or more` + "\n" +
			`  config.toml:6: sensor 1 ("outside"): filter.heartbeat = "-1s": want a duration such as "10s", 0s or more`,
	},
	{
		"a median without a middle",
		fixture.OneSensor + "filter = { median = 4 }",
		`config.toml:6: sensor 1 ("outside"): filter.median = 4: want an odd number, or 0 for none`,
	},
	{
		"a median and an average",
		fixture.OneSensor + "filter = { median = 3, ema = 0.5 }",
		`config.toml:6: sensor 1 ("outside"): filter.ema = 0.5: want it without median`,
	},
	{
		"no confirmation",
		fixture.OneSensor + "filter = { max_step = 5, confirmations = 0 }",
		`config.toml:6: sensor 1 ("outside"): filter.confirmations = 0: want an integer from 1 to 1000`,
	},
	{
		"confirmations of no step",
		fixture.OneSensor + "filter = { confirmations = 2 }",
		`config.toml:6: sensor 1 ("outside"): filter.confirmations = 2: want max_step, without which it has no effect`,
	},
	{
		"a heartbeat without a deadband",
		fixture.OneSensor + "filter = { heartbeat = \"5m\" }",
		`config.toml:6: sensor 1 ("outside"): filter.heartbeat = "5m": want deadband, without which it has no effect`,
	},
	{
		"a calibration that makes all values one",
		fixture.OneSensor + "calibration = { gain = 0 }",
		`config.toml:6: sensor 1 ("outside"): calibration.gain = 0.0: want a number other than 0`,
	},
	{
		"points and a gain",
		fixture.OneSensor + "calibration = { gain = 2, points = [[0, 1], [2, 3]] }",
		`config.toml:6: sensor 1 ("outside"): calibration.points = [[0.0, 1.0], [2.0, 3.0]]: want them without offset and gain`,
	},
	{
		"one point",
		fixture.OneSensor + "calibration = { points = [[0, 1]] }",
		`config.toml:6: sensor 1 ("outside"): calibration.points = [[0.0, 1.0]]: want two or more pairs [raw, true], each with a greater raw than the one before`,
	},
	{
		"points that are not pairs",
		fixture.OneSensor + "calibration = { points = [[0, 1], [2, 3, 4]] }",
		`config.toml:6: sensor 1 ("outside"): calibration.points = [[0.0, 1.0], [2.0, 3.0, 4.0]]: want two or more pairs [raw, true], each with a greater raw than the one before`,
	},
	{
		"points that do not rise",
		fixture.OneSensor + "calibration = { points = [[0, 1], [0, 2]] }",
		`config.toml:6: sensor 1 ("outside"): calibration.points = [[0.0, 1.0], [0.0, 2.0]]: want two or more pairs [raw, true], each with a greater raw than the one before`,
	},
	{
		"a unit that nobody uses",
		fixture.OneSensor + "unit = \"R\"",
		`config.toml:6: sensor 1 ("outside"): unit = "R": want "°C", "°F", "K", "hPa", "kPa", "Pa", "mbar", "mmHg" or "inHg"`,
	},
	{
		"a unit without its degree sign",
		fixture.OneSensor + "unit = \"F\"",
		`config.toml:6: sensor 1 ("outside"): unit = "F": did you mean "°F"?`,
	},
	{
		"a unit in words, among others",
		fixture.OneSensor + "unit = [\"hPa\", \"Fahrenheit\"]",
		`config.toml:6: sensor 1 ("outside"): unit = ["hPa", "Fahrenheit"]: did you mean "°F"?`,
	},
	{
		"a unit of another quantity",
		fixture.OneSensor + "unit = \"inHg\"",
		`config.toml:6: sensor 1 ("outside"): unit = ["inHg"]: "inHg" applies to no quantity of this sensor, want "°C", "°F" or "K"`,
	},
	{
		"a unit of a quantity that has one only",
		strings.ReplaceAll(fixture.OneSensor, "values = [28.4]", "quantities = [\"humidity\"]") + "unit = \"K\"",
		`config.toml:6: sensor 1 ("outside"): unit = ["K"]: "K" applies to no quantity of this sensor, whose units are fixed`,
	},
	{
		"two units of one quantity",
		fixture.OneSensor + "unit = [\"°F\", \"K\"]",
		`config.toml:6: sensor 1 ("outside"): unit = ["°F", "K"]: want either "°F" or "K"`,
	},
	{
		"two units of one quantity for all sensors",
		"publish.unit = [\"hPa\", \"°F\", \"mbar\"]" + fixture.OneSensor,
		`config.toml:1: publish: unit = ["hPa", "°F", "mbar"]: want either "hPa" or "mbar"`,
	},
	{
		"a time to go stale without a unit",
		fixture.OneSensor + "stale_after = 60",
		`config.toml:6: sensor 1 ("outside"): stale_after = 60: want a duration such as "10s", 0s or more`,
	},
	{
		"clearing what never goes stale",
		fixture.OneSensor + "clear_stale = true",
		`config.toml:6: sensor 1 ("outside"): clear_stale = true: want stale_after too, which says when`,
	},
	{
		"a flag that is a string",
		fixture.OneSensor + "clear_stale = \"yes\"",
		`config.toml:6: sensor 1 ("outside"): clear_stale = "yes": want true or false`,
	},
}
