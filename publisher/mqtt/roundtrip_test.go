package mqtt

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// memoryClient is a client of a broker in memory.
func memoryClient(b *mqtttest.Broker) *Client {
	return &Client{
		Dialer: Dialer{
			ClientID:    "test",
			KeepAlive:   10 * time.Second,
			Beat:        func() {},
			DialContext: b.Dial,
		},
		URLs: []*url.URL{{Scheme: "mqtt", Host: "broker:1883"}}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// onceTo connects to a broker in memory.
func onceTo(t *testing.T, b *mqtttest.Broker) *Session {
	t.Helper()
	s, err := memoryClient(b).Once(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	on := mqtttest.On
	tests := []struct {
		name   string
		denied bool
		fault  mqtttest.Fault
		want   error
		text   string
	}{
		{"it comes back", false, nil, nil, ""},
		{"the broker acknowledges and drops", true, nil, ErrSwallowed, "acknowledged, but not delivered"},
		{"the broker never acknowledges", false, on(mqtttest.PUBLISH, mqtttest.Drop), ErrAckTimeout, "no acknowledgement in time"},
		{"the broker closes the connection", false, on(mqtttest.PUBLISH, mqtttest.Close), ErrEnded, "connection lost: "},
		{"the broker refuses the subscription", false, on(mqtttest.SUBSCRIBE, refuse), ErrRefused, "subscribe a/b: refused by the broker"},
		{"the broker refuses it with a code that is reserved", false, on(mqtttest.SUBSCRIBE, refuseOddly), ErrRefused, "subscribe a/b: refused by the broker"},
		{"the broker does not answer the subscription", false, on(mqtttest.SUBSCRIBE, mqtttest.Drop), context.DeadlineExceeded, "subscribe a/b: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &mqtttest.Broker{Pipe: true, Denied: func(string) bool { return tt.denied }}
				s := onceTo(t, b.Start(t))
				defer s.Disconnect()
				if tt.fault != nil {
					b.Inject(tt.fault)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
				defer cancel()
				tap := NewTap(s)
				err := tap.Subscribe(ctx, "a/b")
				if err == nil {
					err = RoundTrip(ctx, tap, Message{Topic: "a/b", Payload: []byte("x"), QoS: 1}, 2*time.Second)
				}
				switch {
				case tt.text == "" && err != nil, tt.text != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.text)):
					t.Errorf("got %v, want %q", err, tt.text)
				case tt.want != nil && !errors.Is(err, tt.want):
					t.Errorf("got %v, want %v", err, tt.want)
				}
				if len(b.RetainedTopics()) != 0 {
					t.Errorf("got %q retained, want nothing", b.RetainedTopics())
				}
			})
		})
	}
}

func TestKept(t *testing.T) {
	m := Message{Topic: "a/b", Payload: []byte("28.4"), QoS: 1, Retain: true}
	for _, c := range []struct {
		name   string
		forget bool
		want   error
	}{
		{"the broker retains it", false, nil},
		{"the broker ignores the retain flag", true, ErrNotKept},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := (&mqtttest.Broker{Pipe: true}).Start(t)
				s := onceTo(t, b)
				defer s.Disconnect()
				tap := NewTap(s)
				if err := tap.Subscribe(t.Context(), m.Topic); err != nil {
					t.Fatal(err)
				}
				if err := RoundTrip(t.Context(), tap, m, time.Second); err != nil {
					t.Errorf("got %v of a retained message, want nil", err)
				}
				if c.forget {
					b.ForgetRetained()
				}
				if err := Kept(t.Context(), tap, m); !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

// refuse answers a SUBSCRIBE with the code of a failure.
func refuse(c *mqtttest.Conn, answer []byte) { grant(c, answer, 0x80) }

// refuseOddly answers with a code that MQTT 3.1.1 reserves, as one broker does.
func refuseOddly(c *mqtttest.Conn, answer []byte) { grant(c, answer, 0x91) }

func grant(c *mqtttest.Conn, answer []byte, code byte) {
	answer[len(answer)-1] = code
	c.Send(answer)
}

func TestListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := (&mqtttest.Broker{Pipe: true}).Start(t)
		b.Publish(mqtttest.Message{Topic: "status", Payload: []byte("online"), Retain: true})
		s := onceTo(t, b)
		time.AfterFunc(time.Second, func() { b.Publish(mqtttest.Message{Topic: "status", Payload: []byte("offline")}) })
		time.AfterFunc(4*time.Second, func() { b.Publish(mqtttest.Message{Topic: "status", Payload: []byte("late")}) })
		messages, err := Listen(t.Context(), s, "status", 3*time.Second)
		var got []string
		for _, m := range messages {
			got = append(got, string(m.Payload))
		}
		if want := []string{"online", "offline"}; err != nil || !slices.Equal(got, want) || !messages[0].Retain || messages[1].Retain {
			t.Errorf("got %q, %v, want %q, the first retained", got, err, want)
		}
		time.AfterFunc(time.Second, b.Kill)
		if _, err := Listen(t.Context(), s, "status", 3*time.Second); err == nil {
			t.Error("got no error of a connection that broke")
		}
		s.Drop(errOver)
	})
}
