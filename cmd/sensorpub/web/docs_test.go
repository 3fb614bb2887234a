package web

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

// The tables of docs/http.md have the metrics that there are, and no others.
func TestDocsHaveTheMetrics(t *testing.T) {
	b, err := os.ReadFile("../../../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	var values []string
	state := ill()
	for _, q := range sensors.Quantities {
		state.Sensors[0].Readings = append(state.Sensors[0].Readings, newest("a", q.Name, q.Min, q.Unit, publisher.Text{}))
		values = append(values, "sensorpub_"+q.Metric)
		if row := "| `" + q.Name + "` | `sensorpub_" + q.Metric + "` |\n"; !strings.Contains(text, row) {
			t.Errorf("docs/http.md: got no row %s", row)
		}
	}
	p := metricsOf(t, state)
	documented := make(map[string]string)
	for _, m := range regexp.MustCompile("(?m)^\\| `(sensorpub_[a-z_]+)` \\| ([a-z]+) \\|").FindAllStringSubmatch(text, -1) {
		documented[m[1]] = m[2]
	}
	for name, kind := range p.kinds {
		if strings.HasPrefix(name, "sensorpub_") && !slices.Contains(values, name) && documented[name] != kind {
			t.Errorf("docs/http.md: got %s as a %q, want a %s", name, documented[name], kind)
		}
		delete(documented, name)
	}
	if len(documented) > 0 {
		t.Errorf("docs/http.md: got %v, which there are not", documented)
	}
}
