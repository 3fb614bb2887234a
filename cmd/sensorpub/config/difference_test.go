package config

import (
	"fmt"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestDiff(t *testing.T) {
	const base = "[publish]\n[queue]\n[broker]\n[availability]\n"
	two := once("a", 1) + once("b", 2)
	for _, c := range []struct{ name, old, new, want, reopened string }{
		{"nothing", base + two, "# another comment\n" + two, "[]", "[]"},
		{"a default that is written down", base + two, base + once("a", 1, `qos = 1`) + once("b", 2, "filter = { median = 0 }"), "[]", "[]"},
		{"the order", base + two, base + once("b", 2) + once("a", 1), "[]", "[]"},
		{"one for another", base + two, base + once("c", 1) + once("b", 2), "[added c removed a]", "[]"},
		{"an option", base + two, base + once("a", 3) + once("b", 2), "[changed a]", "[a]"},
		{"the quantities", base + two, base + once("a", 1, `quantities = ["humidity"]`) + once("b", 2), "[changed a]", "[a]"},
		{"a filter", base + two, base + once("a", 1, "filter = { max = 5 }") + once("b", 2), "[changed a]", "[a]"},
		{"a topic", base + two, base + once("a", 1, `topic = "x"`) + once("b", 2), "[changed a]", "[]"},
		{"a default of all", base + two, "[publish]\nencoding = \"json\"\n" + two, "[changed a, b]", "[]"},
		{"the unit of all", base + two, "[publish]\nunit = [\"K\"]\n" + two, "[changed a, b]", "[]"},
		{"what becomes of removed topics", base + two, "[publish]\nkeep_removed = true\n" + two, "[keep_removed changed]", "[]"},
		{"the queue", base + two, "[queue]\ncapacity = 5\n" + two, "[queue changed]", "[]"},
		{"the broker", base + two, "[broker]\nwindow = 5\n" + two, "[session new]", "[]"},
		{"the node", base + two, "node = \"other\"\n" + two, "[changed a, b session new]", "[]"},
		{"the area", base + two, base + once("a", 1, `area = "Attic"`) + once("b", 2), "[changed a]", "[]"},
		{"the identity", base + two, base + once("a", 1, `identity = "x"`) + once("b", 2), "[changed a]", "[]"},
		{"the diagnostics", base + two, "[homeassistant]\ndiagnostics = \"1m\"\n" + two, "[homeassistant changed]", "[]"},
		{"no diagnostics any more", discoveryOn + two, discoveryOn + "homeassistant.diagnostics = \"0s\"\n" + two, "[homeassistant changed session new]", "[]"},
		{"discovery, which gives each sensor a status", base + two, discoveryOn + two, "[changed a, b homeassistant changed session new]", "[a b]"},
		{"the availability", base + two, "[availability]\ntopic = \"x\"\n" + two, "[session new]", "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Diff(parsed(t, c.old), parsed(t, c.new))
			if got := fmt.Sprint(d.Args()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if got := fmt.Sprint(d.reopened); got != c.reopened {
				t.Errorf("got %s reopened, want %s", got, c.reopened)
			}
		})
	}
}

func parsed(t *testing.T, text string) *Config {
	t.Helper()
	c, err := parseTest(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKeepFixedOfLists(t *testing.T) {
	old, c := parsed(t, "http.hosts = [\"a\"]\n"+fixture.OneSensor), parsed(t, "http.hosts = [\"b\"]\n"+fixture.OneSensor)
	if got, want := fmt.Sprint(c.KeepFixed(old), c.HTTP.Hosts), "[http.hosts] [a]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKeepFixed(t *testing.T) {
	old, c := parsed(t, fixture.OneSensor), parsed(t, "spool.max_bytes = 70000\nspool.spill_after = \"1s\"\n"+fixture.OneSensor)
	if got, want := fmt.Sprint(c.KeepFixed(old)), "[spool.max_bytes spool.spill_after]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.Spool != old.Spool {
		t.Errorf("got %+v, want %+v", c.Spool, old.Spool)
	}
	if keys := c.KeepFixed(old); len(keys) != 0 {
		t.Errorf("got %v, want none", keys)
	}
}
