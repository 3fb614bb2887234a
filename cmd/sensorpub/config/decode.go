package config

import (
	"maps"
	"reflect"
	"slices"
)

// A decoder fills structs from TOML tables. It is strict and does not stop at
// the first error: it records each one with its place, the value found and what
// would be right, and keeps the default.
//
// Field tags: toml is the key; min and max are inclusive limits of a number or
// a duration; oneof lists the allowed strings; each marks a map of structs of the
// same type, one table for each quantity.
type decoder struct {
	Errors
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
		case slices.Contains(known, key) || d.full():
		case each.IsValid() && isTable:
			of := reflect.New(into.Type()).Elem()
			of.Set(defaults)
			d.table(p.below(key), sub, of)
			each.SetMapIndex(reflect.ValueOf(key), of)
		default:
			d.add(p, key, "%s: unknown key, %s", p.key(key), suggest(p, given, key, known))
		}
	}
}

// tableOfEach returns an empty map for the tables of each quantity, if the
// struct has such a field.
func tableOfEach(into reflect.Value) reflect.Value {
	for i := range into.NumField() {
		if f := into.Field(i); into.Type().Field(i).Tag.Get("each") != "" {
			f.Set(reflect.MakeMap(f.Type()))
			return f
		}
	}
	return reflect.Value{}
}

// field fills one field, which holds its default so far.
func (d *decoder) field(p place, f reflect.StructField, found any, into reflect.Value) {
	name := f.Tag.Get("toml")
	switch {
	case f.Type == reflect.TypeFor[[]Sensor]():
		return // decoded last, because its defaults come from the rest
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
		d.wrong(p, name, found, "%v", err)
	default:
		into.Set(reflect.ValueOf(value))
	}
}

// sensorsOnly refuses everything but sensors in a file of conf.d.
func (d *decoder) sensorsOnly(f *source) {
	for _, key := range slices.Sorted(maps.Keys(f.doc)) {
		if key != "sensor" {
			d.add(f.root, key, "%s: only [[sensor]] is allowed in %s", f.root.key(key), confDir)
		}
	}
}

// sensors decodes the [[sensor]] tables of a file.
func (d *decoder) sensors(f *source, c *Config) {
	found, ok := f.doc["sensor"]
	if !ok {
		return
	}
	tables, ok := tablesOf(found)
	if !ok {
		d.wrong(f.root, "sensor", found, "want [[sensor]], with double brackets")
		return
	}
	if len(tables) == 0 {
		d.add(f.root, "sensor", "sensor = []: want at least one [[sensor]]")
	}
	list := f.root.node.key("sensor")
	for i, given := range tables {
		if d.full() {
			return
		}
		s := c.defaultSensor()
		s.place = place{f, sensorSection(len(c.Sensors)+1, given["name"]), "", list.elem(i), f.root.lineOf("sensor")}
		if s.node != nil {
			s.line = s.node.line
		}
		d.table(s.place, given, reflect.ValueOf(&s).Elem())
		c.Sensors = append(c.Sensors, s)
	}
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
