package config

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"sensorpub/sensors/drivers/option"
)

// A decoder fills structs from tables of TOML. It is strict and does not stop
// at an error: it notes each with its place, the value found and what would be
// right, and leaves the default where a value is wrong.
//
// The fields' tags are: toml, the key; min and max, closed limits of a number
// or a duration; oneof, the strings allowed; later, set where the feature is
// still to come and only the default is accepted; each, set on a map of structs
// of the same type that has a table of its own for each quantity.
type decoder struct {
	errs Errors
}

// A place is where a key stands: in a section, or at the top where section is
// "", and there perhaps in a table of a name.
type place struct {
	section string // "broker", or sensor 1 ("outside")
	table   string // "tls."
}

// below returns the place of the keys in the table of that name.
func (p place) below(name string) place {
	if p.section == "" {
		return place{section: name}
	}
	return place{p.section, p.table + name + "."}
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// key returns how to write a key at that place: "broker: tls.ca_file".
func (p place) key(name string) string {
	if !bareKey.MatchString(name) {
		name = show("", name)
	}
	if p.section == "" {
		return name
	}
	return p.section + ": " + p.table + name
}

// wrong notes a value and what would be right.
func (d *decoder) wrong(p place, key string, found any, want string) {
	d.errs.add("%s = %s: %s", p.key(key), show(key, found), want)
}

// table fills a struct from a table.
func (d *decoder) table(p place, given map[string]any, into reflect.Value) {
	var known []string
	each, defaults := tableOfEach(into), reflect.New(into.Type()).Elem()
	defaults.Set(into)
	for _, f := range reflect.VisibleFields(into.Type()) {
		name := f.Tag.Get("toml")
		if name == "" {
			continue
		}
		known = append(known, name)
		if found, ok := given[name]; ok {
			d.field(p, f, found, into.FieldByIndex(f.Index))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		sub, isTable := given[key].(map[string]any)
		switch {
		case slices.Contains(known, key):
		case each.IsValid() && isTable:
			of := reflect.New(into.Type()).Elem()
			of.Set(defaults)
			d.table(p.below(key), sub, of)
			each.SetMapIndex(reflect.ValueOf(key), of)
		default:
			d.errs.add("%s: unknown key, %s", p.key(key), suggest(p, given, key, known))
		}
	}
}

// tableOfEach returns the empty map for the tables of each quantity, if the
// struct has one.
func tableOfEach(into reflect.Value) reflect.Value {
	for i := range into.NumField() {
		if f := into.Field(i); into.Type().Field(i).Tag.Get("each") != "" {
			f.Set(reflect.MakeMap(f.Type()))
			return f
		}
	}
	return reflect.Value{}
}

// field fills one field, which holds its default.
func (d *decoder) field(p place, f reflect.StructField, found any, into reflect.Value) {
	name := f.Tag.Get("toml")
	switch {
	case f.Type == reflect.TypeFor[[]Sensor]():
		return // decoded last, because its defaults are what the rest says
	case f.Type.Kind() == reflect.Struct:
		sub, ok := found.(map[string]any)
		if !ok {
			d.wrong(p, name, found, "want a table")
			return
		}
		d.table(p.below(name), sub, into)
		return
	}
	value, err := convert(f, into.Interface(), found)
	switch {
	case err != nil:
		d.wrong(p, name, found, err.Error())
	case f.Tag.Get("later") != "" && !reflect.DeepEqual(value, into.Interface()):
		d.wrong(p, name, found, "not supported by this version, want "+option.Format(into.Interface()))
	default:
		into.Set(reflect.ValueOf(value))
	}
}

// sensors decodes the list of [[sensor]] tables.
func (d *decoder) sensors(found any, c *Config) {
	tables, ok := tablesOf(found)
	if !ok {
		d.wrong(place{}, "sensor", found, "want [[sensor]], with double brackets")
		return
	}
	for i, given := range tables {
		s := c.defaultSensor()
		s.given = given
		d.table(sensorPlace(i, given["name"]), given, reflect.ValueOf(&s).Elem())
		c.Sensors = append(c.Sensors, s)
	}
}

// sensorPlace names a sensor by its number, counted from 1, and its name.
func sensorPlace(i int, name any) place {
	if s, ok := name.(string); ok {
		return place{section: fmt.Sprintf("sensor %d (%s)", i+1, show("name", s))}
	}
	return place{section: fmt.Sprintf("sensor %d", i+1)}
}

// tablesOf returns the elements of [[name]] or of name = [{…}, {…}].
func tablesOf(x any) ([]map[string]any, bool) {
	if tables, ok := x.([]map[string]any); ok {
		return tables, true
	}
	list, ok := x.([]any)
	tables := make([]map[string]any, len(list))
	for i := range list {
		var isTable bool
		tables[i], isTable = list[i].(map[string]any)
		ok = ok && isTable
	}
	return tables, ok
}
