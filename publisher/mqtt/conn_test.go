package mqtt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// A tape is a connection that plays what a broker has sent and keeps what is
// written.
type tape struct {
	io.Reader
	written bytes.Buffer
}

func (t *tape) Write(p []byte) (int, error)      { return t.written.Write(p) }
func (*tape) Close() error                       { return nil }
func (*tape) LocalAddr() net.Addr                { return nil }
func (*tape) RemoteAddr() net.Addr               { return nil }
func (*tape) SetDeadline(time.Time) error        { return nil }
func (*tape) SetReadDeadline(time.Time) error    { return nil }
func (*tape) SetWriteDeadline(t time.Time) error { return nil }

var connackOK = []byte{0x20, 2, 0, 0}

// through reads packets through a conn, which awaits a PUBACK for 1, a PUBREC
// for 2 and a SUBACK of two filters for 3, until it ends the connection.
func through(sent []byte) (*conn, []packets.ControlPacket) {
	nc := newConn(&tape{Reader: bytes.NewReader(sent)}, time.Second, time.Minute, func() {})
	nc.inflight.expect(1, puback)
	nc.inflight.expect(2, pubrec)
	nc.inflight.subscribe(3, 2)
	var passed []packets.ControlPacket
	for {
		p, err := packets.ReadPacket(nc)
		if err != nil {
			return nc, passed
		}
		passed = append(passed, p)
	}
}

func TestOnlyWhatIsDuePasses(t *testing.T) {
	cases := []struct {
		name string
		sent []byte
		want int // packets after the CONNACK
		ends string
	}{
		{"PUBACK that is due", []byte{0x40, 2, 0, 1}, 1, "closed by the broker"},
		{"PUBACK twice", []byte{0x40, 2, 0, 1, 0x40, 2, 0, 1}, 1, "closed by the broker"},
		{"PUBACK of nothing", []byte{0x40, 2, 0, 9}, 0, "closed by the broker"},
		{"PUBACK where a PUBREC is due", []byte{0x40, 2, 0, 2}, 0, "closed by the broker"},
		{"PUBCOMP before its PUBREC", []byte{0x70, 2, 0, 2}, 0, "closed by the broker"},
		{"PUBREC twice, then PUBCOMP", []byte{0x50, 2, 0, 2, 0x50, 2, 0, 2, 0x70, 2, 0, 2}, 3, "closed by the broker"},
		{"SUBACK that is due", []byte{0x90, 4, 0, 3, 1, 0}, 1, "closed by the broker"},
		{"PINGRESP", []byte{0xd0, 0}, 0, "closed by the broker"},
		{"PUBLISH to a subscriber", []byte{0x30, 4, 0, 1, 'a', 'b'}, 1, "closed by the broker"},
		{"PUBACK with flags", []byte{0x41, 2, 0, 1}, 0, "protocol error: received flags 0x1 in a packet of type 4"},
		{"PUBACK too long", []byte{0x40, 3, 0, 1, 0}, 0, "protocol error: received a packet of type 4 and 3 bytes, at most 2 are possible here"},
		{"SUBACK with many codes", []byte{0x90, 6, 0, 3, 1, 1, 1, 1}, 0, "protocol error: received a packet of type 9 and 6 bytes, at most 4 are possible here"},
		{"SUBACK with a code too few", []byte{0x90, 3, 0, 3, 1}, 0, "protocol error: received a packet of type 9 and 3 bytes"},
		{"PUBLISH whose topic does not fit", []byte{0x30, 3, 0, 9, 'a'}, 0, "protocol error: received a malformed PUBLISH"},
		{"PUBLISH of 256 MiB", []byte{0x30, 0xff, 0xff, 0xff, 0x7f}, 0, "protocol error: received a packet of type 3 and 268435455 bytes, at most 262144 are possible here"},
		{"a length of five bytes", []byte{0x30, 0xff, 0xff, 0xff, 0xff, 1}, 0, "protocol error: received a remaining length of more than four bytes"},
		{"a second CONNACK", []byte{0x20, 2, 0, 0}, 0, "protocol error: received a packet of type 2 and 2 bytes"},
		{"CONNECT", []byte{0x10, 0}, 0, "protocol error: received a packet of type 1 and 0 bytes"},
	}
	for _, c := range cases {
		nc, passed := through(append(bytes.Clone(connackOK), c.sent...))
		if got := len(passed) - 1; got != c.want || nc.err().Error() != c.ends {
			t.Errorf("%s: got %d packets and %q, want %d and %q", c.name, got, nc.err(), c.want, c.ends)
		}
	}
}

func TestConnackIsReadHere(t *testing.T) {
	cases := []struct {
		sent []byte
		want string
	}{
		{nil, "closed by the broker before it answered"},
		{[]byte{0x20, 2, 0, 5}, "refused by the broker: not authorized (code 5)"},
		{[]byte{0x20, 2, 0, 200}, "refused by the broker with code 200, which MQTT 3.1.1 does not have"},
		{[]byte{0x20, 2, 7, 0}, "protocol error: received 0x200700 where a CONNACK is due; is this an MQTT broker?"},
		{[]byte{0x40, 2, 0, 1}, "protocol error: received 0x400001 where a CONNACK is due; is this an MQTT broker?"},
	}
	for _, c := range cases {
		if nc, passed := through(c.sent); len(passed) != 0 || nc.err().Error() != c.want {
			t.Errorf("%x: got %d packets and %q, want none and %q", c.sent, len(passed), nc.err(), c.want)
		}
	}
	var refused *RefusedError
	if nc, _ := through([]byte{0x20, 2, 0, 4}); !errors.As(nc.err(), &refused) || !refused.Credentials() {
		t.Errorf("code 4: got %v, want refused credentials", nc.err())
	}
}

func FuzzInbound(f *testing.F) {
	f.Add([]byte{0x40, 2, 0, 1, 0x50, 2, 0, 2, 0x70, 2, 0, 2, 0x90, 4, 0, 3, 1, 1})
	f.Add([]byte{0x32, 6, 0, 1, 'a', 0, 1, 'b', 0xd0, 0})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, sent []byte) {
		nc, passed := through(append(bytes.Clone(connackOK), sent...))
		if nc.err() == nil {
			t.Error("the connection has not ended with its bytes")
		}
		acks := 0
		for _, p := range passed {
			switch p.(type) {
			case *packets.PubackPacket, *packets.PubcompPacket, *packets.SubackPacket:
				acks++
			}
		}
		if acks > 3 {
			t.Errorf("%d acknowledgements of three messages have passed", acks)
		}
	})
}

func TestInflightFollowsWhatIsWritten(t *testing.T) {
	nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
	for _, p := range [][]byte{
		{0x32, 6, 0, 1, 'a', 0, 7, 'x'}, // PUBLISH, QoS 1, id 7
		{0x34, 6, 0, 1, 'a', 0, 8, 'x'}, // QoS 2, id 8
		{0x30, 4, 0, 1, 'a', 'x'},       // QoS 0
		{0x82, 6, 0, 9, 0, 1, 'a', 1},   // SUBSCRIBE, id 9
		{0xc0, 0},                       // PINGREQ
	} {
		if _, err := nc.Write(p); err != nil {
			t.Fatalf("write %x: %v", p, err)
		}
	}
	for _, a := range []struct {
		id   uint16
		kind answer
	}{{7, puback}, {8, pubrec}, {8, pubcomp}, {9, suback}} {
		if !nc.inflight.answer(a.id, a.kind) {
			t.Errorf("an answer of type %d to %d is not due", a.kind, a.id)
		}
	}
	if len(nc.inflight.due) != 0 {
		t.Errorf("still open: %v", nc.inflight.due)
	}
	if _, err := nc.Write([]byte{0x32, 6, 0}); err == nil {
		t.Error("part of a packet was taken")
	}
}

func TestNothingFollowsADisconnect(t *testing.T) {
	network := &tape{Reader: bytes.NewReader(nil)}
	nc := newConn(network, time.Second, time.Minute, func() {})
	for _, p := range [][]byte{{0xc0, 0}, {0xe0, 0}, {0xc0, 0}} {
		nc.Write(p)
	}
	nc.Close()
	if got, want := network.written.Bytes(), []byte{0xc0, 0, 0xe0, 0}; !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}
