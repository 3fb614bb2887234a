package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// signalsOf completes the signal of each quantity of a sensor. defaults is the
// calibration of a sensor without one.
func signalsOf(errs *Errors, s *Sensor, probe sensors.Probe, defaults Calibration) []sensors.Signal {
	p, quantities := s.place, probe.Quantities
	signals := make([]sensors.Signal, len(quantities))
	copy(signals, probe.Signals)
	filters := tablesOfEach(errs, p.below("filter"), quantities, s.Filter, Filter{Confirmations: 1}, s.Filter.Of)
	calibrations := tablesOfEach(errs, p.below("calibration"), quantities,
		s.Calibration, defaults, s.Calibration.Of)
	if p.has("unit") {
		published := len(quantities) // the hidden ones are last
		for published > 0 && signals[published-1].Hidden {
			published--
		}
		checkUnits(errs, p, s.Unit, quantities[:published])
	}
	for i, q := range quantities {
		before := len(*errs)
		c, f := calibrations[i], filters[i]
		signals[i].Calibration = calibrationOf(errs, c.place, c.table)
		if len(*errs) == before {
			checkRange(errs, f.place, f.table, signals[i].Calibration, q)
		}
		checkFilter(errs, f.place, f.table)
		signals[i].Filter = sensors.Filter{
			Min: f.table.Min, Max: f.table.Max,
			MaxStep: f.table.MaxStep, Confirmations: f.table.Confirmations,
			Median: f.table.Median, EMA: f.table.EMA,
			Deadband: f.table.Deadband, Heartbeat: f.table.Heartbeat,
		}
	}
	return signals
}

// checkTables checks the tables of a sensor whose quantities are not known.
func checkTables(errs *Errors, s *Sensor) {
	p := s.place
	filter, calibration := p.below("filter"), p.below("calibration")
	checkFilter(errs, filter, s.Filter)
	calibrationOf(errs, calibration, s.Calibration)
	for _, name := range slices.Sorted(maps.Keys(s.Filter.Of)) {
		checkFilter(errs, filter.below(name), s.Filter.Of[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.Calibration.Of)) {
		calibrationOf(errs, calibration.below(name), s.Calibration.Of[name])
	}
}

// A placed is the table for one quantity, with its place.
type placed[T any] struct {
	place place
	table T
}

// tablesOfEach returns the table for each quantity: the one with its name, the
// plain one if the sensor has no other quantity, or the defaults.
func tablesOfEach[T any](errs *Errors, p place, quantities []sensors.Quantity, plain, defaults T, of map[string]T) []placed[T] {
	var names []string
	for _, q := range quantities {
		names = append(names, q.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		nested := reflect.ValueOf(of[name]).FieldByName("Of")
		for _, key := range nested.MapKeys() {
			errs.add(p.below(name), key.String(), "%s: unknown key", p.below(name).key(key.String()))
		}
		if slices.Contains(names, name) {
			continue
		}
		errs.add(p, name, "%s: no quantity of this sensor, %s", p.key(name), option.Suggest(name, names))
	}
	if len(quantities) > 1 || len(of) > 0 {
		checkPlain(errs, p, names, reflect.ValueOf(plain), reflect.ValueOf(defaults))
		plain = defaults
	}
	all := make([]placed[T], len(quantities))
	for i, name := range names {
		all[i] = placed[T]{p, plain}
		if own, ok := of[name]; ok {
			all[i] = placed[T]{p.below(name), own}
		}
	}
	return all
}

// checkPlain refuses keys outside the tables of the quantities, where it is not
// clear which quantity they are for.
func checkPlain(errs *Errors, p place, names []string, plain, defaults reflect.Value) {
	for _, f := range reflect.VisibleFields(plain.Type()) {
		value := plain.FieldByIndex(f.Index)
		key := f.Tag.Get("toml")
		if key == "" || reflect.DeepEqual(value.Interface(), defaults.FieldByIndex(f.Index).Interface()) {
			continue
		}
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		var homes []string
		for _, n := range names {
			homes = append(homes, p.table+n)
		}
		if len(homes) > 4 {
			homes = []string{"a table such as " + homes[0]}
		}
		errs.wrong(p, key, value.Interface(), "want it for one quantity, in %s", strings.Join(homes, " or "))
	}
}

// calibrationOf checks and returns a calibration.
func calibrationOf(errs *Errors, p place, c Calibration) sensors.Calibration {
	if c.Gain == 0 {
		errs.wrong(p, "gain", c.Gain, "want a number other than 0")
	}
	if len(c.Points) == 0 {
		return sensors.Calibration{Gain: c.Gain, Offset: c.Offset}
	}
	if c.Gain != 1 || c.Offset != 0 {
		errs.wrong(p, "points", c.Points, "want them without offset and gain")
	}
	good := len(c.Points) > 1
	points := make([]sensors.Point, len(c.Points))
	for i, pair := range c.Points {
		if len(pair) != 2 {
			good = false
			continue
		}
		points[i] = sensors.Point{Raw: pair[0], True: pair[1]}
		good = good && (i == 0 || points[i-1].Raw < pair[0])
	}
	if !good {
		errs.wrong(p, "points", c.Points, "want two or more pairs [raw, true], each with a greater raw than the one before")
		return sensors.Calibration{}
	}
	return sensors.Calibration{Points: points}
}

// checkRange checks whether min and max leave anything of the calibrated range
// of the driver.
func checkRange(errs *Errors, p place, f Filter, c sensors.Calibration, q sensors.Quantity) {
	if f.Min == nil && f.Max == nil {
		return
	}
	key, value := "min", f.Min
	if f.Min == nil {
		key, value = "max", f.Max
	}
	out := sensors.Signal{Calibration: c, Filter: sensors.Filter{Min: f.Min, Max: f.Max}}.Output(q)
	if out.Min > out.Max {
		least, greatest := c.Range(q.Min, q.Max)
		errs.wrong(p, key, *value, "lets no value pass, want a range within %v to %v %s", least, greatest, q.Unit)
	}
}

// checkFilter checks the keys of a filter against each other.
func checkFilter(errs *Errors, p place, f Filter) {
	if f.Median > 0 && f.Median%2 == 0 {
		errs.wrong(p, "median", f.Median, "want an odd number, or 0 for none")
	}
	if f.Median > 0 && f.EMA > 0 {
		errs.wrong(p, "ema", f.EMA, "want it without median")
	}
	if f.Confirmations != 1 && f.MaxStep == 0 {
		errs.wrong(p, "confirmations", f.Confirmations, "want max_step, without which it has no effect")
	}
	if f.Heartbeat > 0 && f.Deadband == 0 {
		errs.wrong(p, "heartbeat", f.Heartbeat, "want deadband, without which it has no effect")
	}
}
