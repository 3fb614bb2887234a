package drivers

import (
	"fmt"
	"slices"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// known are the quantities whose unit and range are fixed.
var known = []sensors.Quantity{sensors.Temperature, sensors.Humidity, sensors.Pressure, sensors.CO2}

func knownNames() []string {
	var names []string
	for _, q := range known {
		names = append(names, q.Name)
	}
	return names
}

// chooseKnown returns the known quantities with these names, each once.
func chooseKnown(names []string) ([]sensors.Quantity, error) {
	if err := each(names, knownNames()); err != nil {
		return nil, err
	}
	var chosen []sensors.Quantity
	for _, name := range names {
		chosen = append(chosen, known[slices.Index(knownNames(), name)])
	}
	return chosen, nil
}

// each checks that there is at least one name, and none twice.
func each(names, known []string) error {
	if len(names) == 0 {
		return fmt.Errorf("options.quantities = []: want at least one of %s", option.OneOf(known))
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("options.quantities = %s: %q is listed twice", option.Format(names), name)
		}
	}
	return nil
}
