package drivers

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// traceHeader is the first line of a trace.
var traceHeader = []string{"time", "sensor", "quantity", "value", "unit", "error"}

// maxListed is how many sensors of a trace an error lists.
const maxListed = 20

// parseTrace reads the output of sensorpub read --csv and keeps the rows of a sensor;
// "" means the only one. The units of quantities that are not known are those of
// the sources.
func parseTrace(text io.Reader, sensor string, sources []source) (*trace, error) {
	r := csv.NewReader(withoutMarkAhead(text))
	r.ReuseRecord = true
	cells, err := r.Read()
	if err == io.EOF || err == nil && !slices.Equal(cells, traceHeader) {
		return nil, fmt.Errorf("want the header %q", strings.Join(traceHeader, ","))
	}
	p := traceParser{trace: &trace{texts: []string{""}}, known: map[string]int32{"": 0}, sensor: sensor, sources: sources}
	for ; err == nil; cells, err = r.Read() {
		if slices.Equal(cells, traceHeader) {
			continue // the first line, or that of an appended recording
		}
		if err := p.add(cells); err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if err != io.EOF {
		return nil, err
	}
	return p.finish()
}

// withoutMarkAhead skips a byte order mark.
func withoutMarkAhead(text io.Reader) io.Reader {
	r := bufio.NewReader(text)
	if start, _ := r.Peek(3); len(withoutMark(start)) < len(start) {
		r.Discard(3)
	}
	return r
}

// A traceParser collects the rows of a trace.
type traceParser struct {
	*trace
	known   map[string]int32 // the index of each of the first texts
	sensor  string           // "": the only one
	sources []source         // what is to be played
	sensors []string         // found, up to maxListed
	more    bool             // there are more than maxListed
}

// maxRepeated is how many texts are recognised when they come again. A trace of as
// many errors as rows has no use for it.
const maxRepeated = 1000

// intern returns the index of a text, which is stored once if it is among the first.
func (p *traceParser) intern(text string) int32 {
	i, ok := p.known[text]
	if !ok {
		text = strings.Clone(text) // that of the reader is a part of its line
		i = int32(len(p.texts))
		p.texts = append(p.texts, text)
		if i < maxRepeated {
			p.known[text] = i
		}
	}
	return i
}

// add takes the cells of a row.
func (p *traceParser) add(cells []string) error {
	row, err := parseRow(cells)
	if err != nil {
		return err
	}
	sensor := cells[1]
	if p.sensors == nil {
		p.sensors = []string{strings.Clone(sensor)}
	}
	if wanted := cmp.Or(p.sensor, p.sensors[0]); sensor == wanted {
		if err := p.checkUnit(cells); err != nil {
			return err
		}
		row.quantity, row.failure = p.intern(cells[2]), p.intern(cells[5])
		p.rows = append(p.rows, row)
	}
	if !slices.Contains(p.sensors, sensor) {
		if len(p.sensors) == maxListed {
			p.more = true
		} else {
			p.sensors = append(p.sensors, strings.Clone(sensor))
		}
	}
	return nil
}

// checkUnit refuses a value of a quantity that is not known in another unit than
// that of its source.
func (p *traceParser) checkUnit(cells []string) error {
	for _, s := range p.sources {
		if _, known := sensors.QuantityNamed(s.Name); s.Name == cells[2] && !known && cells[4] != s.from && cells[5] == "" {
			return fmt.Errorf("unit is %.60q, want %q for %s", cells[4], s.from, s.Name)
		}
	}
	return nil
}

// parseRow reads the cells of a row and converts its value to the unit of its
// quantity.
func parseRow(cells []string) (traceRow, error) {
	at, err := time.Parse(time.RFC3339Nano, cells[0])
	if err != nil || at.Year() < 1970 || at.Year() > 2200 {
		return traceRow{}, fmt.Errorf("time is %.60q, want one such as 2026-01-02T03:04:05.678Z", cells[0])
	}
	if cells[1] == "" {
		return traceRow{}, errors.New("sensor is empty, want its name")
	}
	row := traceRow{at: at.UnixNano()}
	if cells[5] == "" {
		row.value, err = valueIn(cells[2], cells[3], cells[4])
	}
	return row, err
}

// valueIn returns a recorded value in the quantity's own unit.
func valueIn(quantity, value, unit string) (float64, error) {
	v, err := parseNumber([]byte(value))
	if err != nil {
		return 0, fmt.Errorf("value: %w", err)
	}
	q, known := sensors.QuantityNamed(quantity)
	if !known || unit == q.Unit {
		return v, nil
	}
	units := sensors.Units(q.Unit)
	if !slices.Contains(units, unit) {
		if units == nil {
			units = []string{q.Unit}
		}
		return 0, fmt.Errorf("unit is %.60q, want %s for %s", unit, option.OneOf(units), quantity)
	}
	v = sensors.Convert(v, unit, q.Unit)
	if math.IsInf(v, 0) {
		return 0, reject(sensors.OutRange, "%.20s %s is too large", value, unit)
	}
	return v, nil
}

// finish sorts the rows and finds the moments.
func (p *traceParser) finish() (*trace, error) {
	switch found := option.OneOf(p.sensors); {
	case len(p.sensors) == 0:
		return nil, errors.New("the trace has no rows")
	case p.more && (p.sensor == "" || len(p.rows) == 0):
		return nil, fmt.Errorf("the trace is of more than %d sensors, set options.sensor to one of them, such as %q", maxListed, p.sensors[0])
	case p.sensor == "" && len(p.sensors) > 1:
		return nil, fmt.Errorf("the trace is of %d sensors, set options.sensor to one of %s", len(p.sensors), found)
	case len(p.rows) == 0:
		return nil, fmt.Errorf("the trace has no sensor %q, found %s", p.sensor, found)
	}
	t := p.trace
	slices.SortStableFunc(t.rows, func(a, b traceRow) int { return int(min(max(a.at-b.at, -1), 1)) })
	for i, r := range t.rows {
		if i == 0 || r.at != t.rows[i-1].at {
			t.starts = append(t.starts, int32(i))
		}
	}
	return t, nil
}
