package drivers

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A class is a kernel directory with one entry for each device. The number in an
// entry's name depends on the order of detection and changes between boots, so a
// device is selected by its name and place.
type class struct {
	noun   string // for its entries in errors
	dir    string
	prefix string // of its entries
	name   string // the file with the device's name
	hint   string // what to do if there is none
}

// A device is an entry of a class.
type device struct {
	name  string // what its driver calls it: "lm75"
	dir   string // with its files
	place string // where it is attached: "/sys/devices/platform/soc/fe804000.i2c/i2c-1/1-0048"
}

// devices returns the entries of a class by name and place. A class that the kernel does
// not have is empty.
func (h Host) devices(c class) ([]device, error) {
	dir := h.path(c.dir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []device
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), c.prefix) {
			continue
		}
		d := device{dir: filepath.Join(dir, e.Name())}
		d.place = h.place(d.dir)
		name, err := readSysfs(filepath.Join(d.dir, c.name))
		if older := filepath.Join(d.dir, "device"); errors.Is(err, fs.ErrNotExist) && isFile(filepath.Join(older, c.name)) {
			d.dir = older // of a driver that uses hwmon_device_register
			name, err = readSysfs(filepath.Join(d.dir, c.name))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			continue // it has just gone
		}
		if d.name = strings.TrimSpace(string(name)); d.String() == "" {
			continue // a link to a device that has just gone
		}
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b device) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.place, b.place))
	})
	return all, nil
}

// place returns where an entry of a class is attached in the kernel's device tree,
// without the entry's own number.
func (h Host) place(dir string) string {
	at, err := filepath.EvalSymlinks(filepath.Join(dir, "device"))
	if err != nil {
		if at, err = filepath.EvalSymlinks(dir); err != nil {
			return ""
		}
		at = strings.TrimSuffix(filepath.Dir(at), "/hwmon")
	}
	if root, err := filepath.EvalSymlinks(h.path("/")); err == nil && root != "/" {
		at = strings.TrimPrefix(at, root)
	}
	return at
}

// at reports whether path is part of the device's place: one or more whole elements,
// such as "1-0048".
func (d device) at(path string) bool {
	return strings.Contains(d.place+"/", "/"+strings.Trim(path, "/")+"/")
}

// called reports whether name is that of the device. The kernel adds the place to some
// names, as in dht11@4.
func (d device) called(name string) bool { return d.name == name || d.base() == name }

// String returns the name or, if there is none, the end of the place.
func (d device) String() string { return nameOr(d.name, d.place) }

// base returns the name without the place.
func (d device) base() string {
	base, _, _ := strings.Cut(d.name, "@")
	return base
}

// choose returns the only device with that name and path, either of which may be empty.
func (h Host) choose(c class, name, path string) (device, error) {
	all, err := h.devices(c)
	if err != nil {
		return device{}, err
	}
	var found []device
	var names, places []string
	for _, d := range all {
		names = append(names, d.String())
		if (name == "" || d.called(name)) && (path == "" || d.at(path)) {
			found = append(found, d)
			places = append(places, d.place)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(all) == 0:
		return device{}, fmt.Errorf("%s: no %s, %s", h.path(c.dir), c.noun, c.hint)
	case len(found) == 0:
		return device{}, fmt.Errorf("no %s%s, found %s", c.noun, chosenBy(name, path), strings.Join(slices.Compact(names), ", "))
	}
	return device{}, fmt.Errorf("%d %ss%s, set options.path to a part of one of %s", len(found), c.noun, chosenBy(name, path), strings.Join(places, ", "))
}

// chosenBy formats a choice for an error.
func chosenBy(name, path string) string {
	var words string
	if name != "" {
		words = fmt.Sprintf(" %q", name)
	}
	if path != "" {
		words += fmt.Sprintf(" at %q", path)
	}
	return words
}

// busName returns the bus of a device that the kernel reads. The kernel serialises the
// devices of a wire, so each has its own bus here.
func busName(kind, name, path string) string {
	return strings.Join(strings.Fields(kind+" "+name+" "+path), " ")
}
