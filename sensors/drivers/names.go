package drivers

import (
	"errors"
	"fmt"
	"slices"

	"sensorpub/sensors/drivers/option"
)

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
