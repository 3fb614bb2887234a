package main

import (
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors/drivers"
)

// A listedDriver is what drivers --json prints.
type listedDriver struct {
	Chip       string           `json:"chip,omitempty"` // that was asked for and has no driver of its own
	How        string           `json:"how,omitempty"`  // the driver reads it
	Driver     string           `json:"driver"`
	Summary    string           `json:"summary"`
	Simulated  bool             `json:"simulated,omitempty"`
	Quantities []listedQuantity `json:"quantities"`
	Any        bool             `json:"any_quantity,omitempty"` // others as well, with their unit
	Accuracy   string           `json:"accuracy,omitempty"`
	Wiring     string           `json:"wiring,omitempty"`
	Options    []listedOption   `json:"options"`
}

type listedQuantity struct {
	Quantity string  `json:"quantity"`
	Unit     string  `json:"unit"`
	Min      float64 `json:"min"`
	Max      float64 `json:"max"`
}

type listedOption struct {
	Option   string `json:"option"`
	Kind     string `json:"kind"`
	Required bool   `json:"required"`
	Default  string `json:"default,omitempty"` // as in TOML
	Doc      string `json:"doc"`
}

// driverJSON formats a driver and, where it was asked for, the chip that it
// serves.
func driverJSON(d drivers.Driver, chip, how string) string {
	l := listedDriver{
		Chip: chip, How: how, Driver: d.Name, Summary: d.Summary, Simulated: d.Simulated, Any: d.AnyQuantity,
		Quantities: []listedQuantity{}, Accuracy: d.Accuracy, Wiring: d.Wiring, Options: []listedOption{},
	}
	for _, q := range d.Quantities {
		l.Quantities = append(l.Quantities, listedQuantity{q.Name, q.Unit, q.Min, q.Max})
	}
	for _, o := range d.Options {
		listed := listedOption{Option: o.Name, Kind: kindOf(o), Required: o.Required, Doc: o.Doc}
		if !o.Required {
			listed.Default = o.Format(o.Default)
		}
		l.Options = append(l.Options, listed)
	}
	return terminal.JSON(l)
}
