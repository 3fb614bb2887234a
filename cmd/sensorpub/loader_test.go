package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTopicsThatStayRetained(t *testing.T) {
	root := t.TempDir()
	const more = "[[sensor]]\nname = \"pond\"\ndriver = \"mock\"\nstale_after = \"1m\"\n"
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"nothing has changed", more, more, nil},
		{"a sensor is removed", more, "", []string{"temperature/pond", "sensorpub/garden-pi/pond/status"}},
		{"a sensor is added", "", more, nil},
		{"a sensor has a new topic", more, more + "topic = \"{sensor}\"\n", []string{"temperature/pond"}},
		{"its messages are no longer retained", more, more + "retain = false\n", []string{"temperature/pond"}},
		{"its messages were not retained", strings.Replace(more, "stale_after = \"1m\"", "retain = false", 1), "", nil},
		{"the node has a new name", "", "node = \"shed\"\n", []string{"sensorpub/garden-pi/status"}},
	} {
		before, after := claimant(t, root, c.before), claimant(t, root, c.after)
		if got := leftRetained(before, after); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
