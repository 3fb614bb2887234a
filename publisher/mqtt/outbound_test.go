package mqtt

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever followed would be read as the rest of the packet that was cut off.
func TestNothingIsWrittenAfterPartOfAPacket(t *testing.T) {
	for _, c := range []struct {
		name string
		end  time.Duration // after the first write
		read time.Duration // by the broker, after that
	}{
		{"the end hurries a write", time.Second, lastWrite + lastWord/2},
		{"a write has just failed", stalled + lastWord/2, lastWord / 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				nc := newConn(client, stalled, time.Minute, func() {})
				go nc.flush()
				nc.publish(Message{Topic: "a", Payload: []byte("28.4"), QoS: 1, Retain: true})
				if _, err := io.ReadFull(server, make([]byte, 7)); err != nil { // up to the payload
					t.Fatal(err)
				}
				nc.publish(Message{Topic: "b", Payload: []byte("1013.25"), QoS: 1, Retain: true})
				time.Sleep(c.end)
				go nc.Close()
				time.Sleep(c.read)
				if rest, _ := io.ReadAll(server); len(rest) > 0 {
					t.Errorf("got %q after the part of a packet, want nothing", rest)
				}
			})
		})
	}
}
