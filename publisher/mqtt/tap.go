package mqtt

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A Tap keeps the messages that arrive for the subscriptions of one session, for
// inspection.
type Tap struct {
	session *Session

	mu       sync.Mutex
	messages []Message
	bytes    int           // in the payloads of messages
	more     chan struct{} // closed when a message has come
}

// A flood is not kept: neither more messages nor more bytes than these.
const (
	maxTapped      = 10000
	maxTappedBytes = 4 << 20
)

// NewTap returns a tap without subscriptions.
func NewTap(s *Session) *Tap { return &Tap{session: s, more: make(chan struct{})} }

// Subscribe adds a topic. A topic that is added again gets its retained message
// again. The error is [ErrRefused] if the broker says that it may not be read.
func (t *Tap) Subscribe(ctx context.Context, topic string) error {
	return t.session.subscribe(ctx, t.take, topic)
}

func (t *Tap) take(m Message) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.messages) >= maxTapped || t.bytes+len(m.Payload) > maxTappedBytes {
		return
	}
	t.messages = append(t.messages, m)
	t.bytes += len(m.Payload)
	close(t.more)
	t.more = make(chan struct{})
}

// Messages returns what has come so far.
func (t *Tap) Messages() []Message {
	all, _ := t.now()
	return all
}

// now returns what has come so far, and what is closed when more has come.
func (t *Tap) now() ([]Message, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.messages[:len(t.messages):len(t.messages)], t.more
}

// Await waits until a message that is wanted comes after the first n, until ctx
// ends, or until the connection does.
func (t *Tap) Await(ctx context.Context, n int, wanted func(Message) bool) error {
	for {
		all, more := t.now()
		for ; n < len(all); n++ {
			if wanted(all[n]) {
				return nil
			}
		}
		select {
		case <-more:
		case <-t.session.Done():
			return fmt.Errorf("%w: %s", ErrEnded, cause(t.session.conn.err()))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// SendWithin is Send with a bound on its time.
func (s *Session) SendWithin(ctx context.Context, m Message, ack time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, ack)
	defer cancel()
	return s.Send(ctx, m)
}

// Send publishes a message and waits until the broker has acknowledged it. Its
// error is [ErrAckTimeout] when ctx ends first, and [ErrEnded] if the connection
// has ended.
func (s *Session) Send(ctx context.Context, m Message) error {
	token := s.Publish(m)
	select {
	case <-ctx.Done():
		return ErrAckTimeout
	case <-token.Done():
	}
	if err := token.Error(); err != nil {
		if ended := s.conn.err(); ended != nil {
			err = fmt.Errorf("%w: %s", ErrEnded, cause(ended))
		}
		return err
	}
	return nil
}
