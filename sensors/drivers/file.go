package drivers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// file reads a number from a file that the kernel provides or another program
// writes.
var file = Driver{
	Name:        "file",
	Summary:     "a number in a file, times scale plus offset",
	Quantities:  sensors.Quantities,
	Accuracy:    "depends on the file",
	AnyQuantity: true,
	Wiring:      "none; another program should replace the file with rename(2), so that it is never read half-written",
	Options: []option.Option{
		{Name: "path", Default: "", Example: "/run/probe/outside", Required: true, Doc: "absolute path of a file of 64 KiB at most"},
		{Name: "pointer", Default: "", Doc: "JSON pointer (RFC 6901) to the number in a JSON file, such as \"/outside/temperature\"; empty: the file is the number"},
		{Name: "scale", Default: 1.0, Doc: "factor for the number, such as 0.001 for thousandths"},
		{Name: "offset", Default: 0.0, Doc: "added after scaling, in unit"},
		{Name: "quantity", Default: "temperature", Doc: "one that sensorpub knows, or any other name with a unit"},
		{Name: "unit", Default: "", Doc: "unit of the number after scale and offset, such as \"°F\"; a known quantity is converted to its own unit"},
		{Name: "min", Default: 0.0, Doc: "smallest possible value, in unit; min and max both 0: the range of the quantity"},
		{Name: "max", Default: 0.0, Doc: "largest possible value, in unit"},
		{Name: "max_age", Default: time.Duration(0), Max: 366 * 86400, Doc: "reading fails if the file has not been written for that long; \"0s\": no limit"},
	},
	configure: configureFile,
}

// A fileProbe is a configured file.
type fileProbe struct {
	path          string
	pointer       []string // the elements of the JSON pointer; nil: the file is the number
	scale, offset float64
	source        source
	maxAge        time.Duration
}

func configureFile(h Host, _ string, v option.Values) (sensors.Probe, error) {
	p := fileProbe{path: v.String("path"), scale: v.Float("scale"), offset: v.Float("offset"), maxAge: v.Duration("max_age")}
	if !filepath.IsAbs(p.path) {
		return sensors.Probe{}, fmt.Errorf("options.path = %q: want an absolute path", p.path)
	}
	if p.scale == 0 {
		return sensors.Probe{}, errors.New("options.scale = 0.0: want another number, because every value would equal the offset")
	}
	var err error
	if p.pointer, err = parsePointer(v.String("pointer")); err != nil {
		return sensors.Probe{}, fmt.Errorf("options.pointer = %q: %w", v.String("pointer"), err)
	}
	if p.source, err = fileSource(v); err != nil {
		return sensors.Probe{}, err
	}
	bus := "file " + p.path
	p.path = h.kernelPath(p.path)
	open := func() (sensors.Sensor, error) { return p, nil }
	return sensors.Probe{Bus: bus, Source: strings.TrimSpace(bus + " " + v.String("pointer")), Quantities: []sensors.Quantity{p.source.Quantity}, Open: open}, nil
}

// fileSource returns the quantity that the options describe, with its range.
func fileSource(v option.Values) (source, error) {
	name, unit := v.String("quantity"), v.String("unit")
	if cause := checkUnit(name, unit); cause != "" {
		return source{}, fmt.Errorf("options.unit = %q: %s", unit, cause)
	}
	if cause := checkName(name, unit, "options.unit"); cause != "" {
		return source{}, fmt.Errorf("options.quantity = %q: %s", name, cause)
	}
	s := newSource(name, unit)
	low, high := v.Float("min"), v.Float("max")
	if low > high {
		return source{}, fmt.Errorf("options.min = %s: want less than max = %s", option.Format(low), option.Format(high))
	}
	if low != 0 || high != 0 {
		s.Quantity = s.Within(s.measured(low).Value, s.measured(high).Value)
	}
	return s, nil
}

// Read measures once. Reading a file cannot be cancelled, so ctx is unused.
func (p fileProbe) Read(context.Context) ([]sensors.Measurement, error) {
	text, written, err := readRegular(p.path, 64<<10)
	if err != nil {
		return nil, homeHint(p.path, err)
	}
	if err := p.checkAge(time.Since(written)); err != nil {
		return nil, err
	}
	text = withoutMark(text)
	if p.pointer != nil {
		text, err = follow(text, p.pointer)
	}
	var v float64
	if err == nil {
		v, err = parseNumber(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, unquoted(err))
	}
	return []sensors.Measurement{p.source.measured(v*p.scale + p.offset)}, nil
}

// maxAhead is how far ahead of this machine's clock a file's time may be.
const maxAhead = time.Minute

// checkAge returns why a file of that age is not read, or nil. One from the future
// would be read for ever.
func (p fileProbe) checkAge(age time.Duration) error {
	switch {
	case p.maxAge == 0:
		return nil
	case age > p.maxAge:
		return fmt.Errorf("%s: last written %v ago", p.path, age.Round(time.Second))
	case age < -maxAhead:
		return fmt.Errorf("%s: last written %v in the future according to this machine's clock", p.path, -age.Round(time.Second))
	}
	return nil
}

// Close does nothing: each reading opens the file anew.
func (p fileProbe) Close() error { return nil }

// parsePointer splits a JSON pointer (RFC 6901, section 3).
func parsePointer(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	elements := strings.Split(pointer, "/")
	if elements[0] != "" {
		return nil, errors.New(`want a / at its beginning, such as "/outside/temperature"`)
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i, e := range elements {
		elements[i] = unescape.Replace(e)
	}
	return elements[1:], nil
}

// follow returns what the pointer refers to in a JSON text: a number, or a string
// that may hold one.
func follow(text []byte, pointer []string) ([]byte, error) {
	for i, element := range pointer {
		at := "/" + strings.Join(pointer[:i+1], "/")
		var object map[string]json.RawMessage
		var array []json.RawMessage
		if json.Unmarshal(text, &object) == nil && object != nil {
			text = object[element]
		} else if err := json.Unmarshal(text, &array); err != nil {
			return nil, fmt.Errorf("at %s: want an object or a list of JSON", at)
		} else if n, err := strconv.ParseUint(element, 10, 31); err == nil && n < uint64(len(array)) {
			text = array[n]
		} else {
			text = nil
		}
		if text == nil {
			return nil, fmt.Errorf("at %s: nothing there", at)
		}
	}
	var word string
	if bytes.HasPrefix(text, []byte(`"`)) && json.Unmarshal(text, &word) == nil {
		return []byte(word), nil
	}
	return text, nil
}
