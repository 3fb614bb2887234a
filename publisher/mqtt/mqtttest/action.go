package mqtttest

import (
	"encoding/binary"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// maxRemaining is the greatest remaining length there is (MQTT 3.1.1, 2.2.3):
// 256 MiB less one byte.
const maxRemaining = 1<<28 - 1

// Action replaces the answer to a packet. answer is the packet that a correct
// broker would send: CONNACK, PUBACK, PUBREC, PUBCOMP, SUBACK, UNSUBACK,
// PINGRESP or PUBREL; it is empty where none is due (ACCEPT, QoS 0, DISCONNECT).
// An action runs on the goroutine that reads the connection: while it blocks,
// nothing more is read, and it must return once the connection has ended.
type Action func(c *Conn, answer []byte)

// Answer sends the answer as if there were no fault. It is useful within Then.
func Answer(c *Conn, answer []byte) { c.Send(answer) }

// Drop sends nothing: no CONNACK, no acknowledgement, no PINGRESP.
func Drop(*Conn, []byte) {}

// Close closes the connection (FIN) once everything sent before is written.
func Close(c *Conn, _ []byte) { c.Close() }

// Reset resets the connection (RST) immediately.
func Reset(c *Conn, _ []byte) { c.Reset() }

// Twice sends the answer twice.
func Twice(c *Conn, answer []byte) {
	c.Send(answer)
	c.Send(answer)
}

// WrongID sends the answer with a packet identifier that is not in flight.
func WrongID(c *Conn, answer []byte) {
	if len(answer) < 4 || Type(answer[0]>>4) == CONNACK {
		c.Send(answer)
		return
	}
	wrong := append([]byte(nil), answer...)
	binary.BigEndian.PutUint16(wrong[2:], c.unusedID())
	c.Send(wrong)
}

// StopReading neither reads from the connection again nor answers: the client's
// bytes pile up until the TCP window is closed.
func StopReading(c *Conn, _ []byte) {
	c.shrink()
	<-c.done
}

// Then does one action after the other.
func Then(actions ...Action) Action {
	return func(c *Conn, answer []byte) {
		for _, action := range actions {
			action(c, answer)
		}
	}
}

// Delay sends the answer after d. Reading continues, and answers with the same
// delay keep their order.
func Delay(d time.Duration) Action {
	return func(c *Conn, answer []byte) { c.sendAfter(d, answer) }
}

// Pause neither reads nor answers for d, and then sends the answer.
func Pause(d time.Duration) Action {
	return func(c *Conn, answer []byte) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.Send(answer)
		case <-c.done:
		}
	}
}

// As sends the answer's packet identifier in a packet of another type: a PUBREC
// or a PUBCOMP where a PUBACK is due.
func As(t Type) Action {
	return func(c *Conn, answer []byte) {
		if len(answer) == 4 {
			c.Send(ack(t, binary.BigEndian.Uint16(answer[2:])))
		}
	}
}

// Connack answers a CONNECT with the return code, any byte, and closes the
// connection if it is not 0. To leave the connection open, for a client that
// takes the code for a success, use Bytes(0x20, 2, 0, code): whatever it then
// sends but DISCONNECT is a violation.
func Connack(code byte) Action {
	return func(c *Conn, _ []byte) {
		c.Send(connack(false, code))
		if code != 0 {
			c.Close()
		}
	}
}

// Bytes sends these bytes.
func Bytes(raw ...byte) Action {
	return func(c *Conn, _ []byte) { c.Send(raw) }
}

// Garbage sends n random bytes, different ones each time, but the same sequence
// for the same seed. From then on, unexpected acknowledgements from the client
// are not violations on this connection.
func Garbage(seed uint64, n int) Action {
	var uses atomic.Uint64
	return func(c *Conn, _ []byte) {
		random := rand.New(rand.NewPCG(seed, uses.Add(1)))
		raw := make([]byte, n)
		for i := range raw {
			raw[i] = byte(random.UintN(256))
		}
		c.sendGarbage(raw)
	}
}

// Announce sends the start of a PUBLISH with a remaining length of n bytes, at
// most 268435455, and never sends the rest.
func Announce(n int) Action {
	begin := append([]byte{byte(PUBLISH) << 4}, encodeLength(min(n, maxRemaining))...)
	begin = append(begin, text("mqtttest/announced")...)
	return Bytes(append(begin, make([]byte, 64)...)...)
}

// Push sends the client a PUBLISH that it has not subscribed to.
func Push(m Message) Action {
	return func(c *Conn, _ []byte) { c.Push(m) }
}
