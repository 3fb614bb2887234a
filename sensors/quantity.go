package sensors

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A Quantity is what is measured: its name, its unit, and the closed range outside
// which a value cannot be true. The other fields are its names in Home Assistant and
// Prometheus.
type Quantity struct {
	Name string  // as in topics: "temperature"
	Unit string  // as Home Assistant writes it: "°C"; "": it has none
	Min  float64 // smallest plausible value, in Unit
	Max  float64 // largest plausible value, in Unit

	DeviceClass string  // of Home Assistant; "": it has none
	StateClass  string  // of Home Assistant: Measured or Rising
	Metric      string  // name in Prometheus, in the base unit, without "sensorpub_"
	Base        float64 // value in the base unit = value in Unit * Base
}

// The state classes of Home Assistant.
const (
	Measured = "measurement"
	Rising   = "total_increasing" // a meter that only rises, or starts again from 0
)

// The known quantities, with the widest range of any known probe. A driver narrows
// it to its chip with [Quantity.Within]. The device classes and their units are
// those of https://developers.home-assistant.io/docs/core/entity/sensor.
var (
	Temperature  = Quantity{"temperature", "°C", -273.15, 1800, "temperature", Measured, "temperature_celsius", 1}
	Humidity     = Quantity{"humidity", "%", 0, 100, "humidity", Measured, "humidity_ratio", 0.01}
	Pressure     = Quantity{"pressure", "hPa", 10, 2000, "atmospheric_pressure", Measured, "pressure_pascals", 100}
	CO2          = Quantity{"co2", "ppm", 0, 40000, "carbon_dioxide", Measured, "co2_ppm", 1}
	VOC          = Quantity{"voc", "ppb", 0, 60000, "volatile_organic_compounds_parts", Measured, "voc_ppb", 1}
	VOCIndex     = Quantity{"voc_index", "", 0, 500, "aqi", Measured, "voc_index", 1}
	PM1          = Quantity{"pm1", "µg/m³", 0, 10000, "pm1", Measured, "pm1_micrograms_per_cubic_meter", 1}
	PM25         = Quantity{"pm25", "µg/m³", 0, 10000, "pm25", Measured, "pm25_micrograms_per_cubic_meter", 1}
	PM10         = Quantity{"pm10", "µg/m³", 0, 10000, "pm10", Measured, "pm10_micrograms_per_cubic_meter", 1}
	Illuminance  = Quantity{"illuminance", "lx", 0, 250000, "illuminance", Measured, "illuminance_lux", 1}
	Voltage      = Quantity{"voltage", "V", -1000, 1000, "voltage", Measured, "voltage_volts", 1}
	Current      = Quantity{"current", "A", -1000, 1000, "current", Measured, "current_amperes", 1}
	Power        = Quantity{"power", "W", -1e6, 1e6, "power", Measured, "power_watts", 1}
	Energy       = Quantity{"energy", "kWh", 0, 1e9, "energy", Rising, "energy_joules_total", 3.6e6}
	Resistance   = Quantity{"resistance", "Ω", 0, 1e9, "", Measured, "resistance_ohms", 1}
	Conductivity = Quantity{"conductivity", "µS/cm", 0, 1e6, "conductivity", Measured, "conductivity_siemens_per_meter", 1e-4}
	PH           = Quantity{"ph", "", 0, 14, "ph", Measured, "ph", 1}
	Moisture     = Quantity{"moisture", "%", 0, 100, "moisture", Measured, "moisture_ratio", 0.01}
	Distance     = Quantity{"distance", "m", 0, 10000, "distance", Measured, "distance_meters", 1}
	Frequency    = Quantity{"frequency", "Hz", 0, 1e10, "frequency", Measured, "frequency_hertz", 1}
	Rotation     = Quantity{"rotation", "rpm", 0, 1e6, "", Measured, "rotation_rpm", 1}
	Count        = Quantity{"count", "", 0, 1 << 53, "", Rising, "count_total", 1}

	DewPoint         = Quantity{"dew_point", "°C", -100, 100, "temperature", Measured, "dew_point_celsius", 1}
	AbsoluteHumidity = Quantity{"absolute_humidity", "g/m³", 0, 600, "absolute_humidity", Measured, "absolute_humidity_grams_per_cubic_meter", 1}
	SeaLevelPressure = Quantity{"sea_level_pressure", "hPa", 850, 1100, "atmospheric_pressure", Measured, "sea_level_pressure_pascals", 100}
)

// Quantities are the known ones, in the order of the documentation.
var Quantities = []Quantity{
	Temperature, Humidity, Pressure, CO2, VOC, VOCIndex, PM1, PM25, PM10, Illuminance, Voltage, Current, Power, Energy,
	Resistance, Conductivity, PH, Moisture, Distance, Frequency, Rotation, Count,
	DewPoint, AbsoluteHumidity, SeaLevelPressure,
}

// QuantityNamed returns the known quantity of a name, and whether there is one.
func QuantityNamed(name string) (Quantity, bool) { return Find(Quantities, name) }

// Find returns the quantity of a name among several, and whether it is there.
func Find(all []Quantity, name string) (Quantity, bool) {
	i := index(all, name)
	if i < 0 {
		return Quantity{}, false
	}
	return all[i], true
}

// index returns the index of the quantity of a name, or -1.
func index(all []Quantity, name string) int {
	return slices.IndexFunc(all, func(q Quantity) bool { return q.Name == name })
}

// Names returns the names of quantities.
func Names(all []Quantity) (names []string) {
	for _, q := range all {
		names = append(names, q.Name)
	}
	return names
}

// OtherQuantity returns a quantity that is not among the known ones: it has no device
// class, and any finite value may be true.
func OtherQuantity(name, unit string) Quantity {
	return Quantity{Name: name, Unit: unit, Min: -1e12, Max: 1e12, StateClass: Measured, Base: 1}
}

// Within returns q with the range min to max, in the unit of q.
func (q Quantity) Within(min, max float64) Quantity {
	q.Min, q.Max = min, max
	return q
}

// Judge returns why v cannot be a true value of q, or nil.
func Judge(q Quantity, v float64) *Rejection {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return &Rejection{NotNumber, fmt.Sprintf("%s is %v", q.Name, v)}
	case v < q.Min || v > q.Max:
		return &Rejection{OutRange, fmt.Sprintf("%s is %s, the range is %s to %s", q.Name, strings.TrimSpace(plain(v)+" "+q.Unit), plain(q.Min), plain(q.Max))}
	}
	return nil
}

// plain writes a number without an exponent, unless it has very many digits.
func plain(v float64) string {
	if math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
