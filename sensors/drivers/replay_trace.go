package drivers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// A traceRow is a line of a trace: either a value or an error.
type traceRow struct {
	time             time.Time
	sensor, quantity string
	value            float64
	failure          error // nil: value is one
}

// traceHeader is the first line of a trace.
var traceHeader = []string{"time", "sensor", "quantity", "value", "unit", "error"}

// parseTrace reads the output of sensorpub read --csv. It returns the rows in order of
// time.
func parseTrace(text []byte) ([]traceRow, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.ReuseRecord = true
	cells, err := r.Read()
	if err == io.EOF || err == nil && !slices.Equal(cells, traceHeader) {
		return nil, fmt.Errorf("want the header %q", strings.Join(traceHeader, ","))
	}
	var rows []traceRow
	for ; err == nil; cells, err = r.Read() {
		if slices.Equal(cells, traceHeader) {
			continue // the first line, or that of an appended recording
		}
		row, err := parseRow(cells)
		if err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
	if err != io.EOF {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b traceRow) int { return a.time.Compare(b.time) })
	return rows, nil
}

// parseRow reads the cells of a row and converts its value to the unit of its
// quantity. It keeps none of the cells.
func parseRow(cells []string) (traceRow, error) {
	at, err := time.Parse(time.RFC3339Nano, cells[0])
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return traceRow{}, fmt.Errorf("time is %.60q, want one such as 2026-01-02T03:04:05.678Z", cells[0])
	}
	if cells[1] == "" {
		return traceRow{}, errors.New("sensor is empty, want its name")
	}
	row := traceRow{time: at, sensor: strings.Clone(cells[1]), quantity: strings.Clone(cells[2])}
	if cells[5] != "" {
		row.failure = recordedError(strings.Clone(cells[5]))
		return row, nil
	}
	if row.value, err = parseNumber([]byte(cells[3])); err != nil {
		return traceRow{}, fmt.Errorf("value: %w", err)
	}
	i := slices.Index(knownNames(), row.quantity)
	if i < 0 || cells[4] == known[i].Unit {
		return row, nil
	}
	units := sensors.Units(known[i].Unit)
	if !slices.Contains(units, cells[4]) {
		if units == nil {
			units = []string{known[i].Unit}
		}
		return traceRow{}, fmt.Errorf("unit is %.60q, want %s for %s", cells[4], option.OneOf(units), row.quantity)
	}
	row.value = sensors.Convert(row.value, cells[4], known[i].Unit)
	return row, nil
}

// recordedReasons are those of drivers and of the range.
var recordedReasons = []sensors.Reason{sensors.CRC, sensors.PowerOn, sensors.AllZero, sensors.OutRange, sensors.NotNumber, sensors.Fault, sensors.Late}

// recordedError restores a rejection, or any other error.
func recordedError(text string) error {
	_, rejected, _ := strings.Cut(text, "rejected (")
	reason, detail, ok := strings.Cut(rejected, "): ")
	if ok && slices.Contains(recordedReasons, sensors.Reason(reason)) {
		return &sensors.Rejection{Reason: sensors.Reason(reason), Detail: detail}
	}
	return errors.New(strings.TrimPrefix(text, "read: "))
}

// A moment is the result of one reading and its time since the first.
type moment struct {
	at     time.Duration
	values []sensors.Measurement
	err    error
}

// momentsOf selects the rows of a sensor and joins those of each reading.
func momentsOf(rows []traceRow, sensor string, quantities []sensors.Quantity) ([]moment, error) {
	rows, err := rowsOf(rows, sensor)
	if err != nil {
		return nil, err
	}
	var moments []moment
	start := rows[0].time
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].time.Equal(rows[0].time) {
			n++
		}
		m := join(rows[:n], quantities)
		m.at = rows[0].time.Sub(start)
		moments, rows = append(moments, m), rows[n:]
	}
	return moments, nil
}

// rowsOf returns the rows of a sensor; "" means the only one.
func rowsOf(rows []traceRow, sensor string) ([]traceRow, error) {
	var names []string
	var found []traceRow
	for _, r := range rows {
		if !slices.Contains(names, r.sensor) {
			names = append(names, r.sensor)
		}
		if sensor == "" || r.sensor == sensor {
			found = append(found, r)
		}
	}
	switch {
	case len(rows) == 0:
		return nil, errors.New("the trace has no rows")
	case sensor == "" && len(names) > 1:
		return nil, fmt.Errorf("the trace is of %d sensors, set options.sensor to one of %s", len(names), option.OneOf(names))
	case len(found) == 0:
		return nil, fmt.Errorf("the trace has no sensor %q, found %s", sensor, option.OneOf(names))
	}
	return found, nil
}

// join turns the rows of one reading into a moment, with the quantities in the wanted
// order. If one of them failed, the reading has failed.
func join(rows []traceRow, quantities []sensors.Quantity) moment {
	m := moment{values: make([]sensors.Measurement, len(quantities))}
	for _, r := range rows {
		if r.failure != nil {
			return moment{err: r.failure}
		}
		if i := slices.IndexFunc(quantities, func(q sensors.Quantity) bool { return q.Name == r.quantity }); i >= 0 {
			m.values[i] = sensors.Measurement{Quantity: r.quantity, Value: r.value}
		}
	}
	for i, q := range quantities {
		if m.values[i].Quantity == "" {
			return moment{err: fmt.Errorf("no %s is recorded", q.Name)}
		}
	}
	return m
}
