package drivers

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sensorpub/sensors"
)

// An iioChannel is one channel of an open device. Its value in the documented unit
// is (number + offset) * scale, see [iioChannel.inUnit].
type iioChannel struct {
	device string // its name, without its place
	kind   kind
	file   string // without "_input" or "_raw"
	raw    bool   // or computed by the kernel

	offsetFile, scaleFile string // "": there is none

	// What a reading has found.
	number, offset, scale float64
	fraction              bool // number was written as one
	host                  Host
}

// openChannel finds the channel of a kind.
func openChannel(h Host, d device, k kind, wanted string) (iioChannel, error) {
	names, err := iioChannels(d)
	if err != nil {
		return iioChannel{}, err
	}
	name, err := k.channel(d, names, wanted)
	if err != nil {
		return iioChannel{}, err
	}
	return channelOf(h, d, k, name), nil
}

// channelOf returns a channel of a device. A value computed by the kernel is preferred
// to a raw one.
func channelOf(h Host, d device, k kind, name string) iioChannel {
	c := iioChannel{device: d.base(), kind: k, file: filepath.Join(d.dir, "in_"+name), scale: 1, host: h}
	if isFile(c.file + "_input") {
		return c
	}
	c.raw = true
	c.offsetFile = firstFile(d, name, "offset")
	c.scaleFile = firstFile(d, name, "scale")
	if c.scaleFile == "" {
		c.scale = unscaled[unitless{c.device, k.quantity.Name}]
	}
	return c
}

// firstFile returns the file with the scale or the offset of a channel: its own, that of
// all channels of its type, or that of all channels; or "".
func firstFile(d device, name, of string) string {
	what := strings.TrimRight(name[:strings.IndexAny(name+"_-", "_-")], "0123456789")
	all := "in_" + what
	if strings.Contains(name, "-"+what) {
		all += "-" + what
	}
	for _, file := range []string{"in_" + name + "_" + of, all + "_" + of, "in_" + of, of} {
		if file = filepath.Join(d.dir, file); isFile(file) {
			return file
		}
	}
	return ""
}

func isFile(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// read measures once, in the unit of the quantity. The scale and the offset are read
// each time, as they may be set while the daemon is running.
func (c iioChannel) read() (float64, error) {
	file := c.file + "_input"
	if c.raw {
		file = c.file + "_raw"
	}
	text, err := c.host.readFile(file)
	if err != nil {
		return 0, err
	}
	if c.number, err = parseNumber(text); err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	c.fraction = strings.Contains(string(text), ".")
	if c.offsetFile != "" {
		if c.offset, err = c.host.number(c.offsetFile); err != nil {
			return 0, err
		}
	}
	if c.scaleFile != "" {
		if c.scale, err = c.host.number(c.scaleFile); err != nil {
			return 0, err
		}
	}
	if err := c.unmeasured(); err != nil {
		return 0, err
	}
	v, err := c.inUnit()
	if err != nil {
		return 0, err
	}
	return c.plausible(v * c.kind.times / c.kind.over)
}

// sibling reads another file of the device, or returns NaN.
func (c iioChannel) sibling(name string) float64 {
	v, err := c.host.number(filepath.Join(filepath.Dir(c.file), name))
	if err != nil {
		return math.NaN()
	}
	return v
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

// channel returns the wanted channel of a kind; "" means the only one that is in
// a known unit, the plain one, or the one of a supply.
func (k kind) channel(d device, names []string, wanted string) (string, error) {
	found := k.channels(d, names)
	if len(found) == 0 {
		return "", notMeasured{d.String(), k.quantity.Name}
	}
	found = slices.DeleteFunc(found, func(name string) bool { return !k.inUnit(d, name) })
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("%s gives %s as a raw number without a scale", d, k.quantity.Name)
	case wanted != "" && !slices.Contains(found, wanted):
		return "", fmt.Errorf("%s has no channel %q, found %s", d, wanted, strings.Join(found, ", "))
	case wanted != "":
		return wanted, nil
	case len(found) == 1:
		return found[0], nil
	case slices.Contains(found, k.file):
		return k.file, nil
	case k.quantity.Name == sensors.Voltage.Name && monitorsSupply(d.base()) && slices.Contains(found, "voltage1"):
		return "voltage1", nil
	}
	return "", fmt.Errorf("%s has %d channels of %s, set options.channel to one of %s", d, len(found), k.quantity.Name, strings.Join(found, ", "))
}

// inUnit reports whether a channel of the kind is computed by the kernel or has a scale.
func (k kind) inUnit(d device, name string) bool {
	_, known := unscaled[unitless{d.base(), k.quantity.Name}]
	return known || isFile(filepath.Join(d.dir, "in_"+name+"_input")) || firstFile(d, name, "scale") != ""
}

// channels returns the names of a device that belong to the kind.
func (k kind) channels(d device, names []string) []string {
	var found []string
	if k.only != "" && !matches(k.only, d.base()) {
		return nil
	}
	for _, name := range names {
		if k.has(name) {
			found = append(found, name)
		}
	}
	return found
}
