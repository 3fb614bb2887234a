package publisher

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The kinds of retained topics.
const (
	kindState        = "state"
	kindStatus       = "status"
	kindAnnouncement = "announcement"
)

// linePart begins a line of the memory that has a part of an announcement. The
// other lines begin with a kind.
const linePart = "part"

// A retainedTopic is one of this node.
type retainedTopic struct {
	kind   string
	name   string
	wanted bool // by the configuration
	said   bool // removed, and "offline" was acknowledged
	unseen bool // nothing was sent to it yet, and perhaps nothing ever will be: its route is optional

	// Of an announcement:
	payload []byte    // empty: none, or if it is not wanted, its deletion
	due     time.Time // when it is to be sent; zero: it was sent
	sent    time.Time
	parts   []string // that a receiver may know
	content []string // the parts of payload
}

// say replaces the payload of an announcement.
func (e *retainedTopic) say(payload []byte, now time.Time) {
	if !bytes.Equal(payload, e.payload) {
		e.payload, e.due = payload, now
	}
}

// A topicList is the topics that may be retained.
type topicList struct {
	all           map[string]*retainedTopic // by name
	announcements []*retainedTopic          // those that were removed at the end
	removed       []*retainedTopic          // the other kinds
	keep          bool                      // removed stay
}

func newTopicList() topicList { return topicList{all: make(map[string]*retainedTopic)} }

// topics returns what a configuration retains, each topic once.
func (w *Retained) topics() (all []*retainedTopic) {
	seen := make(map[string]bool)
	add := func(e retainedTopic) {
		if e.name != "" && !seen[e.name] {
			seen[e.name], e.wanted = true, true
			all = append(all, &e)
		}
	}
	for _, a := range w.Announcements {
		parts := slices.Sorted(slices.Values(a.Parts))
		add(retainedTopic{kind: kindAnnouncement, name: a.Topic, payload: a.Payload, parts: parts, content: parts})
	}
	for _, r := range w.Routes {
		if r.Retain {
			add(retainedTopic{kind: kindState, name: r.Topic, unseen: r.Optional})
		}
		add(retainedTopic{kind: kindStatus, name: r.Status, unseen: r.IfPresent})
	}
	add(retainedTopic{kind: kindStatus, name: w.Availability})
	return all
}

// replace makes these the topics that are wanted, and all others removed.
func (l *topicList) replace(wanted []*retainedTopic, keep bool, now time.Time) {
	before := l.all
	*l = topicList{all: make(map[string]*retainedTopic, len(wanted)), keep: keep}
	for _, w := range wanted {
		e := before[w.name]
		if e == nil {
			e = &retainedTopic{name: w.name, unseen: w.unseen}
		}
		if !e.wanted {
			e.due = time.Time{} // of its deletion
		}
		e.kind, e.wanted, e.said, e.content = w.kind, true, false, w.content
		e.unseen = e.unseen && w.unseen
		e.parts = slices.Compact(slices.Sorted(slices.Values(append(e.parts, w.parts...))))
		if len(w.payload) > 0 {
			e.say(w.payload, now)
		}
		l.add(e)
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if e := before[name]; l.all[name] == nil {
			if e.wanted = false; e.kind == kindAnnouncement {
				e.payload, e.due = nil, now
			}
			l.add(e)
		}
	}
}

func (l *topicList) add(e *retainedTopic) {
	l.all[e.name] = e
	switch {
	case e.kind == kindAnnouncement:
		l.announcements = append(l.announcements, e)
	case e.unseen && !e.wanted:
		delete(l.all, e.name)
	case !e.wanted:
		l.removed = append(l.removed, e)
	}
}

// remove forgets a topic.
func (l *topicList) remove(e *retainedTopic) {
	delete(l.all, e.name)
	is := func(other *retainedTopic) bool { return other == e }
	l.announcements = slices.DeleteFunc(l.announcements, is)
	l.removed = slices.DeleteFunc(l.removed, is)
}

// lines returns what the memory is to have, sorted.
func (l *topicList) lines() []string { return l.with(nil) }

// with returns what the memory is to have when other topics are added.
func (l *topicList) with(more []*retainedTopic) (lines []string) {
	for _, e := range slices.AppendSeq(more[:len(more):len(more)], maps.Values(l.all)) {
		if e.unseen {
			continue
		}
		lines = append(lines, e.kind+" "+e.name)
		for _, part := range e.parts {
			lines = append(lines, linePart+" "+part+" "+e.name)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// recall adds the topics of lines as removed ones.
func (l *topicList) recall(lines []string) {
	for _, line := range lines {
		kind, name, _ := strings.Cut(line, " ")
		known := kind == kindState || kind == kindStatus || kind == kindAnnouncement
		if known && publishable(name) && l.all[name] == nil {
			l.add(&retainedTopic{kind: kind, name: name})
		}
	}
	for _, line := range lines {
		kind, rest, _ := strings.Cut(line, " ")
		part, name, _ := strings.Cut(rest, " ")
		if e := l.all[name]; kind == linePart && e != nil {
			e.parts = append(e.parts, part)
		}
	}
}

// publishable reports whether a message can be sent to a topic: brokers close the
// connection at any other (MQTT 3.1.1, section 4.7).
func publishable(topic string) bool {
	return topic != "" && len(topic) <= 65535 && utf8.ValidString(topic) && !strings.ContainsAny(topic, "+#\x00")
}
