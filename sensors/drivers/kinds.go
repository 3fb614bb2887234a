package drivers

import (
	"fmt"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// kinds are what a kernel class measures.
type kinds []kind

type kind struct {
	quantity    sensors.Quantity
	file        string  // prefix of its files' names
	times, over float64 // convert the kernel's unit to the quantity's
}

func (k kinds) names() []string {
	var names []string
	for _, kind := range k {
		names = append(names, kind.quantity.Name)
	}
	return names
}

func (k kinds) quantities() []sensors.Quantity {
	var all []sensors.Quantity
	for _, kind := range k {
		all = append(all, kind.quantity)
	}
	return all
}

// choose returns the kinds of options.quantities, or the one of the file that the
// user named in an option.
func (k kinds) choose(v option.Values, key, file string) (kinds, error) {
	names := v.Strings("quantities")
	if file != "" {
		i := k.of(file)
		if i < 0 {
			return nil, fmt.Errorf("options.%s = %q: want a name that begins with %s", key, file, k.files())
		}
		only := k.names()[i : i+1]
		if v.Given("quantities") && !slices.Equal(names, only) {
			return nil, fmt.Errorf("options.quantities = %s: want %s with %s = %q", option.Format(names), option.Format(only), key, file)
		}
		names = only
	}
	if err := each(names, k.names()); err != nil {
		return nil, err
	}
	var chosen kinds
	for _, name := range names {
		chosen = append(chosen, k[slices.Index(k.names(), name)])
	}
	return chosen, nil
}

// of returns the index of the kind of a file's name, such as temp for temp1 or
// temp_object, or -1.
func (k kinds) of(name string) int {
	return slices.IndexFunc(k, func(k kind) bool {
		rest, found := strings.CutPrefix(name, k.file)
		rest = strings.TrimLeft(rest, "0123456789")
		return found && (rest == "" || rest[0] == '_' && strings.Trim(rest, "_abcdefghijklmnopqrstuvwxyz0123456789") == "")
	})
}

func (k kinds) files() string {
	var files []string
	for _, kind := range k {
		files = append(files, kind.file)
	}
	return option.OneOf(files)
}
