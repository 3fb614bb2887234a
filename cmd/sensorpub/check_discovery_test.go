package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher/discovery/hatest"
)

const announcedTopic = "homeassistant/device/sensorpub_garden-pi/config"

// The example in the documentation is what check prints, and Home Assistant
// takes it.
func TestExampleOfDiscoveryIsWhatCheckPrints(t *testing.T) {
	defer func(v string) { version = v }(version)
	version = "1.0.0"
	dir := filepath.Join("..", "..", "docs", "homeassistant")
	got := sensorpub(t, nil, "check", "--discovery", "--config", filepath.Join(dir, "config.toml"))
	topic, payload, _ := strings.Cut(got.stdout, "\n")
	if got.code != 0 || topic != announcedTopic {
		t.Fatalf("got exit code %d, topic %q and errors %s, want 0 and %q", got.code, topic, got.stderr, announcedTopic)
	}
	golden := filepath.Join(dir, "device.json")
	if *update {
		if err := os.WriteFile(golden, []byte(payload), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || payload != string(want) {
		t.Errorf("%s is not what check --discovery prints (%v): go test ./cmd/sensorpub -run Discovery -update", golden, err)
	}
	for _, e := range hatest.Validate("homeassistant", topic, []byte(payload)) {
		t.Error(e)
	}
}

func TestCheckPrintsAMessageForEachEntity(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", `homeassistant = { discovery = true, form = "components", prefix = "ha", diagnostics = "0s" }
[[sensor]]
name = "outside"
driver = "mock"
options = { quantities = ["temperature", "humidity"] }
`)
	got := sensorpub(t, nil, "check", "--discovery", "--json", "--config", file)
	want := []string{"ha/sensor/sensorpub_garden-pi/outside__humidity/config", "ha/sensor/sensorpub_garden-pi/outside__temperature/config"}
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if got.code != 0 || len(lines) != len(want) {
		t.Fatalf("got %+v, want %d lines", got, len(want))
	}
	for i, line := range lines {
		var m announcedMessage
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.Topic != want[i] || m.QoS != 1 || !m.Retain {
			t.Errorf("got %s (%v), want a retained message of QoS 1 to %s", line, err, want[i])
		}
		for _, e := range hatest.Validate("ha", m.Topic, m.Payload) {
			t.Errorf("%s: %s", m.Topic, e)
		}
	}
}

func TestCheckSaysWhatIsAnnouncedLater(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "homeassistant.discovery = true\n"+fixture.OneSensor+
		"[[sensor]]\nname = \"pond\"\ndriver = \"mock\"\noptional = true\n[[sensor]]\nname = \"window\"\ndriver = \"iio\"\noptions = { device = \"bh1750\" }\n")
	got := sensorpub(t, nil, "check", "--discovery", "--config", file)
	want := "sensorpub: pond: optional, announced after its first reading\nsensorpub: window: announced after its first reading, which shows what the device measures\n"
	if got.code != 0 || got.stderr != want || !strings.Contains(got.stdout, "outside") || strings.Contains(got.stdout, "pond") {
		t.Errorf("got %+v, want outside announced and %q", got, want)
	}
}

func TestCheckSaysThatNothingIsAnnounced(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor)
	got := sensorpub(t, nil, "check", "--discovery", "--config", file)
	if want := (result{0, "", "sensorpub: nothing is announced: homeassistant.discovery is false\n"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
