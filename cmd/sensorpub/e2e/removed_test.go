package e2e

import (
	"os"
	"syscall"
	"testing"
)

func TestReloadNamesWhatStaysRetainedAndClearDeletesIt(t *testing.T) {
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
	d.stderr.await(t, `WARN  the broker retains what is no longer published topics=temperature/old hint="sensorpub clear --topic TOPIC deletes it"`)
	live.until("temperature/new", "28.4")
	d.stop()
	got := invoke(t, "", "clear", "--yes", "--topic", "temperature/old", "--config", config)
	if want := (result{0, "temperature/old\n", ""}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	left := retained(t, m.addr, "#")
	if _, there := left["temperature/old"]; there || len(left) != 3 {
		t.Errorf("got %v left, want all but temperature/old", left)
	}
}
