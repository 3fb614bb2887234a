package config

import (
	"reflect"
	"slices"
	"strings"
)

// A Difference is what a reload changes.
type Difference struct {
	added, changed, removed []string // sensors
	reopened                []string // those of changed whose probe is opened again
	Session                 bool     // a new session is needed
	queue, homeAssistant    bool
	keepRemoved             bool
}

// Diff compares two configurations.
func Diff(old, c *Config) Difference {
	d := Difference{
		Session: !reflect.DeepEqual(old.Broker, c.Broker) ||
			old.Node != c.Node || old.Machine != c.Machine || old.Availability.Topic != c.Availability.Topic ||
			old.BirthTopic() != c.BirthTopic() || old.ReportsTopic() != c.ReportsTopic(),
		queue:         old.Queue != c.Queue,
		homeAssistant: old.HomeAssistant != c.HomeAssistant,
		keepRemoved:   old.Publish.KeepRemoved != c.Publish.KeepRemoved,
	}
	names := func(c *Config) (names []string) {
		for _, s := range c.Sensors {
			names = append(names, s.Name)
		}
		return names
	}
	before, after := names(old), names(c)
	for i, name := range after {
		j := slices.Index(before, name)
		switch {
		case j < 0:
			d.added = append(d.added, name)
		case !sameProbe(old, j, c, i):
			d.reopened = append(d.reopened, name)
			d.changed = append(d.changed, name)
		case !reflect.DeepEqual(old.Sensors[j].Routes, c.Sensors[i].Routes),
			old.Sensors[j].Area != c.Sensors[i].Area, old.Sensors[j].Identity != c.Sensors[i].Identity:
			d.changed = append(d.changed, name)
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			d.removed = append(d.removed, name)
		}
	}
	return d
}

// sameProbe reports whether the i-th sensor of a is read and filtered like the
// j-th of b, however it is published. Writing down an option's default counts
// as a change, because a driver can see the difference.
func sameProbe(a *Config, i int, b *Config, j int) bool {
	p, q := a.Probes[i], b.Probes[j]
	p.Open, q.Open = nil, nil // functions cannot be compared; these follow from the options
	o, n := a.Sensors[i].Options, b.Sensors[j].Options
	return reflect.DeepEqual(p, q) && (len(o)+len(n) == 0 || reflect.DeepEqual(o, n))
}

// Keeps reports whether a sensor continues as it is, with its probe open.
func (d Difference) Keeps(name string) bool {
	return !slices.Contains(slices.Concat(d.added, d.reopened, d.removed), name)
}

// Args returns the attributes for the log, none if nothing differs.
func (d Difference) Args() []any {
	var args []any
	for _, list := range []struct {
		key   string
		names []string
	}{{"added", d.added}, {"changed", d.changed}, {"removed", d.removed}} {
		if len(list.names) > 0 {
			args = append(args, list.key, strings.Join(list.names, ", "))
		}
	}
	if d.queue {
		args = append(args, "queue", "changed")
	}
	if d.homeAssistant {
		args = append(args, "homeassistant", "changed")
	}
	if d.keepRemoved {
		args = append(args, "keep_removed", "changed")
	}
	if d.Session {
		args = append(args, "session", "new")
	}
	return args
}

// KeepFixed restores the values of old that cannot change while the daemon is
// running, and returns the keys of those that differ.
func (c *Config) KeepFixed(old *Config) (keys []string) {
	for name, pair := range map[string][2]reflect.Value{
		"spool": {reflect.ValueOf(old.Spool), reflect.ValueOf(&c.Spool).Elem()},
		"http":  {reflect.ValueOf(old.HTTP), reflect.ValueOf(&c.HTTP).Elem()},
	} {
		was, is := pair[0], pair[1]
		for i := range was.NumField() {
			if !reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
				keys = append(keys, name+"."+was.Type().Field(i).Tag.Get("toml"))
			}
		}
		is.Set(was)
	}
	slices.Sort(keys)
	return keys
}
