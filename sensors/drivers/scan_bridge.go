package drivers

import (
	"fmt"
	"maps"
	"slices"
)

// probesOf returns a find for each thermometer behind a 1-Wire bridge, or the find
// itself if it is not a bridge, or none can be found. Looking for them takes commands,
// which could come between those of a daemon.
func (l *i2cLook) probesOf(f Find, addr uint16) []Find {
	if f.Driver != ds2482.Name || l.Passive {
		return []Find{f}
	}
	ids, err := thermometers(&bridge{tap: &tap{Bus: l.bus, addr: addr, place: f.Place}})
	if err != nil {
		return []Find{{Place: f.Place, Name: "unknown chip", Note: err.Error()}}
	}
	var finds []Find
	for channel := range 8 {
		for _, id := range ids[channel] {
			one := Find{Place: fmt.Sprintf("%s %s", f.Place, id), Name: w1Families[id[:2]], Driver: f.Driver, Options: maps.Clone(f.Options)}
			one.Options["id"] = id
			if channel > 0 {
				one.Options["io"] = int64(channel)
			}
			finds = append(finds, one)
		}
	}
	if len(finds) == 0 {
		f.Note = "no thermometer answers behind it"
		return []Find{f}
	}
	return finds
}

// thermometers returns the ids behind a bridge by its channel; a DS2482-100 or
// DS2484 has channel 0 only.
func thermometers(b *bridge) (map[int][]string, error) {
	if err := b.prepare(); err != nil {
		return nil, err
	}
	ids := make(map[int][]string)
	for channel := range 8 {
		b.io, b.many = channel, channel > 0
		if err := b.prepare(); err != nil {
			break // it has no such channel
		}
		found, err := b.Search(false)
		if err != nil {
			continue // nothing answers on this channel
		}
		for _, rom := range found {
			if id := w1IDOfROM(rom); isW1ID(id) {
				ids[channel] = append(ids[channel], id)
			}
		}
		slices.Sort(ids[channel])
	}
	return ids, nil
}
