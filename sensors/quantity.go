package sensors

import (
	"fmt"
	"math"
)

// A Quantity is what is measured: its name, its unit, and the closed range outside
// of which a value of the probe cannot be true.
type Quantity struct {
	Name string  // as in topics: "temperature"
	Unit string  // as in Home Assistant's device classes: "°C"
	Min  float64 // smallest plausible value, in Unit
	Max  float64 // largest plausible value, in Unit
}

// The common quantities, with the widest range of any known probe. A driver
// narrows it to its chip with [Quantity.Within].
var (
	Temperature = Quantity{Name: "temperature", Unit: "°C", Min: -273.15, Max: 1800}
	Humidity    = Quantity{Name: "humidity", Unit: "%", Min: 0, Max: 100}
	Pressure    = Quantity{Name: "pressure", Unit: "hPa", Min: 10, Max: 2000}
	CO2         = Quantity{Name: "co2", Unit: "ppm", Min: 0, Max: 40000}
)

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
		return &Rejection{OutRange, fmt.Sprintf("%s is %g %s, possible are %g to %g", q.Name, v, q.Unit, q.Min, q.Max)}
	}
	return nil
}
