package sensors

import (
	"fmt"
	"math"
	"slices"
)

// A Derivation computes a quantity from others of the same read, after their
// calibration. Where a formula does not hold, there is no value.
type Derivation struct {
	Quantity Quantity   // with the range for which the formula holds, as the next two
	Needs    []Quantity // must be measured
	Uses     []Quantity // make the value better where they are measured
	Altitude bool       // Probe.Altitude must be set

	compute func(in map[string]float64, altitude float64) float64
}

// Derivations are the quantities that can be derived.
var Derivations = []Derivation{
	{Quantity: DewPoint.Within(-45, 60), Needs: []Quantity{magnusRange, Humidity}, compute: dewPoint},
	{Quantity: AbsoluteHumidity, Needs: []Quantity{magnusRange, Humidity}, compute: absoluteHumidity},
	{
		Quantity: SeaLevelPressure, Needs: []Quantity{Pressure}, Uses: []Quantity{magnusRange, Humidity},
		Altitude: true, compute: seaLevelPressure,
	},
}

// DerivationOf returns how a quantity can be derived, and whether it can.
func DerivationOf(name string) (Derivation, bool) {
	i := slices.IndexFunc(Derivations, func(d Derivation) bool { return d.Quantity.Name == name })
	if i < 0 {
		return Derivation{}, false
	}
	return Derivations[i], true
}

// The Magnus formula for the saturation vapour pressure over water, with the
// constants of D. Sonntag, "Important new values of the physical constants of
// 1986 …", Zeitschrift für Meteorologie 70 (1990), which WMO-No. 8, Guide to
// Instruments and Methods of Observation, volume I, annex 4.B recommends from -45
// to 60 °C. Below 0 °C, too, the relative humidity and the dew point are those
// over water, as the WMO and the makers of probes define them.
const (
	magnusA = 6.112  // hPa
	magnusB = 17.62  // 1
	magnusC = 243.12 // °C
)

var magnusRange = Temperature.Within(-45, 60)

// vapour returns the vapour pressure in hPa of air at t °C and a relative humidity
// of u percent.
func vapour(t, u float64) float64 {
	return u / 100 * magnusA * math.Exp(magnusB*t/(magnusC+t))
}

// dewPoint returns the temperature in °C at which the vapour saturates: the Magnus
// formula inverted. Dry air has none: -243.12, which is out of range.
func dewPoint(in map[string]float64, _ float64) float64 {
	x := math.Log(vapour(in[Temperature.Name], in[Humidity.Name]) / magnusA)
	if math.IsInf(x, -1) {
		return -magnusC
	}
	return magnusC * x / (magnusB - x)
}

// absoluteHumidity returns the mass of vapour in a volume of air in g/m³, by the
// law of ideal gases with the gas constant of water, 461.5 J/(kg·K) (Vaisala,
// Humidity Conversion Formulas, B210973EN, section 6: C = 2.16679 gK/J).
func absoluteHumidity(in map[string]float64, _ float64) float64 {
	t := in[Temperature.Name]
	return 216.679 * vapour(t, in[Humidity.Name]) / (t + 273.15)
}

// The atmosphere (ICAO Doc 7488/3, Manual of the ICAO Standard Atmosphere).
const (
	gravity    = 9.80665   // m/s²
	gasOfAir   = 287.05287 // J/(kg·K)
	lapse      = 0.0065    // K/m
	standardSL = 288.15    // K at sea level
	vapourCh   = 0.12      // K/hPa, as vapour thins out upwards
)

// seaLevelPressure reduces a pressure in hPa to sea level, by the method of
// WMO-No. 8, volume I, chapter 3 (there as Kp = 0.0148275 K/m and a power of 10),
// with the constants of the Deutscher Wetterdienst (VuB 2, BUFR, page 28): with the
// temperature outside, and the vapour pressure where the humidity is known.
// Without a temperature it takes that of the standard atmosphere, which gives what
// aviation calls QNH. The higher the place, the less either means.
func seaLevelPressure(in map[string]float64, altitude float64) float64 {
	p := in[Pressure.Name]
	t, known := in[Temperature.Name]
	if !known {
		return p * math.Pow(1-lapse*altitude/standardSL, -gravity/(gasOfAir*lapse))
	}
	mean := t + 273.15 + lapse*altitude/2
	if u, known := in[Humidity.Name]; known {
		mean += vapourCh * vapour(t, u)
	}
	return p * math.Exp(gravity/gasOfAir*altitude/mean)
}

// An input is a calibrated value of a read, or why there is none.
type input struct {
	value float64
	bad   *Rejection
}

// derive computes the i-th quantity of the probe.
func (p Probe) derive(i int, from map[string]input) (float64, *Rejection) {
	d, _ := DerivationOf(p.Quantities[i].Name)
	in := make(map[string]float64, len(from))
	for _, q := range slices.Concat(d.Needs, d.Uses) {
		v, there := from[q.Name]
		if !there {
			continue // one of Uses
		}
		if v.bad == nil {
			v.bad = Judge(q, v.value)
		}
		if v.bad != nil {
			return 0, &Rejection{v.bad.Reason, fmt.Sprintf("%s: %s", d.Quantity.Name, v.bad.Detail)}
		}
		in[q.Name] = v.value
	}
	return d.compute(in, p.Altitude), nil
}
