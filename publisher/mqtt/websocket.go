package mqtt

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// A wsConn is a WebSocket as a stream of bytes. MQTT packets need not be
// aligned with its frames (MQTT 3.1.1, section 6).
type wsConn struct {
	*websocket.Conn
	below net.Conn // what the frames go through
	frame io.Reader
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
	if err := w.WriteMessage(websocket.BinaryMessage, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline is also for a write under way, during which the library's
// own must not be called.
func (w *wsConn) SetWriteDeadline(t time.Time) error { return w.below.SetWriteDeadline(t) }

// An undated connection leaves write deadlines to whoever has the connection
// itself: the library sets its own, which is none, for each frame.
type undated struct{ net.Conn }

func (undated) SetWriteDeadline(time.Time) error { return nil }

func (w *wsConn) SetDeadline(t time.Time) error {
	w.SetReadDeadline(t)
	return w.SetWriteDeadline(t)
}
