package e2e

import (
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestWatchDecodesWhateverTheEncoding(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	config := brokerConfig(m.tcp())
	topics := []string{statusTopic}
	want := map[string]string{statusTopic: `"online"  retained`}
	for name, line := range map[string]string{
		"text": `encoding = "text"`, "json": `encoding = "json"`,
		"double": `encoding = "binary"`, "float": "encoding = \"binary\"\nbinary_format = \"<f\"",
	} {
		config += once(name, 28.5, line)
		want["temperature/"+name] = "28.5 °C  retained"
		topics = append(topics, "temperature/"+name)
	}
	want["temperature/json"] = "28.5 °C  measured TIME  retained"
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemon(t, config)
	live.untilEach(topics...)

	got := invoke(t, "", "watch", "--count", "5", "--config", configFile(t, config))
	if got.code != 0 || got.stderr != "" && !strings.Contains(got.stderr, "connected") {
		t.Errorf("got %+v, want exit code 0", got)
	}
	clock := regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{3}`)
	for line := range strings.Lines(got.stdout) {
		at, rest, _ := strings.Cut(strings.TrimSpace(line), "  ")
		topic, rest, _ := strings.Cut(rest, " ")
		rest = clock.ReplaceAllString(strings.TrimSpace(rest), "TIME")
		if !clock.MatchString(at) || want[topic] != rest {
			t.Errorf("got %q, want %s %q", line, topic, want[topic])
		}
		delete(want, topic)
	}
	if len(want) > 0 {
		t.Errorf("got %q, want also %v", got.stdout, want)
	}
	d.stop()
}

func TestWatchShowsMessagesUntilASignal(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	config := configFile(t, brokerConfig(m.tcp())+once("outside", 28.4))
	w := start(t, prepare(t, nil, "watch", "--config", config, "--topic", "#"))
	m.log.await(t, "-watch (p2")
	sender := dialClient(t, m.addr)
	for stop := false; !stop; { // the SUBSCRIBE may come after the first
		sender.publish(message{topic: "any/topic", payload: "21.5"})
		stop = strings.Contains(w.stdout.String(), "\n")
	}
	sender.publish(message{topic: "temperature/outside", payload: ""})
	w.stdout.await(t, "deleted")
	w.signal(syscall.SIGTERM)
	if code := w.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	if lines := slices.Collect(strings.Lines(w.stdout.String())); !strings.HasSuffix(lines[0], "  any/topic                    21.5\n") {
		t.Errorf("got %q, want any/topic 21.5", lines[0])
	}
}
