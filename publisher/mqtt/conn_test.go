package mqtt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
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

// through reads packets through a conn, which awaits a PUBACK for 0x100, a PUBREC
// for 0x101 and a SUBACK of two filters for 3, until it ends the connection. It
// returns what passed to the library and how many messages were acknowledged.
func through(sent []byte) (nc *conn, passed []packets.ControlPacket, acknowledged int) {
	nc = newConn(&tape{Reader: bytes.NewReader(sent)}, time.Second, time.Minute, func() {})
	deliveries := []*delivery{nc.publish(Message{Topic: "a", QoS: 1}), nc.publish(Message{Topic: "a", QoS: 2})}
	nc.inflight.subscribe(3, 2)
	for {
		p, err := packets.ReadPacket(nc)
		if err != nil {
			break
		}
		passed = append(passed, p)
	}
	for _, d := range deliveries {
		<-d.Done() // at the latest by the end of the connection
		if d.Error() == nil {
			acknowledged++
		}
	}
	return nc, passed, acknowledged
}

func TestOnlyWhatIsDuePasses(t *testing.T) {
	cases := []struct {
		name string
		sent []byte
		want int // packets to the library after the CONNACK
		acks int // messages acknowledged
		ends string
	}{
		{"PUBACK that is due", []byte{0x40, 2, 1, 0}, 0, 1, "closed by the broker"},
		{"PUBACK twice", []byte{0x40, 2, 1, 0, 0x40, 2, 1, 0}, 0, 1, "closed by the broker"},
		{"PUBACK of nothing", []byte{0x40, 2, 0, 9}, 0, 0, "closed by the broker"},
		{"PUBACK where a PUBREC is due", []byte{0x40, 2, 1, 1}, 0, 0, "closed by the broker"},
		{"PUBCOMP before its PUBREC", []byte{0x70, 2, 1, 1}, 0, 0, "closed by the broker"},
		{"PUBREC twice, then PUBCOMP", []byte{0x50, 2, 1, 1, 0x50, 2, 1, 1, 0x70, 2, 1, 1}, 0, 1, "closed by the broker"},
		{"SUBACK that is due", []byte{0x90, 4, 0, 3, 1, 0}, 1, 0, "closed by the broker"},
		{"PINGRESP", []byte{0xd0, 0}, 0, 0, "closed by the broker"},
		{"PUBLISH to a subscriber", []byte{0x30, 4, 0, 1, 'a', 'b'}, 1, 0, "closed by the broker"},
		{"PUBACK with flags", []byte{0x41, 2, 0, 1}, 0, 0, "protocol error: received flags 0x1 in a packet of type 4"},
		{"PUBACK too long", []byte{0x40, 3, 0, 1, 0}, 0, 0, "protocol error: received a packet of type 4 and 3 bytes, at most 2 are possible here"},
		{"SUBACK with many codes", []byte{0x90, 6, 0, 3, 1, 1, 1, 1}, 0, 0, "protocol error: received a packet of type 9 and 6 bytes, at most 4 are possible here"},
		{"SUBACK with a code too few", []byte{0x90, 3, 0, 3, 1}, 0, 0, "protocol error: received a packet of type 9 and 3 bytes"},
		{"PUBLISH whose topic does not fit", []byte{0x30, 3, 0, 9, 'a'}, 0, 0, "protocol error: received a malformed PUBLISH"},
		{"PUBLISH of 256 MiB", []byte{0x30, 0xff, 0xff, 0xff, 0x7f}, 0, 0, "protocol error: received a packet of type 3 and 268435455 bytes, at most 262144 are possible here"},
		{"PUBLISH too long to be read, then a PUBACK", slices.Concat([]byte{0x31, 0xe0, 0xa7, 0x12}, make([]byte, 300000), []byte{0x40, 2, 1, 0}), 0, 1, "closed by the broker"},
		{"PUBLISH too long to be read at QoS 1", []byte{0x32, 0xe0, 0xa7, 0x12}, 0, 0, "protocol error: received a packet of type 3 and 300000 bytes, at most 262144 are possible here"},
		{"a length of five bytes", []byte{0x30, 0xff, 0xff, 0xff, 0xff, 1}, 0, 0, "protocol error: received a remaining length of more than four bytes"},
		{"a second CONNACK", []byte{0x20, 2, 0, 0}, 0, 0, "protocol error: received a packet of type 2 and 2 bytes"},
		{"CONNECT", []byte{0x10, 0}, 0, 0, "protocol error: received a packet of type 1 and 0 bytes"},
	}
	for _, c := range cases {
		nc, passed, acks := through(append(bytes.Clone(connackOK), c.sent...))
		if got := len(passed) - 1; got != c.want || acks != c.acks || nc.err().Error() != c.ends {
			t.Errorf("%s: got %d packets, %d acknowledged and %q, want %d, %d and %q", c.name, got, acks, nc.err(), c.want, c.acks, c.ends)
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
		{[]byte{0x20, 2, 7, 0}, "protocol error: received 0x200700 instead of a CONNACK; is this an MQTT broker?"},
		{[]byte{0x40, 2, 0, 1}, "protocol error: received 0x400001 instead of a CONNACK; is this an MQTT broker?"},
	}
	for _, c := range cases {
		if nc, passed, _ := through(c.sent); len(passed) != 0 || nc.err().Error() != c.want {
			t.Errorf("%x: got %d packets and %q, want none and %q", c.sent, len(passed), nc.err(), c.want)
		}
	}
	var refused *RefusedError
	if nc, _, _ := through([]byte{0x20, 2, 0, 4}); !errors.As(nc.err(), &refused) || !refused.Credentials() {
		t.Errorf("code 4: got %v, want refused credentials", nc.err())
	}
}

func FuzzInbound(f *testing.F) {
	f.Add([]byte{0x40, 2, 1, 0, 0x50, 2, 1, 1, 0x70, 2, 1, 1, 0x90, 4, 0, 3, 1, 1})
	f.Add([]byte{0x32, 6, 0, 1, 'a', 0, 1, 'b', 0xd0, 0})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, sent []byte) {
		nc, passed, _ := through(append(bytes.Clone(connackOK), sent...))
		if nc.err() == nil {
			t.Error("the connection has not ended with its bytes")
		}
		answers := 0
		for _, p := range passed {
			switch p.(type) {
			case *packets.PubackPacket, *packets.PubrecPacket, *packets.PubcompPacket:
				t.Errorf("%v has passed to the library, which has not published", p)
			case *packets.SubackPacket:
				answers++
			}
		}
		if answers > 1 {
			t.Errorf("%d answers to one SUBSCRIBE have passed", answers)
		}
	})
}

func TestOnlyWholePacketsAreTakenFromTheLibrary(t *testing.T) {
	for _, p := range [][]byte{{0x82, 6, 0}, {0x82, 1, 0}, {0x32, 2, 0, 1}, {0xc0}} {
		nc := newConn(&tape{Reader: bytes.NewReader(nil)}, time.Second, time.Minute, func() {})
		if _, err := nc.Write(p); err == nil || nc.err() == nil {
			t.Errorf("%x was taken", p)
		}
	}
}

func TestAnswersToTheLibraryPassToIt(t *testing.T) {
	sent := append(bytes.Clone(connackOK), 0x40, 2, 0, 7, 0x50, 2, 0, 8, 0x70, 2, 0, 8, 0x90, 3, 0, 9, 1, 0x40, 2, 0, 7)
	nc := newConn(&tape{Reader: bytes.NewReader(sent)}, time.Second, time.Minute, func() {})
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
	passed, err := io.ReadAll(nc)
	if want := sent[:len(sent)-4]; !bytes.Equal(passed, want) { // the last PUBACK is of nothing
		t.Errorf("got %x and %v, want %x", passed, err, want)
	}
	if len(nc.inflight.due) != 0 || nc.inflight.unanswered() {
		t.Errorf("still open: %v", nc.inflight.due)
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
