package mqtttest

import (
	"bytes"
	"strings"
	"sync"
)

// A LogBook keeps log lines.
type LogBook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *LogBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// Lines returns the lines that contain the text.
func (l *LogBook) Lines(text string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}
