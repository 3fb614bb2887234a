package web

import (
	"context"
	"sync"
	"time"
)

const (
	// maxClients of /events leave connections for other requests.
	maxClients = 8
	// showEvery is how often clients learn what has changed.
	showEvery = time.Second
	// recordEvery is how often the history gets a point of each reading.
	recordEvery = 10 * time.Second
)

// A hub passes frames on to the clients of /events. Each has one slot, in which a
// newer frame replaces an older one: a slow client costs no memory and does not hold
// up the others.
type hub struct {
	mu      sync.Mutex
	clients map[chan *frame]bool
	joined  chan struct{} // has one element after a client has joined
}

func newHub() hub {
	return hub{clients: make(map[chan *frame]bool), joined: make(chan struct{}, 1)}
}

// join adds a client, unless there are too many, and returns its slot and how it
// leaves.
func (h *hub) join() (slot <-chan *frame, leave func(), ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) == maxClients {
		return nil, nil, false
	}
	c := make(chan *frame, 1)
	h.clients[c] = true
	select {
	case h.joined <- struct{}{}:
	default:
	}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.clients, c)
	}, true
}

// show puts a frame into the slot of each client.
func (h *hub) show(f *frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		select {
		case <-c:
		default:
		}
		c <- f
	}
}

func (h *hub) empty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.clients) == 0
}

// Watch polls the daemon until ctx ends: every 10 s for the history, and every second
// while a page is open.
func (s *Server) Watch(ctx context.Context) error {
	record, show := time.NewTicker(recordEvery), time.NewTicker(showEvery)
	defer record.Stop()
	defer show.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.hub.joined:
			show.Reset(showEvery)
		case <-show.C:
			if s.hub.empty() {
				show.Stop()
				continue
			}
			s.hub.show(s.frame())
		case <-record.C:
			s.history.record(s.Snapshot())
		}
	}
}
