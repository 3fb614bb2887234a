package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// suggest says what an unknown key was probably meant to be, or where it
// belongs.
func suggest(p place, given map[string]any, key string, known []string) string {
	if p.section == "broker" && strings.HasPrefix(key, "pass") {
		return `want password_file, or the systemd credential "mqtt-password"`
	}
	if isOption(given["driver"], key) {
		return "it belongs in options = { … }"
	}
	if homes := homesOf(key); len(homes) > 0 {
		return "it belongs " + strings.Join(homes, " or ")
	}
	if !isBareKey(key) {
		return "want " + option.OneOf(known)
	}
	return option.Suggest(key, known)
}

// NoSensor returns the error of a command that was given the name of an unknown
// sensor.
func (c *Config) NoSensor(name string) error {
	var names []string
	for _, s := range c.Sensors {
		names = append(names, s.Name)
	}
	return fmt.Errorf("find sensor %s: not in the configuration, %s", show("name", name), option.Suggest(name, names))
}

// isOption reports whether the driver has an option with that name.
func isOption(driver any, key string) bool {
	name, _ := driver.(string)
	d, err := drivers.Lookup(name)
	return err == nil && d.Has(key)
}

// homesOf returns where a key would be valid that is unknown where it is: keys
// are easily put below the wrong [section].
func homesOf(key string) []string {
	var homes []string
	sections("", reflect.TypeFor[Config](), func(header string, keys []string) {
		switch {
		case !slices.Contains(keys, key):
		case header == "":
			homes = append(homes, "at the top, before the first [section]")
		default:
			homes = append(homes, "in "+header)
		}
	})
	return homes
}

// sections calls visit for each section of the configuration with its header,
// such as [broker.tls], and its keys.
func sections(path string, t reflect.Type, visit func(header string, keys []string)) {
	header := path
	if path != "" {
		header = "[" + path + "]"
	}
	if path == "sensor" {
		header = "[[sensor]]"
	}
	var keys []string
	below := func() {}
	for _, f := range reflect.VisibleFields(t) {
		name, ft := f.Tag.Get("toml"), f.Type
		if ft == reflect.TypeFor[[]Sensor]() {
			ft = ft.Elem()
		}
		switch {
		case name == "":
		case ft.Kind() == reflect.Struct:
			before := below
			below = func() {
				before()
				sections(strings.TrimPrefix(path+"."+name, "."), ft, visit)
			}
		default:
			keys = append(keys, name)
		}
	}
	visit(header, keys)
	below()
}
