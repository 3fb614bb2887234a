package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/sensors"
)

// A value is a sample of a quantity's metric.
type value struct {
	metric, kind, unit string
	value              float64
	labels             []label
}

// readings adds the newest value of each reading, in one metric for each
// quantity, and when it was measured. While a sensor fails its values are left out:
// Prometheus would take them for current ones.
func (e *exposition) readings(all []daemon.Sensor) {
	var values []value
	const timestamp = "sensorpub_reading_timestamp_seconds"
	var times exposition
	times.family(timestamp, gauge, "When the newest value was measured, in seconds since 1970.")
	for _, s := range all {
		for _, n := range s.Readings {
			v := valueOf(n.Raw)
			if stateOf(s) == good {
				values = append(values, v)
			}
			if at := n.Raw.Time; !at.Before(sensors.Epoch) {
				times.sample(timestamp, float64(at.UnixMilli())/1e3, v.labels...)
			}
		}
	}
	slices.SortStableFunc(values, func(a, b value) int { return cmp.Compare(a.metric, b.metric) })
	for i, v := range values {
		if i == 0 || v.metric != values[i-1].metric {
			e.family(v.metric, v.kind, "Newest value"+unitsOf(values[i:])+".")
		}
		e.sample(v.metric, v.value, v.labels...)
	}
	e.b = append(e.b, times.b...)
}

// unitsOf returns the units of the first metric of values, for its help: ", in L",
// or nothing if its name has it.
func unitsOf(values []value) string {
	var units []string
	for _, v := range values {
		if v.metric == values[0].metric && v.unit != "" && !slices.Contains(units, v.unit) {
			units = append(units, v.unit)
		}
	}
	if len(units) == 0 {
		return ""
	}
	return ", in " + strings.Join(units, " or ")
}

// valueOf returns the sample of a reading: in the base unit if its quantity is a
// known one, else in its own.
func valueOf(r sensors.Reading) value {
	v := value{kind: gauge, value: r.Value, unit: r.Unit, labels: []label{{"sensor", r.Sensor}, {"quantity", r.Quantity}}}
	q, known := sensors.QuantityNamed(r.Quantity)
	if known && slices.Contains(sensors.Units(r.Unit), q.Unit) {
		v.value, v.unit = sensors.Convert(r.Value, r.Unit, q.Unit), q.Unit
	}
	if !known || v.unit != q.Unit {
		v.metric = "sensorpub_" + freeName(r.Quantity)
		return v
	}
	v.metric, v.value, v.unit = "sensorpub_"+q.Metric, plain(v.value*q.Base), ""
	if q.StateClass == sensors.Rising {
		v.kind = counter
	}
	return v
}

// freeName returns a metric's name for a quantity outside the table, one that no
// other metric has.
func freeName(quantity string) string {
	name := metricName(quantity)
	taken := slices.ContainsFunc(sensors.Quantities, func(q sensors.Quantity) bool { return q.Metric == name })
	for _, own := range []string{"build_", "mqtt_", "quantity_", "reading_", "readings_", "scheduler_", "sensor_", "spool_"} {
		taken = taken || strings.HasPrefix(name, own)
	}
	if taken {
		return "quantity_" + name
	}
	return name
}

// plain returns v without the noise of a multiplication: 101528.1, not
// 101528.09999999999.
func plain(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	return v
}
