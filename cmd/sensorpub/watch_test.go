package main

import (
	"strings"
	"testing"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
)

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
