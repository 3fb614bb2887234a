package publisher

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Topics are the retained topics of this node, so that none is left behind when
// the configuration no longer has it. There are three kinds: states, to which
// readings go; statuses, which say "online" or "offline"; and announcements,
// which are all other control messages, such as those for discovery.
//
// A topic is remembered before it is first published, or when it is, if its route
// is optional; and forgotten once the broker has acknowledged its deletion. What
// was removed goes in this order, each message acknowledged before the next: the
// announcements, "offline" on the statuses, and when nothing else is left to send,
// the states and then the statuses. To a receiver with a time limit for its states,
// the deletion of one would otherwise look like a sign of life.
//
// Each configuration is given to [Topics.Configure] before the queue and the
// publisher get it.
type Topics struct {
	memory Memory // nil: nothing outlives the process
	log    *slog.Logger
	ready  chan struct{} // there may be something to send
	dirty  chan struct{} // there is something to save

	saving sync.Mutex // guards saved and failed
	saved  []string
	failed bool // the last attempt

	mu sync.Mutex // guards what follows
	topicList
	flying  *retainedTopic // to which a message is on its way
	payload []byte         // of that message
	deleted []string       // and not logged yet
	changed bool           // and not saved yet
	kept    string         // topics that were logged as kept
}

// Retained is what a configuration retains at the broker.
type Retained struct {
	Routes        []Route
	Availability  string // as in [Settings]
	Announcements []Announcement
	KeepRemoved   bool // states and statuses that were removed are not deleted; announcements are
}

// An Announcement is a retained control message. It is sent at QoS 1 on the first
// connection of the process, whenever its payload has changed, and after a birth
// message ([Settings]), but never twice within a second, whichever process sends
// it. It is deleted when the configuration no longer has it.
type Announcement struct {
	Topic   string
	Payload []byte // must not be changed; empty: nothing is sent before [Topics.Announce]

	// Parts are the names, without spaces, of the parts of the payload. They are
	// remembered with the topic until a payload without them is acknowledged:
	// [Topics.Parts] returns what a receiver may know.
	Parts []string
}

// NewTopics returns the topics that earlier processes have left. memory may be
// nil: then there are none, and nothing is remembered.
func NewTopics(memory Memory, log *slog.Logger) *Topics {
	t := &Topics{memory: memory, log: log, ready: make(chan struct{}, 1), dirty: make(chan struct{}, 1)}
	t.topicList = newTopicList()
	if memory == nil {
		return t
	}
	lines, err := memory.Load()
	t.recall(lines)
	for _, e := range t.announcements {
		e.sent = time.Now() // perhaps, by the process before
	}
	t.saved = t.lines()
	if err != nil {
		log.Warn("the list of retained topics cannot be read in full: topics that are no longer configured may stay", "cause", err)
		t.saved = nil // to be written anew
	}
	return t
}

// Configure replaces what is retained. What is new is remembered when it returns,
// unless the memory fails. What is gone is deleted as soon as possible.
func (t *Topics) Configure(w Retained) {
	t.saving.Lock()
	defer t.saving.Unlock()
	wanted := w.topics()
	t.mu.Lock()
	lines := t.with(wanted)
	t.mu.Unlock()
	t.save(lines)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.replace(wanted, w.KeepRemoved, time.Now())
	t.logKept()
	wake(t.ready)
}

// logKept logs which removed topics are kept, unless the last such line named the same
// ones; t.mu must be held.
func (t *Topics) logKept() {
	var names []string
	for _, e := range t.removed {
		if t.keep {
			names = append(names, e.name)
		}
	}
	if kept := strings.Join(names, " "); kept != t.kept {
		t.kept = kept
		if kept != "" {
			t.log.Info("retained messages that are no longer published stay on the broker", "topics", kept,
				"hint", "sensorpub clear --topic TOPIC deletes one, keep_removed = false deletes all")
		}
	}
}

// Announce replaces the payload of a configured announcement.
func (t *Topics) Announce(topic string, payload []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.all[topic]; e != nil && e.wanted && e.kind == kindAnnouncement {
		e.say(payload, time.Now())
		wake(t.ready)
	}
}

// again sends all announcements once more, after a pause.
func (t *Topics) again(after time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.announcements {
		if e.due.IsZero() && len(e.payload) > 0 {
			e.due = time.Now().Add(after)
		}
	}
}

// Parts returns the parts of an announcement that a receiver may know, sorted,
// also from earlier processes.
func (t *Topics) Parts(topic string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.all[topic]; e != nil {
		return slices.Clone(e.parts)
	}
	return nil
}

// sent notes that a reading is sent to the topic of an optional route, which may
// have been removed while the reading waited.
func (t *Topics) sent(topic string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := t.all[topic]; {
	case e == nil:
		t.add(&retainedTopic{kind: kindState, name: topic})
	case !e.unseen:
		return
	default:
		e.unseen = false
	}
	t.changed = true
}

// said notes that a sensor's status is sent, perhaps for the first time.
func (t *Topics) said(topic string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.all[topic]; e != nil && e.unseen {
		e.unseen, t.changed = false, true
	}
}

// knows reports whether something was sent to a topic, perhaps by an earlier process.
func (t *Topics) knows(topic string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.all[topic]
	return e != nil && !e.unseen
}

// wake wakes the goroutine that waits for c.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
