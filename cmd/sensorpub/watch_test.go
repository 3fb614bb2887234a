package main

import (
	"strings"
	"testing"
)

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
