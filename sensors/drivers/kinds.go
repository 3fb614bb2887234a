package drivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// kinds are what a kernel class measures.
type kinds []kind

type kind struct {
	quantity sensors.Quantity
	// file begins its files' names: what is measured and, after a "_", of what.
	file        string
	times, over float64 // convert the kernel's unit to the quantity's
	bare        bool    // names with anything more, such as "_ir", are not of the kind
	only        string  // pattern of the devices that have it; "": any
}

func (k kinds) names() []string { return sensors.Names(k.quantities()) }

func (k kinds) quantities() []sensors.Quantity {
	var all []sensors.Quantity
	for _, kind := range k {
		all = append(all, kind.quantity)
	}
	return all
}

// choose returns the kinds of options.quantities, or the one of the file that the
// user named in an option, or all: then it is up to the device which it has.
func (k kinds) choose(v option.Values, key, file string) (chosen kinds, optional bool, err error) {
	names := v.Strings("quantities")
	if file != "" {
		i := k.of(file)
		if i < 0 {
			return nil, false, fmt.Errorf("options.%s = %q: want a name that begins with %s", key, file, k.files())
		}
		only := k.names()[i : i+1]
		if len(names) > 0 && !slices.Equal(names, only) {
			return nil, false, fmt.Errorf("options.quantities = %s: want %s with %s = %q", option.Format(names), option.Format(only), key, file)
		}
		names = only
	}
	if len(names) == 0 {
		return k, true, nil
	}
	if err := each(names); err != nil {
		return nil, false, err
	}
	for _, name := range names {
		chosen = append(chosen, k[slices.Index(k.names(), name)])
	}
	return chosen, false, nil
}

// refusals say why devices cannot be read at all: their kernel drivers do not return
// what they measure.
type refusals []struct {
	device string // pattern of its name, see path.Match
	why    string
}

// of returns why a device cannot be read through a class, or nil.
func (r refusals) of(d device, class string) error {
	for _, refused := range r {
		if matches(refused.device, d.base()) {
			return fmt.Errorf("%s cannot be read through %s: %s", d.base(), class, refused.why)
		}
	}
	return nil
}

// openKinds opens what the device has of each kind. If they are optional, a kind that
// it does not have, or has more than once, is left out, unless it has no other.
func openKinds[R any](all kinds, optional bool, d device, open func(kind) (R, error)) (readers []R, err error) {
	for _, k := range all {
		r, cause := open(k)
		if cause == nil {
			readers = append(readers, r)
			continue
		}
		if !optional {
			return nil, cause
		}
		if missing := new(notMeasured); err == nil && !errors.As(cause, missing) {
			err = cause
		}
	}
	switch {
	case len(readers) > 0:
		return readers, nil
	case err == nil:
		err = fmt.Errorf("%s measures nothing that is known", d)
	}
	return nil, err
}

// readKinds reads each. If they are optional, one that the chip does not give just now is
// left out, such as the resistance of a BME680 whose heater is cold, or an input that is
// turned off; all together fail only if each does.
func readKinds[R any](readers []R, optional bool, read func(R) (sensors.Measurement, error)) ([]sensors.Measurement, error) {
	var out []sensors.Measurement
	var failed error
	for _, r := range readers {
		m, err := read(r)
		switch {
		case err == nil:
			out = append(out, m)
		case !optional || !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENODATA) && !errors.Is(err, syscall.EOPNOTSUPP):
			return nil, err
		default:
			failed = err
		}
	}
	if len(out) == 0 {
		return nil, failed
	}
	return out, nil
}

// notMeasured is the error of a device that does not have a quantity at all.
type notMeasured struct{ device, quantity string }

func (n notMeasured) Error() string { return fmt.Sprintf("%s measures no %s", n.device, n.quantity) }

// of returns the index of the kind of a file's name, or -1.
func (k kinds) of(name string) int {
	return slices.IndexFunc(k, func(k kind) bool { return k.has(name) })
}

// has reports whether a file's name is of the kind: "temp1", "temp_object",
// "voltage0-voltage1" and "concentration_co2" are of temp, temp, voltage and
// concentration_co2.
func (k kind) has(name string) bool {
	what, of, _ := strings.Cut(k.file, "_")
	rest, found := cutNumbered(name, what)
	if difference, is := cutNumbered(rest, "-"+what); is {
		rest = difference
	}
	if of != "" && found {
		rest, found = strings.CutPrefix(rest, "_"+of)
	}
	more := len(rest) > 1 && rest[0] == '_' && strings.Trim(rest, "_abcdefghijklmnopqrstuvwxyz0123456789") == ""
	return found && (rest == "" || more && !k.bare)
}

// cutNumbered returns name without the prefix and the digits after it.
func cutNumbered(name, prefix string) (rest string, found bool) {
	rest, found = strings.CutPrefix(name, prefix)
	if !found {
		return name, false
	}
	return strings.TrimLeft(rest, "0123456789"), true
}

func (k kinds) files() string {
	var files []string
	for _, kind := range k {
		files = append(files, kind.file)
	}
	return option.OneOf(files)
}

// monitorsSupply reports whether a chip measures the current and the voltage of one
// supply. The kernel numbers the voltage of its shunt 0 and the one that people mean,
// that of the supply, 1 (Documentation/hwmon/ina2xx.rst and ina238.rst;
// drivers/iio/adc/ina2xx-adc.c).
func monitorsSupply(chip string) bool {
	return matches("ina2[0-9][0-9]", chip) || matches("sy24655", chip)
}
