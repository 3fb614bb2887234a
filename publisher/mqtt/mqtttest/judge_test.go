package mqtttest

import (
	"strings"
	"testing"
)

func TestViolationsAreReported(t *testing.T) {
	pub := func(head byte, id uint16, topic, payload string) []byte {
		m := publish(Message{Topic: topic, Payload: []byte(payload), QoS: head >> 1 & 3, ID: id})
		m[0] = head
		return m
	}
	hello := connect("a")
	tests := []struct {
		name string
		send [][]byte
		want string // "" means no violation
	}{
		{"a sound conversation", [][]byte{hello, pub(0x32, 1, "t", "1"), pub(0x32, 2, "t", "2"), {0xc0, 0}}, ""},
		{"a first packet other than CONNECT", [][]byte{{0xc0, 0}}, "PINGREQ: the first packet must be CONNECT"},
		{"a second CONNECT", [][]byte{hello, hello}, "CONNECT: second on this connection"},
		{"MQTT 3.1", [][]byte{encode(0x10, text("MQIsdp"), []byte{3, 2, 0, 60}, text("a"))}, `CONNECT: protocol is "MQIsdp" level 3, want "MQTT" level 4`},
		{"MQTT 5", [][]byte{encode(0x10, text("MQTT"), []byte{5, 2, 0, 60, 0}, text("a"))}, `CONNECT: protocol is "MQTT" level 5, want "MQTT" level 4`},
		{"no client id and no clean session", [][]byte{encode(0x10, text("MQTT"), []byte{4, 0, 0, 60}, text(""))}, "CONNECT: no client id, and no clean session"},
		{"a reserved connect flag", [][]byte{encode(0x10, text("MQTT"), []byte{4, 3, 0, 60}, text("a"))}, "CONNECT: reserved connect flag is set"},
		{"a will QoS without a will", [][]byte{encode(0x10, text("MQTT"), []byte{4, 0x0a, 0, 60}, text("a"))}, "CONNECT: will QoS or will retain without a will"},
		{"a will QoS of 3", [][]byte{encode(0x10, text("MQTT"), []byte{4, 0x1e, 0, 60}, text("a"), text("w"), text(""))}, "CONNECT: will QoS is 3"},
		{"a will topic with a wildcard", [][]byte{encode(0x10, text("MQTT"), []byte{4, 6, 0, 60}, text("a"), text("w/#"), text(""))}, `CONNECT: topic "w/#" contains a wildcard`},
		{"a password without a user name", [][]byte{encode(0x10, text("MQTT"), []byte{4, 0x42, 0, 60}, text("a"), text("p"))}, "CONNECT: password without a user name"},
		{"a CONNECT cut short", [][]byte{encode(0x10, text("MQTT"), []byte{4, 2})}, "CONNECT: remaining length too short for the fields"},
		{"a packet id of 0", [][]byte{hello, pub(0x32, 0, "t", "1")}, "PUBLISH: packet id is 0"},
		{"QoS 3", [][]byte{hello, pub(0x36, 1, "t", "1")}, "PUBLISH: QoS is 3"},
		{"DUP with QoS 0", [][]byte{hello, pub(0x38, 0, "t", "1")}, "PUBLISH: DUP is set with QoS 0"},
		{"DUP on a first sending", [][]byte{hello, pub(0x3a, 1, "t", "1")}, "PUBLISH: DUP is set on the first sending of packet id 1"},
		{"DUP on the same message", [][]byte{hello, pub(0x32, 9, "t", "1"), pub(0x3a, 9, "t", "1")}, ""},
		{"DUP on another message", [][]byte{hello, pub(0x32, 9, "t", "1"), pub(0x3a, 9, "t", "2")}, "PUBLISH: DUP is set, but packet id 9 was another message"},
		{"a packet id in use", [][]byte{hello, pub(0x34, 7, "t", "1"), pub(0x32, 7, "t", "2")}, "PUBLISH: packet id 7 is in use"},
		{"a packet id in use by SUBSCRIBE", [][]byte{hello, pub(0x34, 7, "t", "1"), encode(0x82, []byte{0, 7}, text("t"), []byte{0})}, "SUBSCRIBE: packet id 7 is in use"},
		{"an empty topic", [][]byte{hello, pub(0x30, 0, "", "1")}, "PUBLISH: topic is empty"},
		{"a topic with a wildcard", [][]byte{hello, pub(0x30, 0, "a/+", "1")}, `PUBLISH: topic "a/+" contains a wildcard`},
		{"a topic that is not UTF-8", [][]byte{hello, pub(0x30, 0, "a\xff", "1")}, `PUBLISH: string "a\xff" is not UTF-8`},
		{"a surrogate in a topic", [][]byte{hello, pub(0x30, 0, "\xed\xa0\x80", "1")}, `PUBLISH: string "\xed\xa0\x80" is not UTF-8`},
		{"U+0000 in a topic", [][]byte{hello, pub(0x30, 0, "a\x00", "1")}, `PUBLISH: string "a\x00" contains U+0000`},
		{"a topic longer than the packet", [][]byte{hello, {0x30, 3, 0, 9, 't'}}, "PUBLISH: remaining length too short for the fields"},
		{"a remaining length of five bytes", [][]byte{hello, {0x30, 0x80, 0x80, 0x80, 0x80, 1}}, "PUBLISH: remaining length of more than 4 bytes"},
		{"a PINGREQ with a body", [][]byte{hello, {0xc0, 1, 0}}, "PINGREQ: 1 bytes left over"},
		{"a PINGREQ with flags", [][]byte{hello, {0xc1, 0}}, "PINGREQ: reserved flags are 0x1, want 0x0"},
		{"a PUBREL without its flags", [][]byte{hello, {0x60, 2, 0, 1}}, "PUBREL: reserved flags are 0x0, want 0x2"},
		{"a PUBREL out of nothing", [][]byte{hello, {0x62, 2, 0, 1}}, "PUBREL: packet id 1 was never used with QoS 2"},
		{"a PUBACK out of nothing", [][]byte{hello, {0x40, 2, 0, 1}}, "PUBACK: packet id 1 was not sent by the broker"},
		{"a broker's packet", [][]byte{hello, {0xd0, 0}}, "PINGRESP: not a packet that a client sends"},
		{"a reserved packet type", [][]byte{hello, {0xf0, 0}}, "packet type 15: not a packet that a client sends"},
		{"SUBSCRIBE to nothing", [][]byte{hello, {0x82, 2, 0, 1}}, "SUBSCRIBE: no topic filter"},
		{"SUBSCRIBE with id 0", [][]byte{hello, encode(0x82, []byte{0, 0}, text("t"), []byte{0})}, "SUBSCRIBE: packet id is 0"},
		{"SUBSCRIBE with QoS 3", [][]byte{hello, encode(0x82, []byte{0, 1}, text("t"), []byte{3})}, `SUBSCRIBE: filter "t": QoS is 3`},
		{"a wildcard out of place", [][]byte{hello, encode(0x82, []byte{0, 1}, text("#/t"), []byte{0})}, `SUBSCRIBE: topic filter "#/t" has a wildcard out of place`},
		{"bytes after DISCONNECT", [][]byte{hello, {0xe0, 0, 0xc0, 0}}, "bytes after DISCONNECT"},
		{"a packet over the limit", [][]byte{hello, {0x30, 0x81, 0x80, 0x80, 0x08}}, "PUBLISH: packet of 16777217 bytes, over the limit of 16777216"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := &witness{TB: t}
			b := Start(w)
			c := dial(t, b.Addr)
			for _, raw := range test.send {
				c.send(raw...)
			}
			if test.want == "" {
				want := len(test.send) + 1
				b.Await("all packets", patience, func() bool { return len(b.Packets()) == want })
				if got := b.Violations(); len(got) != 0 {
					t.Fatalf("got %q, want none", got)
				}
				return
			}
			b.Await("a violation", patience, func() bool { return len(b.Violations()) > 0 })
			want := "connection 1: " + test.want
			if got := b.Violations(); len(got) != 1 || got[0] != want {
				t.Errorf("got %q, want %q", got, want)
			}
			b.Kill()
			if got := w.errors; len(got) != 1 || got[0] != "MQTT violation: "+want {
				t.Errorf("reported %q, want %q", got, want)
			}
		})
	}
}

func TestWhatIsNotMQTTAtAllIsNoViolation(t *testing.T) {
	tests := []struct {
		name, send string
		want       EndReason
	}{
		{"a port scan", "", ClosedByClient},
		{"a TLS client hello", "\x16\x03\x01\x02\x00\x01", TLSOnPlainPort},
		{"a packet cut in the middle", string(connect("abc")[:9]), CutWithinPacket},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := Start(t)
			c := dial(t, b.Addr)
			c.send([]byte(test.send)...)
			_ = c.nc.Close()
			if end := awaitEnd(b, 1); end.Reason != test.want {
				t.Errorf("got %q, want %q", end.Reason, test.want)
			}
		})
	}
}

func TestManyViolationsAreReportedInShort(t *testing.T) {
	w := &witness{TB: t}
	b := Start(w)
	c := connected(t, b, "a")
	c.send([]byte(strings.Repeat("\x40\x02\x00\x01", 100))...)
	b.Await("100 violations", patience, func() bool { return len(b.Violations()) == 100 })
	b.Kill()
	if len(w.errors) != maxReported+1 {
		t.Errorf("got %d reports, want %d", len(w.errors), maxReported+1)
	}
}
