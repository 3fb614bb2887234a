package config

import (
	"reflect"

	"github.com/BurntSushi/toml"

	"sensorpub/publisher/mqtt"
	"sensorpub/sensors/drivers/option"
)

// Parse decodes and checks the text of a configuration file. It opens nothing.
// Its error is an [Errors].
func (e Environment) Parse(name string, data []byte) (*Config, error) {
	return e.parse([]*source{{name: name, text: string(data)}})
}

// parse decodes and checks the files of a configuration. The first may have all
// sections, the others only sensors.
func (e Environment) parse(files []*source) (*Config, error) {
	c := defaults()
	c.env, c.files = e, newReader()
	d := decoder{}
	var all extent
	for i, f := range files {
		f.number = i
		if f.decode(&d.Errors, &all); f.doc == nil {
			return nil, d.sorted()
		}
	}
	syntax := len(d.Errors) > 0
	d.table(files[0].root, files[0].doc, reflect.ValueOf(c).Elem())
	for _, f := range files[1:] {
		d.sensorsOnly(f)
	}
	for _, f := range files {
		d.sensors(f, c)
	}
	if root := files[0].root; len(c.Sensors) == 0 && !syntax && !root.has("sensor") {
		d.add(root, "", "sensor: missing, want at least one [[sensor]]")
	}
	k := checker{Errors: d.Errors, env: e, c: c, root: files[0].root}
	k.check()
	if len(k.Errors) > 0 {
		return nil, k.sorted()
	}
	return c, nil
}

// Options decodes a line of TOML such as options = { bus = "1" }.
func Options(line string) (map[string]any, error) {
	var doc struct{ Options map[string]any }
	_, err := toml.Decode(line, &doc)
	return doc.Options, err
}

// maxShown is how many characters of a value an error shows.
const maxShown = 80

// show formats a value as in the file, without the secrets that a URL may
// contain.
func show(key string, found any) string {
	if key == "urls" {
		found = redact(found)
	}
	s := option.Format(found)
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// redact hides what may be secret in a URL or a list of URLs.
func redact(x any) any {
	switch x := x.(type) {
	case string:
		return mqtt.Redact(x)
	case []any:
		hidden := make([]any, len(x))
		for i := range x {
			hidden[i] = redact(x[i])
		}
		return hidden
	}
	return x
}
