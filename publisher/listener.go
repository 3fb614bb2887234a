package publisher

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sensorpub/sensors"
)

// A listener receives what others publish on the node's status topic, on the topic of
// its reports, and on the birth topic.
type listener struct {
	failures   int       // consecutive connections that ended at the subscription
	restored   time.Time // when the status was last restored
	overwrites sensors.Streak
	clashes    sensors.Streak

	// Of the present connection:
	status, birth, reports string // topics; "": none
	machine                string // in the reports
	subscription           *subscription
}

// A subscription keeps only the last message of each kind, which is all that counts:
// it takes the same memory however much arrives.
type subscription struct {
	token Token
	news  chan struct{}

	mu          sync.Mutex // guards what follows
	overwritten bool       // the status is not "online"
	born        bool       // a birth message came
	strangers              // the reports of others
}

// restoreEvery is the least time between two restorations of the status, so that
// two machines with the same node name do not fight.
const restoreEvery = 10 * time.Second

// maxFailures is the number of failures after which it does not subscribe again: one
// may be due to a message that the broker refused at the same time.
const maxFailures = 2

// refusedWithin is how soon a broker that refuses a subscription in this way closes
// the connection. One that ends later proves nothing: the link or the broker hung.
const refusedWithin = 5 * time.Second

// begin begins a connection.
func (l *listener) begin(s Settings) {
	if l.subscription.answered() {
		l.failures = 0
	}
	l.status, l.birth, l.reports, l.machine, l.subscription = s.Availability, s.Birth, s.Reports, s.Machine, nil
	if l.machine == "" {
		l.reports = ""
	}
}

// listen subscribes, once on each connection. Some brokers close the connection at a
// subscription that they refuse, so the connection has to be sound before: then the
// cause is clear.
func (l *listener) listen(s Session) {
	if l.failures >= maxFailures || l.subscription != nil {
		return
	}
	topics := slices.DeleteFunc([]string{l.status, l.birth, l.reports}, func(topic string) bool { return topic == "" })
	if len(topics) == 0 {
		return
	}
	sub := &subscription{news: make(chan struct{}, 1), strangers: strangers{since: time.Now(), own: l.machine}}
	status, reports := l.status, l.reports
	sub.token = s.Subscribe(topics, func(m Message) {
		if m.Topic == reports {
			sub.hearReport(m)
		} else {
			sub.hear(m, m.Topic == status)
		}
	})
	l.subscription = sub
}

// hear handles a message on the status or the birth topic. A retained birth message
// is old.
func (s *subscription) hear(m Message, status bool) {
	online := string(m.Payload) == Online
	s.mu.Lock()
	defer s.mu.Unlock()
	if status {
		s.overwritten = !online
	} else if online && !m.Retain {
		s.born = true
	}
	wake(s.news)
}

// answered reports whether the broker has answered.
func (s *subscription) answered() bool {
	return s != nil && isClosed(s.token.Done()) && s.token.Error() == nil
}

// ended handles the loss of a connection.
func (l *listener) ended(log *slog.Logger) {
	s := l.subscription
	if s == nil || s.answered() || time.Since(s.since) > refusedWithin {
		return
	}
	if l.failures++; l.failures < maxFailures {
		return
	}
	log.Warn("two connections ended when subscribing, so there will be no further subscription until the next start",
		"topic", l.status, "effect", "the status of this node is not restored if another machine overwrites it")
}

// news receives when something was heard.
func (l *listener) news() <-chan struct{} {
	if l.subscription == nil {
		return nil
	}
	return l.subscription.news
}

// isBorn reports, once, that a birth message came.
func (l *listener) isBorn() bool {
	s := l.subscription
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	born := s.born
	s.born = false
	return born
}

// isOverwritten reports whether the status is not "online", as another client has
// overwritten it.
func (l *listener) isOverwritten() bool {
	s := l.subscription
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overwritten
}

// restore reports whether "online" is to be published again, and logs that.
func (l *listener) restore(log *slog.Logger) bool {
	now := time.Now()
	if !l.isOverwritten() || now.Before(l.restored.Add(restoreEvery)) {
		return false
	}
	l.subscription.hear(Message{Payload: []byte(Online)}, true) // what is on its way
	l.restored = now
	l.overwrites.Begin(now)
	l.overwrites.End(now)
	log.Log(context.Background(), l.overwrites.Level(slog.LevelWarn),
		"another client has overwritten the status of this node: it is published again", l.overwrites.Args(
			"topic", l.status, "hint", "each machine needs its own node name")...)
	return true
}

// restoreAt is when the status may be restored; zero if it need not be.
func (l *listener) restoreAt() time.Time {
	if !l.isOverwritten() {
		return time.Time{}
	}
	return l.restored.Add(restoreEvery)
}
