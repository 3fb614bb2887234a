package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

// found returns what the group of a pattern matches in a text, at least once.
func found(t *testing.T, pattern, text string) []string {
	t.Helper()
	var all []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("nothing matches %s", pattern)
	}
	return all
}

func TestOtherProgramsSubscribeToTopicsOfTheirConfiguration(t *testing.T) {
	page := doc(t, "docs", "integrations.md")
	topics := []string{"sensorpub/garden-pi/status"}
	shown := checkOfDocs(t, found(t, "(?s)```toml\n(.*?)```", page)[0])
	topics = append(topics, found(t, `(?m)\b([a-z]+/[a-z]+)\b`, shown)...)
	for _, filter := range found(t, `"([a-z+-]+/[a-z+/-]+)"`, page) {
		live := strings.TrimPrefix(filter, "history/")
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(live), `\+`, "[^/]+") + "$")
		if !slices.ContainsFunc(topics, pattern.MatchString) {
			t.Errorf("%s: got no such topic in %v", filter, topics)
		}
	}
}

func TestOtherProgramsReadKeysOfTheJSONPayload(t *testing.T) {
	page := doc(t, "docs", "integrations.md")
	r := sensorpub(t, nil, "read", "--json", "--config", fixture.WriteFile(t, "config.toml", fixture.OneSensor))
	var payload map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &payload); err != nil {
		t.Fatalf("%v: %s%s", err, r.stdout, r.stderr)
	}
	for _, key := range found(t, `(?:path = "|JSONPATH:\$\.|p\.)(\w+)`, page) {
		if _, ok := payload[key]; !ok {
			t.Errorf("got no key %s in %s", key, r.stdout)
		}
	}
}

func TestFlowForNodeREDHasAllNodesItNames(t *testing.T) {
	var nodes []struct {
		ID, Type, Broker string
		Wires            [][]string
	}
	if err := json.Unmarshal([]byte(found(t, "(?s)```json\n(.*?)```", doc(t, "docs", "integrations.md"))[0]), &nodes); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]bool)
	for _, n := range nodes {
		ids[n.ID] = true
	}
	for _, n := range nodes {
		needs := slices.Concat(n.Wires...)
		if n.Type == "mqtt in" {
			needs = append(needs, n.Broker)
		}
		for _, id := range needs {
			if !ids[id] {
				t.Errorf("%s names %s: got no such node in %v", n.ID, id, ids)
			}
		}
	}
}
