package drivers

import (
	"errors"
	"fmt"
	"slices"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

func namesOf(quantities []sensors.Quantity) (names []string) {
	for _, q := range quantities {
		names = append(names, q.Name)
	}
	return names
}

// each checks that there is at least one name, and none twice.
func each(names []string) error {
	if len(names) == 0 {
		return errors.New("options.quantities = []: want at least one")
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("options.quantities = %s: %q is listed twice", option.Format(names), name)
		}
	}
	return nil
}
