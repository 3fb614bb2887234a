package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReloadDeletesWhatIsNoLongerPublished(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	config := configFile(t, brokerConfig(m.tcp())+once("old", 28.4)+once("other", 1))
	d := start(t, prepare(t, nil, "run", "--config", config))
	live.untilEach("temperature/old", "temperature/other", statusTopic)
	renamed := brokerConfig(m.tcp()) + once("new", 28.4) + once("other", 1)
	if err := os.WriteFile(config, []byte(renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	d.signal(syscall.SIGHUP)
	live.until("temperature/old", "")
	d.stderr.await(t, "INFO  deleted retained messages that are no longer published topics=temperature/old\n")
	d.stop()
	expectRetained(t, m, "temperature/new", "temperature/other", statusTopic)
}

// expectRetained compares the topics that the broker retains.
func expectRetained(t *testing.T, m *mosquitto, want ...string) {
	t.Helper()
	got := slices.Sorted(maps.Keys(retained(t, m.addr, "#")))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q retained, want %q", got, want)
	}
}

// A household is a daemon that is started with one configuration after another,
// and remembers its topics.
type household struct {
	t      *testing.T
	broker *mosquitto
	relay  *relay // to the broker
	dir    string
}

func newHousehold(t *testing.T) *household {
	h := &household{t: t, broker: startMosquitto(t), dir: t.TempDir()}
	h.relay = newRelay(t, h.broker.addr)
	h.relay.start()
	return h
}

// config is a configuration with these lines of [publish] and sensors.
func (h *household) config(publish string, sensors ...string) string {
	return brokerConfig("mqtt://"+h.relay.addr) + "[publish]\n" + publish + "\n[spool]\n" + quoted("dir", h.dir) + "\n" + strings.Join(sensors, "")
}

// run runs the daemon until each topic has had a message and, where it deletes
// something, until it has.
func (h *household) run(config, deleted string, topics ...string) {
	h.t.Helper()
	live := dialClient(h.t, h.broker.addr).subscribe("#")
	d := startDaemon(h.t, config)
	live.untilEach(append(topics, statusTopic)...)
	if deleted != "" {
		d.stderr.await(h.t, fmt.Sprintf("INFO  deleted retained messages that are no longer published topics=%s\n", deleted))
	}
	d.stop()
	if got := strings.Count(d.stderr.String(), "deleted retained messages"); deleted == "" && got > 0 {
		h.t.Errorf("something was deleted: %s", d.stderr.tail())
	}
}

func (h *household) memory() string { return filepath.Join(h.dir, "topics") }

// remembers compares the topics in the memory.
func (h *household) remembers(want ...string) {
	h.t.Helper()
	b, err := os.ReadFile(h.memory())
	if err != nil {
		h.t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(b)) {
		_, entry, _ := strings.Cut(line, " ")
		if _, topic, _ := strings.Cut(strings.TrimSpace(entry), " "); !strings.HasPrefix(entry, "sensorpub") {
			got = append(got, topic)
		}
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		h.t.Errorf("remembers %q, want %q", got, want)
	}
}

// subscribed is after how long a daemon listens to its own status.
var subscribed = 3 * time.Second * slowdown

const stale = `stale_after = "72h"`

func TestStartDeletesWhatWasRemovedBefore(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.relay.delay = 50 * time.Millisecond
	h.run(h.config("", once("old", 28.4, stale), once("renamed", 1), once("other", 2)), "", "temperature/old", "temperature/renamed", "temperature/other")
	const oldStatus = "sensorpub/garden-pi/old/status"
	h.remembers("temperature/old", oldStatus, "temperature/renamed", "temperature/other", statusTopic)
	before, _ := h.relay.now()
	h.run(h.config("", once("new", 1), once("other", 2)), `"temperature/old temperature/renamed `+oldStatus+`"`, "temperature/new", "temperature/other")
	h.remembers("temperature/new", "temperature/other", statusTopic)
	expectRetained(t, h.broker, "temperature/new", "temperature/other", statusTopic)

	all, _ := h.relay.now()
	all = all[len(before):]
	var order []string
	var last time.Time
	for _, p := range all {
		if p.topic != "temperature/old" && p.topic != oldStatus {
			continue
		}
		order = append(order, p.topic+" "+p.payload)
		if p.at.Sub(last) < h.relay.delay {
			t.Errorf("%s was sent before the one before it was acknowledged", p.topic)
		}
		last = p.at
	}
	if want := []string{oldStatus + " offline", "temperature/old ", oldStatus + " "}; !slices.Equal(order, want) {
		t.Errorf("sent %q, want %q", order, want)
	}
}

func TestMemoryIsNotWrittenWhenNothingHasChanged(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	config := h.config("", once("outside", 28.4))
	h.run(config, "", "temperature/outside")
	before, err := os.Stat(h.memory())
	if err != nil {
		t.Fatal(err)
	}
	file := configFile(t, config)
	live := dialClient(t, h.broker.addr).subscribe("#")
	d := start(t, prepare(t, nil, "run", "--config", file))
	live.until(statusTopic, "online")
	d.signal(syscall.SIGHUP)
	d.stderr.await(t, "reloaded, nothing has changed")
	d.stop()
	after, err := os.Stat(h.memory())
	if err != nil || !os.SameFile(before, after) || before.ModTime() != after.ModTime() {
		t.Errorf("the file was written again")
	}
}

func TestKeepRemoved(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	both := []string{once("old", 28.4), once("other", 1)}
	h.run(h.config("", both...), "", "temperature/old", "temperature/other")
	h.run(h.config("keep_removed = true", both[1]), "", "temperature/other")
	expectRetained(t, h.broker, "temperature/old", "temperature/other", statusTopic)
	h.run(h.config("", both[1]), "temperature/old", "temperature/other")
	expectRetained(t, h.broker, "temperature/other", statusTopic)
}

func TestTopicThatAnotherSensorUsesNowIsNotTouched(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.run(h.config("", once("old", 28.4)), "", "temperature/old")
	live := dialClient(t, h.broker.addr).subscribe("temperature/#")
	h.run(h.config("", once("new", 7, `topic = "temperature/old"`)), "", "temperature/old")
	for _, m := range live.rest() {
		if m.payload == "" {
			t.Error("the topic was deleted")
		}
	}
	if got := retained(t, h.broker.addr, "temperature/old")["temperature/old"].payload; got != "7.0" {
		t.Errorf("got %q, want the new sensor's value", got)
	}
	h.remembers("temperature/old", statusTopic)
}

// Damage costs at most that a topic stays.
func TestDamagedMemoryOfTopics(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.run(h.config("", once("a", 1), once("b", 2), once("c", 3)), "", "temperature/a", "temperature/b", "temperature/c")
	b, err := os.ReadFile(h.memory())
	if err != nil {
		t.Fatal(err)
	}
	b = []byte(strings.Replace(string(b), "temperature/a", "temperature/c", 1)) // a bit has flipped
	if err := os.WriteFile(h.memory(), b, 0o600); err != nil {
		t.Fatal(err)
	}
	live := dialClient(t, h.broker.addr).subscribe("#")
	d := startDaemon(t, h.config("", once("c", 3)))
	live.until("temperature/b", "")
	d.stderr.await(t, "deleted retained messages that are no longer published topics=temperature/b\n")
	d.stop()
	want := fmt.Sprintf("WARN  the list of retained topics cannot be read in full: topics that are no longer configured may stay cause=\"read %s: damaged\"", h.memory())
	if !strings.Contains(d.stderr.String(), want) {
		t.Errorf("got %q, want %q", d.stderr.tail(), want)
	}
	expectRetained(t, h.broker, "temperature/a", "temperature/c", statusTopic)
	h.remembers("temperature/c", statusTopic)
}

func TestKilledBetweenRememberingAndPublishing(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.run(h.config("", once("other", 1)), "", "temperature/other")
	h.broker.kill()
	d := startDaemon(t, h.config("", once("never", 28.4), once("other", 1)), "--log-level", "debug")
	d.awaitReads(2)
	d.kill()
	h.remembers("temperature/never", "temperature/other", statusTopic)
	h.broker.restart()
	h.run(h.config("", once("other", 1)), "temperature/never", "temperature/other")
	h.remembers("temperature/other", statusTopic)
	expectRetained(t, h.broker, "temperature/other", statusTopic)
}

func TestKilledBetweenDeletingAndForgetting(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.run(h.config("", once("old", 28.4), once("other", 1)), "", "temperature/old", "temperature/other")
	inTheWay := h.memory() + ".new/x"
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	d := startDaemon(t, h.config("", once("other", 1)))
	d.stderr.await(t, "WARN  retained topics cannot be remembered: those that are removed before the next start may stay cause=")
	d.kill()
	expectRetained(t, h.broker, "temperature/other", statusTopic)
	h.remembers("temperature/old", "temperature/other", statusTopic)
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	h.run(h.config("", once("other", 1)), "temperature/old", "temperature/other")
	h.remembers("temperature/other", statusTopic)
}

func TestTwoNodesOfOneName(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe(statusTopic)
	node := func(id string) string {
		return brokerConfig(m.tcp()) + quoted("client_id", id) + once(id, 1)
	}
	first := startDaemon(t, node("first"))
	live.until(statusTopic, "online")
	time.Sleep(subscribed)
	second := startDaemon(t, node("second"))
	live.until(statusTopic, "online")
	second.stop()
	live.until(statusTopic, "offline")
	live.until(statusTopic, "online")
	first.stderr.await(t, "WARN  another client has overwritten the status of this node: it is published again topic="+statusTopic)
	if p := retained(t, m.addr, statusTopic)[statusTopic].payload; p != "online" {
		t.Errorf("got %q retained, want online", p)
	}
	first.stop()
	live.until(statusTopic, "offline")
}

func TestClearDeletesWhatIsRememberedAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.run(h.config("", once("old", 28.4, stale), once("other", 1)), "", "temperature/old", "temperature/other")
	dialClient(t, h.broker.addr).publish(message{topic: "temperature/new", payload: "of someone else", retain: true})
	config := configFile(t, h.config("", once("new", 1), once("other", 1)))
	const oldStatus = "sensorpub/garden-pi/old/status"
	for _, c := range []struct {
		args, want string
		stderr     string
	}{
		{"--sensor new", "", "nothing to delete: no retained messages have been published\n"},
		{"--sensor other", "temperature/other\n", ""},
		{"", "temperature/old\n" + oldStatus + "\n" + statusTopic + "\n", ""},
		{"", "", "nothing to delete: no retained messages have been published\n"},
	} {
		got := invoke(t, "", append([]string{"clear", "--yes", "--config", config}, strings.Fields(c.args)...)...)
		if want := (result{0, c.want, c.stderr}); got != want {
			t.Errorf("clear %s: got %+v, want %+v", c.args, got, want)
		}
	}
	h.remembers()
	expectRetained(t, h.broker, "temperature/new")
}

func TestClearLeavesTheMemoryToARunningDaemon(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	live := dialClient(t, h.broker.addr).subscribe("#")
	config := h.config("", once("outside", 28.4))
	d := startDaemon(t, config)
	live.untilEach("temperature/outside", statusTopic)
	time.Sleep(subscribed)
	got := invoke(t, "", "clear", "--yes", "--config", configFile(t, config))
	if want := "temperature/outside\n" + statusTopic + "\n"; got.code != 0 || got.stdout != want || !strings.Contains(got.stderr, "the daemon is running and will publish again") {
		t.Errorf("got %+v, want %q and a warning", got, want)
	}
	h.remembers("temperature/outside", statusTopic)
	live.until(statusTopic, "")
	live.until(statusTopic, "online")
	d.stop()
}
