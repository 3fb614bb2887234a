package e2e

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// A transcript is the output of a process so far.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed at the next write
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	return s.text.Write(p)
}

func (s *transcript) String() string {
	text, _ := s.now()
	return text
}

// tail returns the last lines.
func (s *transcript) tail() string {
	lines := strings.SplitAfter(s.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "")
}

// now returns the text, and a channel that is closed when more comes.
func (s *transcript) now() (string, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.text.String(), s.changed
}

// await waits until the text contains s, and returns the line that does.
func (s *transcript) await(tb testing.TB, want string) string {
	tb.Helper()
	timeout := time.After(patience)
	for {
		text, changed := s.now()
		for line := range strings.Lines(text) {
			if strings.Contains(line, want) && strings.HasSuffix(line, "\n") {
				return strings.TrimSuffix(line, "\n")
			}
		}
		select {
		case <-changed:
		case <-timeout:
			tb.Fatalf("waited %v for a line with %q, got\n%s", patience, want, text)
		}
	}
}
