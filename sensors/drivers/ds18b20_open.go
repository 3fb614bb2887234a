package drivers

import (
	"errors"
	"fmt"
	"io/fs"
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
		p.last = w1Last{}
		return nil, err
	}
	s := &w1Sensor{probe: p, id: id, dir: filepath.Join(p.host.path(w1Devices), id)}
	s.master = w1MasterOf(s.dir)
	if err := setResolution(s.dir, p.resolution); err != nil {
		return nil, err
	}
	return s, nil
}

// find returns the id to open.
func (p *w1Probe) find() (string, error) {
	names, err := p.host.names(w1Devices)
	found := slices.DeleteFunc(names, func(name string) bool { return !isW1ID(name) })
	switch {
	case err != nil:
		return "", err
	case len(names) == 0:
		return "", fmt.Errorf("%s: no 1-Wire bus, enable it with raspi-config or dtoverlay=w1-gpio", p.host.path(w1Devices))
	case len(found) == 0:
		return "", errors.New("no probe answers on the 1-Wire bus, check its wiring and the pull-up of 4.7 kΩ")
	}
	return chooseW1(p.id, found)
}

// setResolution sets the probe's resolution if it differs. The kernel reads it
// back, as some clones only have 12 bits.
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
