package drivers

import (
	"context"
	"errors"
	"path/filepath"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// thermal reads the thermometers with which the kernel protects the board
// (Documentation/driver-api/thermal/sysfs-api.rst): thousandths of a degree in
// thermal_zoneN/temp.
var thermal = Driver{
	Name:       "thermal",
	Summary:    "the board's own temperature: a thermal zone of the kernel",
	Quantities: []sensors.Quantity{thermalRange},
	Accuracy:   "depends on the chip, a few degrees for a processor",
	Wiring:     "none, it is part of the board",
	Options: []option.Option{
		{Name: "zone", Default: "cpu-thermal", Doc: "type of the zone, as in /sys/class/thermal/thermal_zone*/type"},
		{Name: "path", Default: "", Doc: "part of the device path, if two zones have the same type"},
	},
	configure: configureThermal,
}

// thermalRange excludes -274 °C, the value of a zone that is disabled or not ready
// (THERMAL_TEMP_INVALID, drivers/thermal/thermal_core.h).
var thermalRange = sensors.Temperature.Within(-55, 150)

var thermalClass = class{
	noun: "thermal zone", dir: "/sys/class/thermal", prefix: "thermal_zone", name: "type",
	hint: "this kernel provides none",
}

func configureThermal(h Host, _ string, v option.Values) (sensors.Probe, error) {
	zone, path := v.String("zone"), v.String("path")
	if zone == "" {
		return sensors.Probe{}, errors.New(`options.zone = "": want the type of a zone, as in /sys/class/thermal/thermal_zone*/type`)
	}
	open := func() (sensors.Sensor, error) {
		d, err := h.choose(thermalClass, zone, path)
		if err != nil {
			return nil, err
		}
		return thermalSensor(filepath.Join(d.dir, "temp")), nil
	}
	bus := busName("thermal", zone, path)
	return sensors.Probe{Bus: bus, Source: bus, Quantities: []sensors.Quantity{thermalRange}, Open: open}, nil
}

// A thermalSensor is the file with a zone's temperature.
type thermalSensor string

// Read measures once. Reading a file cannot be cancelled, so ctx is unused.
func (s thermalSensor) Read(context.Context) ([]sensors.Measurement, error) {
	v, err := readNumber(string(s))
	if err != nil {
		return nil, err
	}
	return celsius(v / 1000), nil
}

// Close does nothing: each reading opens the file anew.
func (s thermalSensor) Close() error { return nil }

// A thermalZone is a thermal zone that was found.
type thermalZone struct {
	zone string // for options.zone
	path string // where it is attached
}

// listThermal lists the thermal zones of a machine.
func listThermal(h Host) ([]thermalZone, error) {
	all, err := h.devices(thermalClass)
	var zones []thermalZone
	for _, d := range all {
		zones = append(zones, thermalZone{d.name, d.place})
	}
	return zones, err
}
