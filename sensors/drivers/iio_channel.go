package drivers

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An iioChannel is one channel of an open device. Its value in the documented unit
// is (number + offset) * scale, see [iioChannel.inUnit].
type iioChannel struct {
	device        string // its name, without its place
	kind          kind
	file          string
	raw           bool // or computed by the kernel
	offset, scale float64
	fraction      bool // its number was written as one
}

// openChannel finds the channel of a kind. A computed value is preferred to a raw
// one.
func openChannel(d device, k kind, wanted string) (iioChannel, error) {
	names, err := iioChannels(d)
	if err != nil {
		return iioChannel{}, err
	}
	name, err := k.channel(d, names, wanted)
	if err != nil {
		return iioChannel{}, err
	}
	file := filepath.Join(d.dir, "in_"+name)
	if _, err := os.Stat(file + "_input"); err == nil {
		return iioChannel{d.base(), k, file + "_input", false, 0, 1, false}, nil
	}
	kindFile := filepath.Join(d.dir, "in_"+k.file) // shared by all channels of the kind
	offset, err := firstNumber(0, file+"_offset", kindFile+"_offset")
	if err != nil {
		return iioChannel{}, err
	}
	otherwise, known := unscaled[d.base()]
	if !known {
		otherwise = math.NaN()
	}
	scale, err := firstNumber(otherwise, file+"_scale", kindFile+"_scale")
	if math.IsNaN(scale) {
		return iioChannel{}, fmt.Errorf("%s gives %s as a raw number without a scale", d, k.quantity.Name)
	}
	return iioChannel{d.base(), k, file + "_raw", true, offset, scale, false}, err
}

// firstNumber reads the first of the files that exists.
func firstNumber(otherwise float64, files ...string) (float64, error) {
	for _, file := range files {
		v, err := readNumber(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return v, err
		}
	}
	return otherwise, nil
}

// read measures once, in the unit of the quantity.
func (c iioChannel) read(h Host) (float64, error) {
	text, err := h.readFile(c.file)
	if err != nil {
		return 0, err
	}
	v, err := parseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.file, err)
	}
	c.fraction = strings.Contains(string(text), ".")
	if v, err = c.inUnit(v); err != nil {
		return 0, err
	}
	return c.plausible(v * c.kind.times / c.kind.over)
}

// iioChannels lists the channels of a device, such as "temp", by name.
func iioChannels(d device) ([]string, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name, found := strings.CutPrefix(e.Name(), "in_")
		input, isInput := strings.CutSuffix(name, "_input")
		raw, isRaw := strings.CutSuffix(name, "_raw")
		switch {
		case found && isInput:
			names = append(names, input)
		case found && isRaw && !slices.Contains(names, raw):
			names = append(names, raw)
		}
	}
	return slices.Compact(names), nil
}

// channel returns the wanted channel of a kind; "" means the plain one or the only
// one.
func (k kind) channel(d device, names []string, wanted string) (string, error) {
	found := k.channels(names)
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("%s measures no %s", d, k.quantity.Name)
	case wanted != "" && !slices.Contains(found, wanted):
		return "", fmt.Errorf("%s has no channel %q, found %s", d, wanted, strings.Join(found, ", "))
	case wanted != "":
		return wanted, nil
	case len(found) == 1:
		return found[0], nil
	case slices.Contains(found, k.file):
		return k.file, nil
	}
	return "", fmt.Errorf("%s has %d channels of %s, set options.channel to one of %s", d, len(found), k.quantity.Name, strings.Join(found, ", "))
}

// channels returns the names that belong to the kind.
func (k kind) channels(names []string) []string {
	var found []string
	for _, name := range names {
		if (kinds{k}).of(name) >= 0 {
			found = append(found, name)
		}
	}
	return found
}
