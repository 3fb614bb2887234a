package drivers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sensorpub/sensors"
)

// open finds the probe and sets its resolution.
func (p *w1Probe) open() (sensors.Sensor, error) {
	id, err := p.find()
	if err != nil {
		// It has lost its power, so what it read before says nothing of what
		// it reads next.
		p.lastID = ""
		return nil, err
	}
	s := &w1Sensor{probe: p, id: id, dir: filepath.Join(p.devices, id)}
	s.master = w1MasterOf(s.dir)
	if err := setResolution(s.dir, p.resolution); err != nil {
		return nil, err
	}
	return s, nil
}

// find returns the id to open.
func (p *w1Probe) find() (string, error) {
	entries, err := os.ReadDir(p.devices)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: no 1-Wire bus, enable it with raspi-config or dtoverlay=w1-gpio", p.devices)
	}
	if err != nil {
		return "", err
	}
	var found []string // sorted, as ReadDir gives them
	for _, e := range entries {
		if w1ID.MatchString(e.Name()) {
			found = append(found, e.Name())
		}
	}
	switch {
	case p.id != "" && slices.Contains(found, p.id):
		return p.id, nil
	case len(found) == 0:
		return "", errors.New("no probe answers on the 1-Wire bus, check its wiring and the pull-up of 4.7 kΩ")
	case p.id != "":
		return "", fmt.Errorf("%s does not answer, found %s", p.id, strings.Join(found, ", "))
	case len(found) > 1:
		return "", fmt.Errorf("%d probes answer, set options.id to one of %s", len(found), strings.Join(found, ", "))
	}
	return found[0], nil
}

// setResolution writes the probe's resolution where it differs. The kernel
// reads it back from the probe, as some clones take only 12 bits.
func setResolution(dir string, bits int64) error {
	if bits == 0 {
		return nil
	}
	file := filepath.Join(dir, "resolution")
	now, err := readSysfs(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set resolution: %s has none to set, leave the option out", filepath.Base(dir))
	}
	want := strconv.FormatInt(bits, 10)
	if err == nil && strings.TrimSpace(string(now)) != want {
		err = writeSysfs(file, want+"\n")
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("set resolution: %w, allow it with a udev rule or leave the option out", err)
	}
	if err != nil {
		return fmt.Errorf("set resolution: %w", err)
	}
	return nil
}
