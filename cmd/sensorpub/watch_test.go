package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/mqtt/mqtttest"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
)

func TestWatchShowsWhatIsNotRetained(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	b.Publish(mqtttest.Message{Topic: "temperature/outside", Payload: []byte("28.4"), Retain: true}) // for whoever subscribes
	text := `broker.urls = ["` + b.URL() + `"]` + "\npublish.retain = false\n" + fixture.OneSensor
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var stdout bytes.Buffer
	e := testEnv(nil)
	e.stdout, e.args = &stdout, []string{"watch", "--count", "1", "--config", fixture.WriteFile(t, "config.toml", text)}
	if err := execute(ctx, e); err != nil || !strings.Contains(stdout.String(), "temperature/outside          28.4 °C") {
		t.Errorf("got %q, %v, want the reading", stdout.String(), err)
	}
}

func TestWatchShowsTheDateUnlessItIsToday(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 30, 0, 0, time.Local)
	for _, c := range []struct {
		name     string
		measured time.Time
		want     string
	}{
		{"today", at.Add(-30 * time.Minute), "measured 00:00:00.000"},
		{"yesterday", at.Add(-31 * time.Minute), "measured 2026-11-21 23:59:00.000"},
		{"at this day last year", at.AddDate(-1, 0, 0), "measured 2025-11-22 00:30:00.000"},
	} {
		payload := `{"value":28.4,"time":"` + c.measured.UTC().Format(time.RFC3339) + `"}`
		line := describe(new(config.Config), mqtt.Message{Topic: "a", Payload: []byte(payload)}, at)
		if !strings.HasSuffix(line, "28.4   "+c.want) {
			t.Errorf("%s: got %q, want %q at its end", c.name, line, c.want)
		}
	}
}

func TestTopicFiltersAreThoseOfTheSpecification(t *testing.T) {
	for _, good := range []string{
		"#", "+", "/", "a", "a/#", "+/a/#", "a/+/b", "//", "$SYS/#", "Außen/外 b", strings.Repeat("x", 65535),
	} {
		if got := checkFilter(good); got != "" {
			t.Errorf("%.20q: got %q, want none", good, got)
		}
	}
	for bad, want := range map[string]string{
		"": "want a topic filter", "a\x00": "want a topic filter", "a\xff": "want a topic filter",
		strings.Repeat("x", 65536): "want a topic filter",
		"a/#/b":                    "want # in the last", "#/": "want # in the last", "a#": "want + and # alone",
		"a/b+/c": "want + and # alone", "++": "want + and # alone", "a/#+": "want + and # alone",
	} {
		if got := checkFilter(bad); !strings.HasPrefix(got, want) {
			t.Errorf("%.20q: got %q, want %q", bad, got, want)
		}
	}
}
