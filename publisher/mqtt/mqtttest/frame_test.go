package mqtttest

import (
	"bufio"
	"bytes"
	"testing"
)

func TestRemainingLengthsAreThoseOfTheSpecification(t *testing.T) {
	tests := []struct { // MQTT 3.1.1, table 2.4
		n    int
		want []byte
	}{
		{0, []byte{0}},
		{127, []byte{0x7f}},
		{128, []byte{0x80, 0x01}},
		{16383, []byte{0xff, 0x7f}},
		{16384, []byte{0x80, 0x80, 0x01}},
		{2097151, []byte{0xff, 0xff, 0x7f}},
		{2097152, []byte{0x80, 0x80, 0x80, 0x01}},
		{268435455, []byte{0xff, 0xff, 0xff, 0x7f}},
	}
	for _, test := range tests {
		if got := encodeLength(test.n); !bytes.Equal(got, test.want) {
			t.Errorf("%d: got % x, want % x", test.n, got, test.want)
		}
		got, err := readLength(bufio.NewReader(bytes.NewReader(test.want)))
		if err != nil || got != test.n {
			t.Errorf("% x: got %d, %v, want %d", test.want, got, err, test.n)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(connect("a"))
	f.Add(publish(Message{Topic: "t", Payload: []byte("x"), QoS: 1, ID: 7}))
	f.Add(encode(0x82, []byte{0, 1}, text("a/#"), []byte{1}))
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := bufio.NewReader(bytes.NewReader(raw))
		for {
			fr, err := readFrame(r)
			if err != nil {
				return
			}
			p, err := parse(fr)
			if err != nil || p.Message == nil {
				continue
			}
			again, err := parse(frame{fr.head, publish(*p.Message)[1+len(encodeLength(len(fr.body))):]})
			if err != nil || again.Message.Topic != p.Message.Topic || !bytes.Equal(again.Message.Payload, p.Message.Payload) {
				t.Errorf("got %+v (%v) back, want %+v", again.Message, err, p.Message)
			}
		}
	})
}
