package main

import (
	"encoding/json"
	"fmt"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/sensors/drivers"
)

// A scanned is what scan --json prints: a find, or why a bus could not be looked
// at.
type scanned struct {
	Bus      string         `json:"bus"`
	Place    string         `json:"place,omitempty"`
	Name     string         `json:"name,omitempty"`
	Driver   string         `json:"driver,omitempty"`
	Options  map[string]any `json:"options,omitempty"`
	Readings []scannedValue `json:"readings,omitempty"`
	Note     string         `json:"note,omitempty"`
	Load     []string       `json:"load,omitempty"`
	Error    string         `json:"error,omitempty"`
	Hint     string         `json:"hint,omitempty"`
}

type scannedValue struct {
	Quantity string          `json:"quantity"`
	Value    json.RawMessage `json:"value"`
	Unit     string          `json:"unit"`
}

// objects prints an object for each find of a survey.
func (p *scanPrinter) objects(v drivers.Survey, read findReader) {
	for _, f := range v.Finds {
		s := scanned{Bus: v.Title, Place: f.Place, Name: f.Name, Driver: f.Driver, Options: f.Options, Note: f.Note, Load: f.Load}
		readings, err := read(f)
		if err != nil {
			s.Error = err.Error()
		}
		for _, r := range readings {
			b, err := publisher.Text{Precision: scanPrecision}.Encode(r)
			if err != nil {
				s.Error = err.Error()
				continue
			}
			s.Readings = append(s.Readings, scannedValue{r.Quantity, b, r.Unit})
		}
		fmt.Fprintln(p.w, terminal.JSON(s))
	}
	if v.Err != nil {
		fmt.Fprintln(p.w, terminal.JSON(scanned{Bus: v.Title, Error: v.Err.Error(), Hint: terminal.Hint(v.Hint, p.superuser)}))
	}
}
