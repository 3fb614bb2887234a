package publisher

import (
	"maps"
	"slices"
)

// A Memory keeps a few lines of text so that they outlive the process and a
// power cut. [spool.Lines] is one.
type Memory interface {
	// Load returns the lines that are intact. An error means that there may have
	// been others.
	Load() ([]string, error)
	// Save replaces all lines. It may take long.
	Save(lines []string) error
}

// Remembered returns the topics that a memory has, in the order in which they are
// to be deleted: the announcements before the states, and the statuses last. An
// error means that there may have been others.
func Remembered(m Memory) (topics []string, err error) {
	lines, err := m.Load()
	l := newTopicList()
	l.recall(lines)
	for _, kind := range []string{kindAnnouncement, kindState, kindStatus} {
		for _, name := range slices.Sorted(maps.Keys(l.all)) {
			if l.all[name].kind == kind {
				topics = append(topics, name)
			}
		}
	}
	return topics, err
}

// Forget takes topics that were deleted out of a memory.
func Forget(m Memory, topics []string) error {
	lines, err := m.Load()
	if err != nil {
		return err
	}
	l := newTopicList()
	l.recall(lines)
	for _, name := range topics {
		if e := l.all[name]; e != nil {
			l.remove(e)
		}
	}
	if left := l.lines(); !slices.Equal(left, lines) {
		return m.Save(left)
	}
	return nil
}
