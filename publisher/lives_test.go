package publisher

import (
	"os"
	"strconv"
	"testing"
	"testing/synctest"
)

// A fortune is what may happen in a row of lives besides ends, kills and
// connections that break.
type fortune struct {
	name      string
	reloads   bool // another backlog is configured
	faults    int  // of so many tiers at a time
	survives  bool // what is in the runtime directory outlasts a restart of the machine
	exchanges bool // the two directories are configured the other way round
	fills     bool // what does not fit into the queue is dropped
}

var fortunes = []fortune{
	{name: "the disks are sound"},
	{name: "the backlog is changed by reloads", reloads: true},
	{name: "one tier fails at a time", faults: 1},
	{name: "both tiers fail, and the backlog is changed", faults: 2, reloads: true},
	{name: "the runtime directory outlasts a restart", survives: true},
	{name: "the directories are exchanged", exchanges: true},
	{name: "the queue fills up", fills: true, reloads: true},
	{name: "all of it, and the queue fills up", fills: true, reloads: true, faults: 2, survives: true, exchanges: true},
	{name: "all of it", reloads: true, faults: 2, survives: true, exchanges: true},
}

// Whatever happens in a row of processes, each on what the one before has left,
// no reading is missing from the account, none is numbered like another and the
// retained value of a topic never goes back. The environment variable
// SENSORPUB_SEED is the first seed, SENSORPUB_SEEDS how many there are.
func TestLivesKeepThePromises(t *testing.T) {
	first, seeds := number(t, "SENSORPUB_SEED", 0), number(t, "SENSORPUB_SEEDS", 60)
	if testing.Short() {
		seeds = min(seeds, 10)
	}
	for _, f := range fortunes {
		t.Run(f.name, func(t *testing.T) {
			for seed := first; seed < first+seeds; seed++ {
				synctest.Test(t, func(t *testing.T) { newLives(t, seed, f).run() })
			}
		})
	}
}

// number returns the number in an environment variable, or another one.
func number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}
