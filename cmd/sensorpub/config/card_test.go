package config

import (
	"slices"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestCardOnAnotherBoard(t *testing.T) {
	on := func(id, serial string) Card {
		return CardOf(fixture.Machine(t, map[string]string{idFile: id + "\n", serialFile: serial + "\x00", nicFile: "", macFile: "02:00:00:00:00:01\n"}))
	}
	var lines []string
	for _, step := range []struct {
		name   string
		card   Card
		before string // the end of the serial number
		isNew  bool
	}{
		{"the first start", on("0123", "10000000abcdef"), "", true},
		{"the next one", on("0123", "10000000abcdef"), "", false},
		{"a copy in another board", on("0123", "10000000abcdee"), "…cdef", true},
		{"its next start", on("0123", "10000000abcdee"), "…cdef", false},
		{"its copy in a third board", on("0123", "10000000abcded"), "…cdee", true},
		{"back where it was before", on("0123", "10000000abcdee"), "…cded", true},
		{"a board without a serial number, whose MAC address may be that of an adapter", on("0123", "0000000000000000"), "", true},
		{"with a machine id of its own", on("4567", "10000000abcdee"), "", true},
		{"the next start with that", on("4567", "10000000abcdee"), "", false},
	} {
		isNew := step.card.IsNew(lines)
		now, before := step.card.Remember(lines)
		if Tail(before) != step.before || isNew != step.isNew || len(now) > 2 {
			t.Errorf("%s: got %q before, new %t, and %q; want %q, new %t", step.name, Tail(before), isNew, now, step.before, step.isNew)
		}
		lines = now
	}
	if now, before := CardOf(t.TempDir()).Remember([]string{"x y"}); !slices.Equal(now, []string{"x y"}) || before != "" {
		t.Errorf("a machine of which nothing is known: got %q, %q, want what was there", now, before)
	}
}
