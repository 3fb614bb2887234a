package e2e

import (
	"os"
	"syscall"
	"testing"
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
	d.stderr.await(t, "INFO  deleted from the broker what is no longer published topics=temperature/old\n")
	d.stop()
	left := retained(t, m.addr, "#")
	if _, there := left["temperature/old"]; there || len(left) != 3 {
		t.Errorf("got %v left, want all but temperature/old", left)
	}
}
