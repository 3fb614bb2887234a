package publisher

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"
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

// saveRetry is the pause before another attempt to save.
const saveRetry = time.Minute

// Run saves what has changed. It returns nil when ctx ends.
func (t *Topics) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		dirty, retry := t.dirty, (<-chan time.Time)(nil)
		if t.failing() {
			dirty, retry = nil, time.After(saveRetry)
		}
		select {
		case <-ctx.Done():
		case <-dirty:
		case <-retry:
		}
		t.saveChanges()
	}
	return nil
}

// saveChanges logs what was deleted, and forgets it.
func (t *Topics) saveChanges() {
	t.saving.Lock()
	defer t.saving.Unlock()
	t.mu.Lock()
	lines, deleted := t.lines(), t.deleted
	t.deleted, t.changed = nil, false
	t.mu.Unlock()
	if len(deleted) > 0 {
		t.log.Info("deleted retained messages that are no longer published", "topics", strings.Join(deleted, " "))
	}
	t.save(lines)
}

// save makes the memory consist of these lines; t.saving must be held.
func (t *Topics) save(lines []string) {
	if t.memory == nil || slices.Equal(lines, t.saved) {
		return
	}
	err := t.memory.Save(lines)
	switch {
	case err == nil:
		t.saved = lines
		if t.failed {
			t.log.Info("retained topics are remembered again")
		}
	case !t.failed:
		t.log.Warn("retained topics cannot be remembered: those that are removed before the next start may stay", "cause", err)
	}
	if t.failed = err != nil; t.failed {
		wake(t.dirty)
	}
}

func (t *Topics) failing() bool {
	t.saving.Lock()
	defer t.saving.Unlock()
	return t.failed
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

// Forget removes deleted topics from a memory.
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
