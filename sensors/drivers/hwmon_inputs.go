package drivers

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sensorpub/sensors"
)

var hwmonClass = class{
	noun: "hwmon chip", dir: "/sys/class/hwmon", prefix: "hwmon", name: "name",
	hint: "load the chip's driver, for one on I²C with dtoverlay=i2c-sensor",
}

// A hwmonInput is one input of a chip.
type hwmonInput struct {
	name  string // "temp1"
	label string // "Composite"; "" for most
}

func (i hwmonInput) String() string {
	if i.label == "" {
		return i.name
	}
	return fmt.Sprintf("%s (%s)", i.name, i.label)
}

// hwmonInputs lists the inputs of known kinds, in the order of kinds and numbers.
func hwmonInputs(d device) ([]hwmonInput, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var all []hwmonInput
	for _, e := range entries {
		name, found := strings.CutSuffix(e.Name(), "_input")
		if !found || hwmonKinds.of(name) < 0 {
			continue
		}
		label, _ := readSysfs(filepath.Join(d.dir, name+"_label")) // few have one
		all = append(all, hwmonInput{name, strings.TrimSpace(string(label))})
	}
	slices.SortFunc(all, func(a, b hwmonInput) int {
		return cmp.Or(cmp.Compare(hwmonKinds.of(a.name), hwmonKinds.of(b.name)),
			cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name)) // temp2 before temp10
	})
	return all, nil
}

// choose returns the input of a kind that the options select, or of several voltages
// the one of a supply.
func (p hwmonProbe) choose(d device, k kind, all []hwmonInput) (string, error) {
	var candidates, found []string
	for _, i := range all {
		if !k.has(i.name) {
			continue
		}
		candidates = append(candidates, i.String())
		if (p.input == "" || p.input == i.name) && (p.label == "" || p.label == i.label) {
			found = append(found, i.name)
		}
	}
	chosen := p.input + p.label // at most one is given
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(candidates) == 0:
		return "", notMeasured{d.String(), k.quantity.Name}
	case chosen == "" && k.quantity.Name == sensors.Voltage.Name && monitorsSupply(d.name) && slices.Contains(found, "in1"):
		return "in1", nil
	case len(found) == 0:
		return "", fmt.Errorf("%s has no input %q, found %s", d, chosen, strings.Join(candidates, ", "))
	}
	return "", fmt.Errorf("%s has %d inputs, set options.input to one of %s", d, len(found), strings.Join(found, ", "))
}

// A chipInput is an input and its chip.
type chipInput struct {
	chip     string // for options.chip
	path     string // where the chip is attached
	input    string // for options.input: "temp1"
	label    string // "" for most
	quantity string
	shunt    string // what the kernel assumes for a current or a power; "": unknown
}

// listHwmon lists the inputs of the hwmon chips of a machine, without 1-Wire
// thermometers, which [W1Probes] lists.
func listHwmon(h Host) ([]chipInput, error) {
	chips, err := h.devices(hwmonClass)
	var inputs []chipInput
	for _, d := range chips {
		all, err := hwmonInputs(d)
		if err != nil || d.name == w1Hwmon || hwmonRefused.of(d, "hwmon") != nil {
			continue // it has just gone, or is none of ours
		}
		for _, i := range all {
			quantity := hwmonKinds[hwmonKinds.of(i.name)].quantity.Name
			inputs = append(inputs, chipInput{d.name, d.place, i.name, i.label, quantity, shuntOf(d, i.name, quantity)})
		}
	}
	return inputs, err
}
