package mqtt

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A wsConn is a WebSocket as a stream of bytes. MQTT packets need not be
// aligned with its frames (MQTT 3.1.1, section 6).
type wsConn struct {
	*websocket.Conn
	frame    io.Reader
	mu       sync.Mutex
	deadline time.Time // of writes
}

func (w *wsConn) Read(p []byte) (int, error) {
	for {
		if w.frame == nil {
			kind, r, err := w.NextReader()
			if err != nil {
				var closed *websocket.CloseError
				if errors.As(err, &closed) {
					err = io.EOF
				}
				return 0, err
			}
			if kind != websocket.BinaryMessage {
				return 0, protocolError("a text frame")
			}
			w.frame = r
		}
		n, err := w.frame.Read(p)
		if errors.Is(err, io.EOF) {
			w.frame, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (w *wsConn) Write(p []byte) (int, error) {
	w.mu.Lock()
	deadline := w.deadline
	w.mu.Unlock()
	w.Conn.SetWriteDeadline(deadline)
	if err := w.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline is also for a write under way, during which the library's
// own must not be called.
func (w *wsConn) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	w.deadline = t
	w.mu.Unlock()
	return w.NetConn().SetWriteDeadline(t)
}

func (w *wsConn) SetDeadline(t time.Time) error {
	w.SetReadDeadline(t)
	return w.SetWriteDeadline(t)
}
