package drivers

import (
	"errors"
	"os"
	"slices"
	"strings"
)

// w1Families are the chips by the first byte of their ROM id.
var w1Families = map[string]string{
	"01": "serial number DS2401", "05": "switch DS2405", "10": "DS18S20", "12": "switch DS2406",
	"20": "converter DS2450", "22": "DS1822", "26": "battery monitor DS2438", "28": "DS18B20",
	"29": "switch DS2408", "2d": "EEPROM DS2431", "3a": "switch DS2413", "3b": "DS1825 or MAX31850",
	"42": "DS28EA00", "43": "EEPROM DS28EC20",
}

// w1 lists the chips that the kernel sees on its 1-Wire buses.
func (s Scanner) w1() []Survey {
	v := Survey{Title: "1-Wire", Looked: w1Devices}
	if _, err := os.Stat(s.Host.path(w1Devices)); err != nil {
		v.Hint = EnableW1
		return []Survey{v}
	}
	ids, masters, err := s.Host.w1Entries()
	v.Err = err
	for _, id := range ids {
		v.Finds = append(v.Finds, s.w1Find(id))
	}
	switch {
	case err != nil || len(ids) > 0:
	case masters == 0:
		v.Err, v.Hint = errors.New("the kernel supports 1-Wire, but has no bus"), EnableW1
	default:
		v.Hint = "no probe answers: check its wiring, and the pull-up of 4.7 kΩ from DQ to 3.3 V"
	}
	return []Survey{v}
}

func (s Scanner) w1Find(id string) Find {
	f := Find{Place: id, Name: w1Families[id[:2]]}
	switch {
	case id[:2] == "00":
		f.Name, f.Note = "noise", "no chip has this id: check the wiring and the pull-up"
	case f.Name == "":
		f.Name = "unknown family"
	case isW1ID(id):
		if s.Host.OneWire != nil {
			s.Host.OneWire.add(id)
		}
		f.Ready = true
		return found(f, "ds18b20", map[string]any{"id": id})
	}
	return f
}

// w1Entries lists the ROM ids on the kernel's 1-Wire buses and counts the buses.
func (h Host) w1Entries() (ids []string, masters int, err error) {
	names, err := h.names(w1Devices)
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "w1_bus_master"):
			masters++
		case len(name) == len("28-0316a2794fff") && name[2] == '-':
			ids = append(ids, name)
		}
	}
	return ids, masters, err
}

// hwmon lists the inputs of hwmon chips.
func (s Scanner) hwmon() []Survey {
	v := Survey{Title: "hwmon", Looked: hwmonClass.dir, Hint: EnableHwmon}
	inputs, err := listHwmon(s.Host)
	v.Err = err
	var places []attached
	for _, i := range inputs {
		places = append(places, attached{i.chip, i.path})
	}
	places = slices.Compact(places) // several inputs of a chip stand together
	for _, i := range inputs {
		f := Find{Place: nameOr(i.chip, i.path) + " " + i.input, Name: i.quantity + " " + i.label, Ready: true}
		f.Name = strings.TrimSpace(f.Name)
		if strings.Contains(i.path, "/thermal_zone") {
			f.Note = "same as the thermal zone below"
			v.Finds = append(v.Finds, f)
			continue
		}
		f = pick(f, "hwmon", map[string]any{"chip": i.chip, "input": i.input}, attached{i.chip, i.path}, places)
		v.Finds = append(v.Finds, noted(f, i.shunt))
	}
	return []Survey{v}
}

// iio lists the iio devices that measure a known quantity.
func (s Scanner) iio() []Survey {
	v := Survey{Title: "iio", Looked: iioClass.dir, Hint: EnableIIO}
	devices, err := listIIO(s.Host)
	v.Err = err
	var places []attached
	for _, d := range devices {
		places = append(places, attached{d.device, d.path})
	}
	places = slices.Compact(places) // several channels of a device stand together
	for _, d := range devices {
		f := Find{Place: nameOr(d.device, d.path), Name: strings.Join(d.quantities, ", "), Ready: true}
		if d.unreadable != nil {
			f.Note, f.Ready = d.unreadable.Error(), false
			v.Finds = append(v.Finds, f)
			continue
		}
		options := map[string]any{"device": d.device}
		if d.channel != "" {
			f.Place += " " + d.channel
			options["channel"] = d.channel
		} else {
			var quantities []any
			for _, q := range d.quantities {
				quantities = append(quantities, q)
			}
			options["quantities"] = quantities
		}
		v.Finds = append(v.Finds, noted(pick(f, "iio", options, attached{d.device, d.path}, places), d.shunt))
	}
	return []Survey{v}
}

// noted adds to the note of a find.
func noted(f Find, note string) Find {
	if f.Note != "" && note != "" {
		f.Note += "; "
	}
	f.Note += note
	return f
}

// thermal lists the thermal zones.
func (s Scanner) thermal() []Survey {
	v := Survey{Title: "thermal zones", Looked: thermalClass.dir, Hint: "this kernel provides no thermal zones"}
	zones, err := listThermal(s.Host)
	v.Err = err
	var places []attached
	for _, z := range zones {
		places = append(places, attached{z.zone, z.path})
	}
	for i, z := range zones {
		f := Find{Place: z.zone, Name: "the board's own temperature", Ready: true}
		v.Finds = append(v.Finds, pick(f, "thermal", map[string]any{"zone": z.zone}, places[i], places))
	}
	return []Survey{v}
}
