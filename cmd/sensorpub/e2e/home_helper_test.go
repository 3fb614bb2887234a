package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sensorpub/publisher/discovery/hatest"
)

// A player is a model of Home Assistant on a real broker.
type player struct {
	*hatest.Home
	t       *testing.T
	m       *mosquitto
	c       *client
	skipped time.Duration // by which its clock is ahead
}

// startHome starts a Home Assistant that has never run before.
func startHome(t *testing.T, m *mosquitto) *player {
	t.Helper()
	p := &player{t: t, m: m}
	p.Home = hatest.NewHome("homeassistant", func() time.Time { return time.Now().Add(p.skipped) })
	p.Home.Late = 800 * time.Millisecond // on a busy machine; tests in fake time are exact
	p.restart()
	t.Cleanup(func() {
		for _, problem := range p.Problems {
			t.Errorf("problem in Home Assistant: %s", problem)
		}
	})
	return p
}

// restart starts Home Assistant again. It subscribes, and then says that it is
// there.
func (p *player) restart() {
	p.t.Helper()
	if p.c != nil {
		p.c.conn.Close()
	}
	p.Restart()
	p.c = dialClient(p.t, p.m.addr).subscribe(p.Filter())
	p.catchUp()
	p.c.publish(message{"homeassistant/status", "online", 1, false})
}

// skip lets time pass in Home Assistant only.
func (p *player) skip(d time.Duration) { p.skipped += d }

// catchUp takes what has come, and subscribes to what it makes necessary.
func (p *player) catchUp() {
	p.t.Helper()
	for {
		all := p.c.rest()
		for _, m := range all {
			p.Receive(m.topic, []byte(m.payload), m.retain)
		}
		topics := p.Wanted()
		for _, topic := range topics {
			p.c.subscribe(topic)
		}
		if len(all)+len(topics) == 0 {
			return
		}
	}
}

// await waits until Home Assistant shows what is wanted.
func (p *player) await(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if p.catchUp(); ok() {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("waited %v for %s, got %v and problems %q", patience, what, p.states(), p.Problems)
		}
	}
}

// awaitStates waits until these are the states of the entities, each with its id
// and unit: "sensor.outside_temperature 28.4 °C".
func (p *player) awaitStates(states ...string) {
	p.t.Helper()
	p.await(fmt.Sprintf("%q", states), func() bool {
		all := p.states()
		return !slices.ContainsFunc(states, func(s string) bool { return !slices.Contains(all, s) })
	})
}

// awaitIDs waits until these are all entities but the diagnostic ones.
func (p *player) awaitIDs(ids ...string) {
	p.t.Helper()
	p.await(fmt.Sprintf("entities %q", ids), func() bool { return slices.Equal(p.ids(), ids) })
}

func (p *player) ids() (ids []string) {
	for _, id := range p.IDs() {
		if p.Entity(id).Category == "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *player) states() (states []string) {
	for _, e := range p.Entities() {
		states = append(states, e.String())
	}
	slices.Sort(states)
	return states
}

// during checks that something is true all the time.
func (p *player) during(d time.Duration, what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if p.catchUp(); !ok() {
			p.t.Fatalf("got %v, want %s", p.states(), what)
		}
	}
}

// history returns how often each entity was made anew, by its unique id.
func (p *player) history() map[string]int {
	births := make(map[string]int)
	for id, e := range maps.All(p.Entities()) {
		births[id] = e.Births
	}
	return births
}

// An iioTree is a folder that looks like the root of a machine with a chip of the
// kernel's iio, while it is plugged.
type iioTree struct {
	t         *testing.T
	root, dir string
}

func newIIOTree(t *testing.T) *iioTree {
	t.Helper()
	root := t.TempDir()
	return &iioTree{t, root, filepath.Join(root, "sys/bus/iio/devices/iio:device0")}
}

func (tree *iioTree) env() []string { return []string{"SENSORPUB_ROOT=" + tree.root} }

func (tree *iioTree) plug() {
	tree.t.Helper()
	if err := os.MkdirAll(tree.dir, 0o755); err != nil {
		tree.t.Fatal(err)
	}
	for name, text := range map[string]string{"in_temp_input": "21500\n", "in_humidityrelative_input": "48000\n", "name": "bme280\n"} {
		if err := os.WriteFile(filepath.Join(tree.dir, name), []byte(text), 0o644); err != nil {
			tree.t.Fatal(err)
		}
	}
}
