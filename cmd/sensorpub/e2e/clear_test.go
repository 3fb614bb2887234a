package e2e

import (
	"strings"
	"testing"
)

// retainedBy starts a broker that retains what a daemon, which has stopped,
// published to these topics and to its status.
func retainedBy(t *testing.T, sensors string, topics ...string) (m *mosquitto, config string) {
	t.Helper()
	m = startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	live.publish(message{topic: "someone/else", payload: "x", retain: true})
	config = brokerConfig(m.tcp()) + sensors
	d := startDaemon(t, config)
	live.untilEach(append(topics, statusTopic)...)
	d.stop()
	return m, configFile(t, config)
}

func TestClear(t *testing.T) {
	t.Parallel()
	two := once("outside", 28.4) + once("inside", 21.5)
	const question = "Delete the retained messages of these topics on mqtt://"
	for _, c := range []struct {
		name, stdin string
		flags       []string
		code        int
		stdout      string
		stderr      []string // what is in it, in order
		left        []string
	}{
		{
			"with --yes it deletes all of this configuration", "",
			[]string{"--yes"},
			0,
			"temperature/outside\ntemperature/inside\nsensorpub/garden-pi/status\n", nil, nil,
		},
		{
			"with --sensor it deletes what that publishes", "",
			[]string{"--yes", "--sensor", "inside"},
			0,
			"temperature/inside\n", nil,
			[]string{"temperature/outside", statusTopic},
		},
		{
			"of an unknown sensor it is a mistake", "",
			[]string{"--yes", "--sensor", "insde"},
			2,
			"",
			[]string{`"insde"`, `did you mean "inside"?`},
			[]string{"temperature/outside", "temperature/inside", statusTopic},
		},
		{
			"with the answer y it deletes", "y\n", nil, 0,
			"temperature/outside\ntemperature/inside\nsensorpub/garden-pi/status\n",
			[]string{question, "temperature/outside", "[y/N]"},
			nil,
		},
		{
			"with the answer n it deletes nothing", "n\n", nil, 0,
			"",
			[]string{question, "nothing was deleted"},
			[]string{"temperature/outside", "temperature/inside", statusTopic},
		},
		{
			"without an answer it fails", "", nil, 1,
			"",
			[]string{question, "sensorpub: read the answer: EOF\nhint: --yes"},
			[]string{"temperature/outside", "temperature/inside", statusTopic},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, config := retainedBy(t, two, "temperature/outside", "temperature/inside")
			got := invoke(t, c.stdin, append([]string{"clear", "--config", config}, c.flags...)...)
			if got.code != c.code || got.stdout != c.stdout {
				t.Errorf("got %+v, want exit code %d and %q", got, c.code, c.stdout)
			}
			rest := got.stderr
			for _, want := range c.stderr {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("got %q on stderr, want %q in it", got.stderr, want)
				}
				rest = after
			}
			left := retained(t, m.addr, "#")
			for _, topic := range append(c.left, "someone/else") {
				if _, there := left[topic]; !there {
					t.Errorf("%s is gone", topic)
				}
				delete(left, topic)
			}
			if len(left) > 0 {
				t.Errorf("got %v left", left)
			}
		})
	}
}

func TestClearLeavesARunningDaemonConnected(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	config := brokerConfig(m.tcp()) + sensor("outside", `interval = "200ms"`, "options = { values = [28.4] }")
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemon(t, config)
	live.until(statusTopic, "online")
	if got := invoke(t, "", "clear", "--yes", "--config", configFile(t, config)); got.code != 0 {
		t.Errorf("got %+v, want exit code 0", got)
	}
	live.until("temperature/outside", "")
	live.until("temperature/outside", "28.4")
	d.stop()
	if strings.Contains(d.stderr.String(), "connection lost") {
		t.Error("the daemon was thrown off the broker")
	}
}
