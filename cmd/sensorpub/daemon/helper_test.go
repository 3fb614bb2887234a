package daemon

import (
	"bytes"
	"strings"
	"sync"

	"sensorpub/cmd/sensorpub/config"
)

// liveTopic is where fixture.OneSensor publishes.
const liveTopic = "temperature/outside"

// parse reads a configuration on a machine called garden-pi.
func parse(text string) (*config.Config, error) { return parseOn("", text) }

// parseOn is parse with the devices of a directory.
func parseOn(root, text string) (*config.Config, error) {
	return config.Environment{
		Getenv:   func(key string) string { return map[string]string{"SENSORPUB_ROOT": root}[key] },
		Hostname: func() (string, error) { return "garden-pi.lan", nil },
	}.Parse("config.toml", []byte(text))
}

// A buffer collects the lines of a log.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func countLines(text, with string) (n int) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, with) {
			n++
		}
	}
	return n
}
