package main

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		text string
		want plan
	}{
		{"none", nil},
		{"kill 1 at 2m for 30s", plan{{kind: kill, brokers: []int{1}, at: 2 * time.Minute, lasts: 30 * time.Second}}},
		{"kill 1+3 at 0s for 5m", plan{{kind: kill, brokers: []int{1, 3}, lasts: 5 * time.Minute}}},
		{"stop 2 at 10s for 10s,  cut 3 at 20s for 1m, daemons 20 at 3m", plan{
			{kind: stop, brokers: []int{2}, at: 10 * time.Second, lasts: 10 * time.Second},
			{kind: cut, brokers: []int{3}, at: 20 * time.Second, lasts: time.Minute},
			{kind: daemons, daemons: 20, at: 3 * time.Minute},
		}},
	} {
		got, err := parsePlan(tt.text, 10*time.Minute)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: got %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestWrongPlanIsRefused(t *testing.T) {
	const usual = `: want a fault such as "kill 1 at 2m for 30s" or "daemons 20 at 1m"`
	for text, want := range map[string]string{
		"":                       `fault ""` + usual,
		"kill":                   `fault "kill"` + usual,
		"kill 1 at 2m":           `fault "kill 1 at 2m"` + usual,
		"kill 1 at 2 for 30s":    `fault "kill 1 at 2 for 30s"` + usual,
		"kill 1 at -2s for 30s":  `fault "kill 1 at -2s for 30s"` + usual,
		"kill 1 at 2m for 0s":    `fault "kill 1 at 2m for 0s"` + usual,
		"daemons 0 at 1m":        `fault "daemons 0 at 1m"` + usual,
		"daemons 5 at 1m for 1s": `fault "daemons 5 at 1m for 1s"` + usual,
		"burn 1 at 2m for 30s":   `fault "burn 1 at 2m for 30s": kind "burn": want kill, stop, cut or daemons`,
		"kill 4 at 2m for 30s":   `fault "kill 4 at 2m for 30s": brokers "4": want numbers such as 1 or 1+2, up to 3`,
		"kill 1+1 at 2m for 30s": `fault "kill 1+1 at 2m for 30s": brokers "1+1": want numbers such as 1 or 1+2, up to 3`,
		"kill 1 at 9m for 2m":    `fault "kill 1 at 9m for 2m": ends after the run, which takes 10m0s`,
		"kill 1 at 1m for 2m, kill 2 at 2m for 10s": `fault "kill 2 at 2m for 10s": begins before the one before it is undone`,
	} {
		if p, err := parsePlan(text, 10*time.Minute); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, %v, want %s", text, p, err, want)
		}
	}
}

func TestStepsAreInTheOrderOfTheirTimes(t *testing.T) {
	p, err := parsePlan("kill 1+2 at 1m for 5m, daemons 5 at 3m, stop 3 at 6m for 1s", 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	got := p.steps()
	want := []step{
		{time.Minute, 0, false},
		{3 * time.Minute, 1, false},
		{3 * time.Minute, 1, true},
		{6 * time.Minute, 0, true},
		{6 * time.Minute, 2, false},
		{6*time.Minute + time.Second, 2, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDefaultPlanKillsEachBrokerAndSomeDaemonsWithinTheRun(t *testing.T) {
	for _, run := range []time.Duration{30 * time.Second, 10 * time.Minute} {
		p := defaultPlan(run, 200)
		for i, want := range []string{"kill 1", "kill 2", "kill 3", "daemons 20"} {
			if got := p[i].String(); got != want {
				t.Errorf("got %s as fault %d, want %s", got, i, want)
			}
			if p[i].end() > run || i > 0 && p[i].at < p[i-1].end() {
				t.Errorf("%v at %v for %v: overlaps, or is not within %v", p[i], p[i].at, p[i].lasts, run)
			}
		}
	}
}

func TestOnlyACutNeedsNetworks(t *testing.T) {
	if p := defaultPlan(time.Minute, 1); p.needsNetworks() {
		t.Error("the default plan needs networks")
	}
	if p := (plan{{kind: cut, brokers: []int{1}}}); !p.needsNetworks() {
		t.Error("a cut needs no networks")
	}
}
