package publisher

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsWrittenOnlyWhenTheTopicsChange(t *testing.T) {
	memory := &testMemory{}
	topics, log := newTestTopics(memory)
	for i, c := range []struct {
		name  string
		w     Retained
		saves int // before anything is sent, and after all is
		later int
	}{
		{"the first start", retainedBy("a"), 1, 1},
		{"the same once more", retainedBy("a"), 1, 1},
		{"a sensor is added", retainedBy("a", "b"), 2, 2},
		{"a sensor is removed", retainedBy("a"), 2, 3},
		{"a sensor is renamed", retainedBy("c"), 4, 5},
	} {
		if i == 2 {
			topics, log = newTestTopics(memory) // a restart
		}
		topics.Configure(c.w)
		if memory.saves != c.saves {
			t.Errorf("%s: written %d times before it was published, want %d", c.name, memory.saves, c.saves)
		}
		sendAll(topics, nil)
		if memory.saves != c.later {
			t.Errorf("%s: written %d times, want %d", c.name, memory.saves, c.later)
		}
	}
	want := `msg="deleted retained messages that are no longer published" topics="temperature/a a/status"`
	if n := strings.Count(log.String(), want); n != 1 {
		t.Errorf("got %q, want %q once", log.String(), want)
	}
}

// A process that is killed leaves its topics as they are remembered then.
func TestKilledAtAnyMomentOfAChange(t *testing.T) {
	const steps = 3 // offline, state, status
	for killedAfter := range steps + 1 {
		memory := &testMemory{}
		topics, _ := newTestTopics(memory)
		topics.Configure(retainedBy("old"))
		topics.Configure(retainedBy("new"))
		for range killedAfter {
			if _, ok := topics.nextCleanup(nil, heldBack{}); !ok {
				t.Fatalf("no step after fewer than %d", killedAfter)
			}
			topics.acknowledged()
		}
		again, _ := newTestTopics(memory)
		again.Configure(retainedBy("new"))
		expectSent(t, sendAll(again, nil), "old/status offline", "temperature/old", "old/status")
		if want := linesOf(retainedBy("new")); !slices.Equal(memory.lines, want) {
			t.Errorf("remembers %q, want %q", memory.lines, want)
		}
	}
}

func TestMemoryThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := &testMemory{fails: 2, damaged: errors.New("read topics: damaged"), lines: []string{"state temperature/old", "state with/#", "gibberish", "state ", "part x"}}
		topics, log := newTestTopics(memory)
		topics.Configure(retainedBy("a"))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			topics.Run(ctx)
			close(ended)
		}()
		time.Sleep(saveRetry + time.Second)
		synctest.Wait()
		if memory.saves != 2 {
			t.Errorf("tried %d times within a minute, want 2", memory.saves)
		}
		expectSent(t, sendAll(topics, nil), "temperature/old")
		time.Sleep(saveRetry)
		synctest.Wait()
		if want := linesOf(retainedBy("a")); !slices.Equal(memory.lines, want) {
			t.Errorf("remembers %q, want %q", memory.lines, want)
		}
		cancel()
		<-ended
		for _, want := range []string{
			"topics that are no longer configured may stay\" cause=\"read topics: damaged\"",
			"retained topics cannot be remembered", "retained topics are remembered again",
		} {
			if n := strings.Count(log.String(), want); n != 1 {
				t.Errorf("got %d lines %q, want 1, in\n%s", n, want, log.String())
			}
		}
	})
}

func TestRememberedAndForget(t *testing.T) {
	w := retainedBy("a", "b")
	w.Announcements = []Announcement{{Topic: "x/y", Payload: []byte("1"), Parts: []string{"p"}}}
	memory := &testMemory{}
	topics, _ := newTestTopics(memory)
	topics.Configure(w)
	expect := func(want ...string) {
		t.Helper()
		if got, err := Remembered(memory); !slices.Equal(got, want) || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	expect("x/y", "temperature/a", "temperature/b", "a/status", "b/status", "status")
	if err := Forget(memory, []string{"x/y", "b/status", "unknown"}); err != nil {
		t.Fatal(err)
	}
	expect("temperature/a", "temperature/b", "a/status", "status")
	saves := memory.saves
	if err := Forget(memory, []string{"x/y"}); err != nil || memory.saves != saves {
		t.Errorf("got %v and %d writes, want none where nothing changes", err, memory.saves-saves)
	}
}
