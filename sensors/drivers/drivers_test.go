package drivers

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

func TestTableIsComplete(t *testing.T) {
	var names []string
	for _, d := range Table() {
		names = append(names, d.Name)
		for field, text := range map[string]string{"Summary": d.Summary, "Accuracy": d.Accuracy} {
			if text == "" || strings.ContainsAny(text, "\n\t") {
				t.Errorf("%s: got %s %q, want one line", d.Name, field, text)
			}
		}
		if d.Wiring == "" || strings.Contains(d.Wiring, "\t") || strings.TrimSpace(d.Wiring) != d.Wiring {
			t.Errorf("%s: got Wiring %q, want a few lines", d.Name, d.Wiring)
		}
		if len(d.Quantities) == 0 {
			t.Errorf("%s: got no quantities, want one or more", d.Name)
		}
		for _, q := range d.Quantities {
			known, is := sensors.QuantityNamed(q.Name)
			if !is || q != known.Within(q.Min, q.Max) || q.Min >= q.Max || q.Min < known.Min || q.Max > known.Max {
				t.Errorf("%s: got quantity %+v, want a known one with a range within its own", d.Name, q)
			}
		}
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("got %q, want them sorted and each once", names)
	}
}

func TestOptionsHaveDocsAndSoundDefaults(t *testing.T) {
	for _, d := range Table() {
		written := make(map[string]any)
		for _, o := range d.Options {
			if o.Doc == "" || strings.ContainsAny(o.Doc, "\n\t|") {
				t.Errorf("%s: %s: got doc %q, want one line that fits into a table", d.Name, o.Name, o.Doc)
			}
			if strings.ToLower(o.Name) != o.Name || written[o.Name] != nil {
				t.Errorf("%s: got option %q, want each once and in lower case", d.Name, o.Name)
			}
			written[o.Name] = asTOML(o.Default)
			if o.Example != nil {
				written[o.Name] = asTOML(o.Example)
			}
		}
		if _, errs := d.Configure(Host{}, "outside", written); len(errs) > 0 {
			t.Errorf("%s: with all defaults written out: got %v, want no error", d.Name, errs)
		}
		v, _ := option.Check(d.Options, written)
		for _, o := range d.Options {
			if o.Example == nil && !reflect.DeepEqual(v.Value(o.Name), o.Default) {
				t.Errorf("%s: %s: got %v, want %v", d.Name, o.Name, v.Value(o.Name), o.Default)
			}
		}
	}
}

// asTOML gives a default as it would come out of a file.
func asTOML(x any) any {
	switch x := x.(type) {
	case time.Duration:
		return x.String()
	case []float64:
		return slice(x)
	case []string:
		return slice(x)
	case map[string]string:
		table := make(map[string]any, len(x))
		for key, value := range x {
			table[key] = value
		}
		return table
	}
	return x
}

func slice[T any](x []T) []any {
	out := make([]any, len(x))
	for i := range x {
		out[i] = x[i]
	}
	return out
}

// examples returns the options without which a driver cannot be configured.
func examples(d Driver) map[string]any {
	given := make(map[string]any)
	for _, o := range d.Options {
		if o.Example != nil {
			given[o.Name] = asTOML(o.Example)
		}
	}
	return given
}

// A probe configured with the defaults has all that a bus needs, and what it
// measures is in the table.
func TestProbesWithDefaults(t *testing.T) {
	buses := map[string]string{
		"ds18b20": "w1", "mock": "mock outside", "w1netlink": "w1 netlink 1",
		"exec": "exec outside", "file": "file /run/probe/outside", "hwmon": "hwmon lm75", "iio": "iio bme280", "replay": "replay outside", "thermal": "thermal cpu-thermal",
	}
	for _, d := range Table() {
		p, errs := d.Configure(Host{Root: t.TempDir()}, "outside", examples(d))
		if errs != nil {
			t.Errorf("%s: got %v, want none", d.Name, errs)
			continue
		}
		bus := buses[d.Name]
		for key, of := range map[string]string{"spi": "spi-0", "bus": "i2c-1"} {
			if slices.ContainsFunc(d.Options, func(o option.Option) bool { return o.Name == key && o.Default != "" }) {
				bus = of
			}
		}
		if p.Name != "outside" || p.Driver != d.Name || p.Bus != bus || p.Open == nil {
			t.Errorf("%s: got %+v, want name outside on bus %q", d.Name, p, bus)
		}
		for _, q := range p.Quantities {
			if !slices.ContainsFunc(d.Quantities, func(k sensors.Quantity) bool { return k.Name == q.Name }) {
				t.Errorf("%s: got quantity %q, want one of the table's", d.Name, q.Name)
			}
		}
	}
}

func TestLookup(t *testing.T) {
	var names []string
	for _, d := range Table() {
		names = append(names, d.Name)
	}
	tests := []struct{ name, driver, want string }{
		{"one that is there", "ds18b20", ""},
		{"a misspelt one", "ds18b2", `no such driver, did you mean "ds18b20"?`},
		{"one in capitals", "BME280", `no such driver, did you mean "bme280"?`},
		{"two letters swapped", "hwomn", `no such driver, did you mean "hwmon"?`},
		{"another chip of the family", "DS18S20", `no such driver, driver = "ds18b20" reads this chip`},
		{"a chip that the kernel reads", "DHT-22", `no such driver, driver = "iio" reads this chip: dtoverlay=dht11,gpiopin=4 and options = { device = "dht11" }`},
		{"a chip that is near another", "BME680", `no such driver, driver = "iio" reads this chip: dtoverlay=i2c-sensor,bme680 and options = { device = "bme680" }`},
		{"a chip near another, with an option", "tmp75", `no such driver, driver = "lm75" reads this chip: options = { chip = "tmp75" }`},
		{"a chip that nothing reads", "ADS1256", "no such driver, this chip is not supported"},
		{"an analogue one", "LM35", `no such driver, this chip is not supported: it is analogue; a command can read its converter: driver = "exec"`},
		{"an unknown chip that is near another", "bme290", `no such driver, want ` + option.OneOf(names)},
		{"one like no other", "thermonuclear", `no such driver, want ` + option.OneOf(names)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Lookup(tt.driver)
			if got := outcome(err); got != tt.want || err == nil && d.Name != tt.driver {
				t.Errorf("got %q and %q, want %q", d.Name, got, tt.want)
			}
		})
	}
}

// What a chip's name is answered with exists, and no chip with a driver of its own is
// among them.
func TestChipsAreServedByDrivers(t *testing.T) {
	seen := make(map[string]bool)
	all := slices.Clone(chips)
	for _, c := range kernelChips {
		all = append(all, served{c.names, c.driver, c.options})
	}
	for _, c := range all {
		if _, err := Lookup(c.driver); c.driver != "" && err != nil {
			t.Errorf("%s: got driver %q: %v", c.names, c.driver, err)
		}
		for _, name := range strings.Fields(c.names) {
			if _, err := Lookup(name); err == nil || seen[name] || plainName(name) != name {
				t.Errorf("%s: got it twice, or with a driver of its own, or in another spelling", name)
			}
			seen[name] = true
		}
	}
}

// The options that a chip is answered with are those of its driver.
func TestChipsAreServedWithOptions(t *testing.T) {
	key := regexp.MustCompile(`[{,] ([a-z]+) = `)
	all := slices.Clone(chips)
	for _, c := range kernelChips {
		all = append(all, served{c.names, c.driver, "{ " + c.options})
	}
	for _, c := range all {
		d, err := Lookup(c.driver)
		if err != nil {
			continue
		}
		for _, m := range key.FindAllStringSubmatch(c.how, -1) {
			if !slices.ContainsFunc(d.Options, func(o option.Option) bool { return o.Name == m[1] }) {
				t.Errorf("%s: got the option %s, want one of %s", c.names, m[1], c.driver)
			}
		}
	}
}
