package mqtt

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// The codec of the library writes the same bytes.
func TestAPublishIsWhatTheLibraryWouldWrite(t *testing.T) {
	for _, c := range []struct {
		name string
		m    Message
	}{
		{"QoS 0", Message{Topic: "a", Payload: []byte("28.4")}},
		{"QoS 1, retained", Message{Topic: "temperature/außen", Payload: []byte("28.4"), QoS: 1, Retain: true}},
		{"QoS 2", Message{Topic: "a", Payload: []byte("28.4"), QoS: 2}},
		{"an empty payload", Message{Topic: "a", Payload: []byte{}, QoS: 1, Retain: true}},
		{"the longest length of one byte", Message{Topic: "a", Payload: make([]byte, 127-5), QoS: 1}},
		{"the shortest length of two", Message{Topic: "a", Payload: make([]byte, 128-5), QoS: 1}},
		{"the longest length of two", Message{Topic: "a", Payload: make([]byte, 16383-5), QoS: 1}},
		{"the shortest length of three", Message{Topic: "a", Payload: make([]byte, 16384-5), QoS: 1}},
		{"a long topic", Message{Topic: strings.Repeat("a", 1<<15), QoS: 1}},
	} {
		id := uint16(0)
		p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
		p.TopicName, p.Payload, p.Qos, p.Retain = c.m.Topic, c.m.Payload, c.m.QoS, c.m.Retain
		if c.m.QoS > 0 {
			id = 0xabcd
			p.MessageID = id
		}
		var want bytes.Buffer
		p.Write(&want)
		if got := appendPublish(nil, c.m, id); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: got %.40x (%d bytes), want %.40x (%d bytes)", c.name, got, len(got), want.Bytes(), want.Len())
		}
	}
}

// written ends a connection and returns what it has written.
func written(nc *conn) []byte {
	nc.Close()
	return nc.Conn.(*tape).written.Bytes()
}

func TestAPubrecIsAnsweredWithAPubrelEachTime(t *testing.T) {
	pubrec := []byte{0x50, 2, 1, 0}
	nc := newConn(&tape{Reader: bytes.NewReader(append(append(bytes.Clone(connackOK), pubrec...), pubrec...))},
		time.Second, time.Minute, func() {})
	d := nc.publish(Message{Topic: "a", QoS: 2})
	for range 3 { // with the CONNACK
		nc.in.next()
	}
	want := []byte{0x34, 5, 0, 1, 'a', 1, 0, 0x62, 2, 1, 0, 0x62, 2, 1, 0}
	if got := written(nc); !bytes.Equal(got, want) {
		t.Errorf("got %x written, want %x", got, want)
	}
	if <-d.Done(); d.Error() == nil {
		t.Error("acknowledged without a PUBCOMP")
	}
}

func TestAtQoS0AMessageIsDoneWhenItIsWritten(t *testing.T) {
	nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
	d := nc.publish(Message{Topic: "a"})
	select {
	case <-d.Done():
		t.Error("done before it was written")
	default:
	}
	if got, want := written(nc), []byte{0x30, 3, 0, 1, 'a'}; !bytes.Equal(got, want) {
		t.Errorf("got %x written, want %x", got, want)
	}
	if <-d.Done(); d.Error() != nil {
		t.Errorf("got %v, want no error", d.Error())
	}
}

func TestTheEndOfTheConnectionEndsEveryDelivery(t *testing.T) {
	nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
	var all []*delivery
	for qos := range byte(3) {
		all = append(all, nc.publish(Message{Topic: "before", QoS: qos}))
	}
	for _, d := range all {
		if d.Error() != nil {
			t.Errorf("got %v before the end, want none", d.Error())
		}
	}
	cause := errors.New("lost")
	nc.fail(cause)
	for qos := range byte(3) {
		all = append(all, nc.publish(Message{Topic: "after", QoS: qos}))
	}
	for i, d := range all {
		if <-d.Done(); d.Error() != cause {
			t.Errorf("message %d: got %v, want %v", i, d.Error(), cause)
		}
	}
	if n := len(nc.inflight.due); n != 0 {
		t.Errorf("%d answers are still due", n)
	}
}

func TestAMessageThatCannotWaitIsNotInFlight(t *testing.T) {
	nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
	nc.publish(Message{Topic: "a", Payload: make([]byte, maxUnwritten)})
	d := nc.publish(Message{Topic: "a", QoS: 1})
	if d.Error() == nil || len(nc.inflight.due) != 0 {
		t.Errorf("got %v and %d in flight, want an error and none", d.Error(), len(nc.inflight.due))
	}
}

// As the announcement of a few thousand sensors is.
func TestALongMessageIsWritten(t *testing.T) {
	nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
	m := Message{Topic: "a", Payload: make([]byte, 3*maxUnwritten), QoS: 1, Retain: true}
	if d := nc.publish(m); d.Error() != nil {
		t.Errorf("got %v, want no error", d.Error())
	}
	if got, want := written(nc), appendPublish(nil, m, firstID); !bytes.Equal(got, want) {
		t.Errorf("got %d bytes written, want %d", len(got), len(want))
	}
}

func TestNoPacketIdentifierIsUsedTwiceAtATime(t *testing.T) {
	f := newInflight()
	const all = 0x10000 - firstID
	seen := make(map[uint16]bool)
	for range all {
		id, err := f.publish(&delivery{done: make(chan struct{})}, 1)
		if err != nil || id < firstID || seen[id] {
			t.Fatalf("got %d and %v after %d messages, want a new one from %d on", id, err, len(seen), firstID)
		}
		seen[id] = true
	}
	if id, err := f.publish(new(delivery), 1); err == nil {
		t.Errorf("got %d when all are in use, want an error", id)
	}
	f.answer(0x1234, puback)
	if id, err := f.publish(&delivery{done: make(chan struct{})}, 2); id != 0x1234 || err != nil {
		t.Errorf("got %d and %v, want the only one that is free", id, err)
	}
}
