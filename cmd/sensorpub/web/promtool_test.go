package web

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

// What the linter of Prometheus says of all metrics that there can be, besides
// those with names that a user has chosen.
func TestPromtoolFindsNothing(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("SENSORPUB_REQUIRE_PROMTOOL") == "1" {
		t.Fatal("promtool is not there, and SENSORPUB_REQUIRE_PROMTOOL=1")
	} else if err != nil {
		t.Skip("promtool is not there: it is in Debian's prometheus")
	}
	state := ill()
	for _, q := range sensors.Quantities {
		state.Sensors[0].Readings = append(state.Sensors[0].Readings, newest("a", q.Name, q.Min, q.Unit, publisher.Text{}))
	}
	s, _ := serverOf(state)
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = get(s, "/metrics").Body
	out, err := check.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(out)) {
		// Everyone writes particulate matter in µg/m³, limits and air quality
		// indices included.
		if !strings.Contains(l, `_micrograms_per_cubic_meter use base unit "grams"`) {
			t.Errorf("got %s", l)
		}
	}
	if err == nil {
		t.Error("promtool says nothing of micrograms, so it may say nothing at all")
	}
}
