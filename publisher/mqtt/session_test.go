package mqtt

import (
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

// A filter that the library refuses is the same on the next connection.
func TestSubscriberEndsAtAFilterThatIsNone(t *testing.T) {
	for _, filter := range []string{"", "a/#/b"} {
		synctest.Test(t, func(t *testing.T) {
			b := (&mqtttest.Broker{Pipe: true}).Start(t)
			s := &Subscriber{Filters: []string{filter}, Handle: func(Message) {}, Client: &Client{
				Dialer: Dialer{
					ClientID:    "test",
					KeepAlive:   10 * time.Second,
					Beat:        func() {},
					DialContext: b.Dial,
				},
				URLs: []*url.URL{{Scheme: "mqtt", Host: "broker:1883"}}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
			}}
			ended := make(chan error, 1)
			go func() { ended <- s.Run(t.Context()) }()
			select {
			case err := <-ended:
				if err == nil || !strings.Contains(err.Error(), "invalid Topic") {
					t.Errorf("%q: got %v, want an invalid topic", filter, err)
				}
			case <-time.After(time.Minute):
				t.Errorf("%q: got no end after %d connections, want one", filter, len(b.Connects()))
			}
		})
	}
}

func TestClearTellsOfWhatTheBrokerHasAcknowledged(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault mqtttest.Fault
		want  []string
		err   string
	}{
		{"all is well", nil, []string{"a", "b"}, ""},
		{
			"the broker closes the connection at the second", mqtttest.After(1, mqtttest.On(mqtttest.PUBLISH, mqtttest.Close)),
			[]string{"a"},
			"clear b: connection lost: closed by the broker",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := (&mqtttest.Broker{Pipe: true}).Start(t)
				b.Publish(mqtttest.Message{Topic: "a", Payload: []byte("1"), Retain: true})
				s := onceTo(t, b)
				defer s.Disconnect()
				if c.fault != nil {
					b.Inject(c.fault)
				}
				var got []string
				err := Clear(t.Context(), s, []string{"a", "b"}, func(topic string) { got = append(got, topic) })
				if !slices.Equal(got, c.want) {
					t.Errorf("got %q cleared, want %q", got, c.want)
				}
				if (err == nil) != (c.err == "") || err != nil && (err.Error() != c.err || !errors.Is(err, ErrEnded)) {
					t.Errorf("got %v, want %q", err, c.err)
				}
				if left := b.RetainedTopics(); len(left) > 0 {
					t.Errorf("got %q retained, want nothing", left)
				}
			})
		})
	}
}

// A broker may refuse a client id of more than 23 bytes.
func TestSideID(t *testing.T) {
	for _, c := range []struct{ id, role, want string }{
		{"sensorpub-0123456789ab", "doctor", "sensorpub-012345-doctor"},
		{"sensorpub-0123456789ab", "clear", "sensorpub-0123456-clear"},
		{"short", "doctor", "short-doctor"},
		{"a-client-id-of-more-than-23", "doctor", "a-client-id-of-more-than-23-doctor"},
		{"garten-größe-00000000000", "doctor", "garten-größe-00000000000-doctor"}, // 26 bytes
		{"0123456789abcdeß", "doctor", "0123456789abcde-doctor"},
	} {
		if got := SideID(c.id, c.role); got != c.want {
			t.Errorf("%s: got %s, want %s", c.id, got, c.want)
		}
	}
}
