package config

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// required are the keys without a default.
var required = map[string]bool{"name": true, "driver": true, "options": true}

func exampleConfig(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "config.toml.example"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// uncommented uncomments the lines "# key = value".
func uncommented(text string) string {
	return regexp.MustCompile(`(?m)^# ([a-z_]+ = )`).ReplaceAllString(text, "$1")
}

func TestExamplePassesTheCheck(t *testing.T) {
	for _, text := range []string{exampleConfig(t), uncommented(exampleConfig(t))} {
		if _, err := parseTest(nil, text); err != nil {
			t.Error(err)
		}
	}
	if exampleConfig(t) == uncommented(exampleConfig(t)) {
		t.Error("no line to uncomment was found")
	}
}

func TestExampleHasEveryKeyWithItsDefault(t *testing.T) {
	var doc map[string]any
	if _, err := toml.Decode(uncommented(exampleConfig(t)), &doc); err != nil {
		t.Fatal(err)
	}
	c := defaults()
	compare(t, "", doc, reflect.ValueOf(*c))
	tables, _ := tablesOf(doc["sensor"])
	if len(tables) != 1 {
		t.Fatalf("got %d sensors, want 1", len(tables))
	}
	compare(t, "sensor.", tables[0], reflect.ValueOf(c.defaultSensor()))
}

// compare looks for each key of a struct that holds the defaults.
func compare(t *testing.T, path string, given map[string]any, defaults reflect.Value) {
	t.Helper()
	for _, f := range reflect.VisibleFields(defaults.Type()) {
		name := f.Tag.Get("toml")
		found, ok := given[name]
		def := defaults.FieldByIndex(f.Index)
		switch {
		case name == "" || f.Type == reflect.TypeFor[[]Sensor]():
		case !ok:
			t.Errorf("%s%s: not in the example", path, name)
		case f.Type.Kind() == reflect.Struct:
			compare(t, path+name+".", found.(map[string]any), def)
		case required[name] || f.Type.Kind() == reflect.Pointer:
		default:
			value, err := convert(f, def.Interface(), found)
			if err != nil || !reflect.DeepEqual(value, def.Interface()) {
				t.Errorf("%s%s: got %v, want its default %v", path, name, found, def)
			}
		}
	}
}

func TestExampleListsTheDrivers(t *testing.T) {
	var want strings.Builder
	for _, d := range drivers.Table() {
		want.WriteString("# " + d.Name + ": " + d.Summary + "\n")
		for _, o := range d.Options {
			if o.Required {
				want.WriteString("#   " + o.Name + " = " + o.Format(o.Example) + "  # required, an example\n")
				continue
			}
			want.WriteString("#   " + o.Name + " = " + o.Format(o.Default) + "\n")
		}
	}
	_, got, _ := strings.Cut(exampleConfig(t), "# more.\n#\n")
	if got != want.String() {
		t.Errorf("got at its end\n%s\nwant\n%s", got, want.String())
	}
}

// The check fails without a required option, but not without any other.
func TestRequiredOptionsAreThoseThatMustBeThere(t *testing.T) {
	for _, d := range drivers.Table() {
		required := slices.ContainsFunc(d.Options, func(o option.Option) bool { return o.Required })
		given := make(map[string]any)
		for _, o := range d.Options {
			if o.Example != nil && !o.Required {
				given[o.Name] = o.Example
			}
		}
		if _, errs := d.Configure(drivers.Host{}, "outside", given); required != (len(errs) > 0) {
			t.Errorf("%s: got %v, want an error: %v", d.Name, errs, required)
		}
	}
}
