package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// aliveEvery is how often a client hears something if nothing changes, and
	// one that is gone is noticed.
	aliveEvery = 15 * time.Second
	// takeWithin is how long a client may take to read an event.
	takeWithin = 10 * time.Second
)

// serveEvents sends the status and then what changes, until the client is gone
// or does not read. See Server-Sent Events in the HTML standard, section 9.2.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	slot, leave, ok := s.hub.join()
	if !ok {
		fail(w, http.StatusServiceUnavailable, "the page is open too often: close it elsewhere")
		return
	}
	defer leave()
	c := &client{w: w, control: http.NewResponseController(w)}
	c.control.SetReadDeadline(time.Time{}) // that of the request ends the connection
	c.write("retry: 3000\n")
	c.show(s.frame())
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for c.err == nil {
		select {
		case <-r.Context().Done():
			return
		case f := <-slot:
			if c.show(f) {
				alive.Reset(aliveEvery)
			}
		case <-alive.C:
			c.write("event: alive\ndata: {}\n\n") // scripts do not see comments
		}
	}
}

// A client is one that listens to events.
type client struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    *frame // that it has
	err     error  // of a write
}

// show sends what has changed, and reports whether anything has.
func (c *client) show(f *frame) bool {
	event, data := f.since(c.last)
	c.last = f
	if event != "" {
		c.write(fmt.Sprintf("event: %s\ndata: %s\n\n", event, data))
	}
	return event != ""
}

func (c *client) write(text string) {
	if c.err != nil {
		return
	}
	c.control.SetWriteDeadline(time.Now().Add(takeWithin))
	if _, c.err = c.w.Write([]byte(text)); c.err == nil {
		c.err = c.control.Flush()
	}
}
