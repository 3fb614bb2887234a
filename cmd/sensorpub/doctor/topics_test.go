package doctor

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors"
)

// twoSensors publishes JSON at QoS 2 besides what fixture.OneSensor does.
const twoSensors = fixture.OneSensor + `
[[sensor]]
name = "pond"
driver = "mock"
encoding = "json"
qos = 2
options = { values = [4.5] }
`

// about picks the PUBLISH packets of a topic.
func about(topic string, action mqtttest.Action) mqtttest.Fault {
	return func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
		if p.Type == mqtttest.PUBLISH && p.Message.Topic == topic {
			return action
		}
		return nil
	}
}

func TestDoctorIsGreenOnlyWhereASubscriberReceives(t *testing.T) {
	const pond = "temperature/pond (QoS 2, retained, 148 bytes)"
	for _, c := range []struct {
		name  string
		setup func(b *mqtttest.Broker)
		code  int
		want  string
	}{
		{
			"one topic is acknowledged and dropped",
			func(b *mqtttest.Broker) {
				b.Denied = func(topic string) bool { return topic == "temperature/pond" }
			},
			1, "FAIL  topic          " + pond + `: acknowledged, but not delivered
      hint: the broker's access list silently forbids writing or reading there; for Mosquitto, add: topic readwrite temperature/pond
      hint: no fault if this user may only publish: subscribe as another user to see what arrives
ok    topics         2 of 3 topics: a message came back`,
		},
		{
			"the broker closes the connection at one topic",
			func(b *mqtttest.Broker) { b.Inject(about("temperature/pond", mqtttest.Close)) },
			1, "FAIL  topic          " + pond + `: connection lost: closed by the broker
      hint: the broker may forbid the topic or limit the size of a message (for Mosquitto: max_packet_size), or not support QoS 2, or not accept retained messages; its log may say more
ok    topics         2 of 3 topics: a message came back`,
		},
		{
			"one topic is never acknowledged",
			func(b *mqtttest.Broker) { b.Inject(about("temperature/pond", mqtttest.Drop)) },
			1, "FAIL  topic          " + pond + `: no acknowledgement in time
      hint: the broker may forbid the topic or limit the size of a message (for Mosquitto: max_packet_size), or not support QoS 2, or not accept retained messages; its log may say more
ok    topics         2 of 3 topics: a message came back`,
		},
		{
			"the broker ignores the retain flag",
			func(b *mqtttest.Broker) {
				b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
					if p.Type == mqtttest.PUBLISH && p.Message.Retain {
						b.ForgetRetained()
					}
					return nil
				})
			},
			1, "FAIL  topic          " + pond + ": delivered, but not retained\n" + `ok    topics         0 of 3`,
		},
		{
			"the broker closes the connection at the retain flag, and delivers nothing",
			func(b *mqtttest.Broker) {
				b.Denied = func(string) bool { return true }
				b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
					if p.Type == mqtttest.PUBLISH && p.Message.Retain {
						return mqtttest.Close
					}
					return nil
				})
			},
			1, `FAIL  retain         publish a retained message to sensorpub/garden-pi/doctor/RANDOM: connection lost: closed by the broker
      hint: if this broker takes no retained messages: retain = false in [publish], and availability.topic = ""`,
		},
		{
			"one topic may not be read",
			func(b *mqtttest.Broker) {
				b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
					if p.Type == mqtttest.SUBSCRIBE && p.Filters[0].Filter == "temperature/pond" {
						return func(c *mqtttest.Conn, answer []byte) {
							answer[len(answer)-1] = 0x80
							c.Send(answer)
						}
					}
					return nil
				})
			},
			0, "warn  topic          " + pond + `: acknowledged, but this user may not subscribe to it, so whether it is delivered is unknown
      hint: subscribe as another user to see what arrives
ok    topics         2 of 3 topics: a message came back`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := new(mqtttest.Broker).Start(t)
			b.Stop()
			c.setup(b)
			b.Start(t)
			v := newVisit(t, t.TempDir(), "broker.ack_timeout = \"2s\"\n"+strings.Replace(at(b.URL()), fixture.OneSensor, twoSensors, 1))
			code, out := v.examine(t.Context())
			// What it has not read when it closes the connection makes that a reset.
			out = strings.ReplaceAll(out, "read: connection reset by peer", "closed by the broker")
			if want, none, without := strings.Cut(c.want, "ok    topics         0"); without {
				if code != c.code || !strings.Contains(out, want) || strings.Contains(out, "topics  ") {
					t.Errorf("got exit code %d\n%s\nwant %d and\n%s and no topic that is well%s", code, out, c.code, want, none)
				}
				return
			}
			if code != c.code || !strings.Contains("\n"+out, "\n"+c.want+"\n") {
				t.Errorf("got exit code %d\n%s\nwant %d and\n%s", code, out, c.code, c.want)
			}
		})
	}
}

func TestDoctorLeavesWhatIsRetained(t *testing.T) {
	b := mqtttest.Start(t)
	status(b, "offline")
	b.Publish(mqtttest.Message{Topic: "temperature/pond", Payload: []byte("old"), Retain: true})
	v := newVisit(t, t.TempDir(), strings.Replace(at(b.URL()), fixture.OneSensor, twoSensors, 1))
	v.expectLine(t, 0, "ok    topics         3 of 3 topics: a message came back")
	for topic, want := range map[string]string{"sensorpub/garden-pi/status": "offline", "temperature/pond": "old"} {
		if got, ok := b.Retained(topic); !ok || string(got) != want {
			t.Errorf("%s: got %q retained, want %q", topic, got, want)
		}
	}
	if got := b.RetainedTopics(); len(got) != 2 {
		t.Errorf("got %q retained, want the two of before", got)
	}
	for _, m := range b.Messages() {
		if m.Topic == "temperature/pond" && string(m.Payload) != "old" {
			t.Errorf("got %q published to a topic that has a message, want the same", m.Payload)
		}
	}
}

func TestDoctorPublishesNothingToTopicsOfARunningDaemon(t *testing.T) {
	for _, c := range []struct {
		name, interval, kept string
		code                 int
		want                 string
	}{
		{"nothing arrives", `"100ms"`, "", 1, `FAIL  topic          temperature/outside (QoS 1, retained, 4 bytes): a daemon is running, but nothing arrives
      hint: to test every topic, stop the daemon and run sensorpub doctor again`},
		{"nothing is due", `"1h"`, "", 0, `warn  topic          temperature/outside (QoS 1, retained, 4 bytes): nothing is retained, and nothing came within 1.2s
      hint: to test every topic, stop the daemon and run sensorpub doctor again`},
		{"something is retained", `"1h"`, "20.0", 0, `skip  topics         1 topic: nothing new came within 1.2s, and nothing is published while a daemon is running
      hint: to test every topic, stop the daemon and run sensorpub doctor again`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := mqtttest.Start(t)
			status(b, "online")
			if c.kept != "" {
				b.Publish(mqtttest.Message{Topic: "temperature/outside", Payload: []byte(c.kept), Retain: true})
			}
			v := newVisit(t, t.TempDir(), at(b.URL())+"interval = "+c.interval+"\n")
			v.listen = 300 * time.Millisecond
			v.Holder = func(*config.Config) int { return 77 }
			code, out := v.examine(t.Context())
			if code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("got exit code %d\n%s\nwant %d and\n%s", code, out, c.code, c.want)
			}
			for _, m := range b.Messages() {
				if !strings.Contains(m.Topic, "/doctor/") {
					t.Errorf("got a message to %s, want none but to the doctor's own topic", m.Topic)
				}
			}
		})
	}
}

func TestDoctorHearsTheDaemon(t *testing.T) {
	b := mqtttest.Start(t)
	status(b, "online")
	v := newVisit(t, t.TempDir(), at(b.URL()))
	v.Holder = func(*config.Config) int { return 77 }
	v.listen = 300 * time.Millisecond
	go func() {
		for t.Context().Err() == nil {
			b.Publish(mqtttest.Message{Topic: "temperature/outside", Payload: []byte("28.4"), Retain: true})
			time.Sleep(20 * time.Millisecond)
		}
	}()
	v.expectLine(t, 0, "ok    topics         2 of 2 topics: messages of the daemon arrive")
}

func TestDoctorInventsNoReading(t *testing.T) {
	b := mqtttest.Start(t)
	v := newVisit(t, t.TempDir(), strings.Replace(at(b.URL()), "values = [28.4]", `script = "unplug"`, 1))
	v.expectLine(t, 1, `skip  topic          temperature/outside (QoS 1, retained, 0 bytes): not tested, because there is no reading to publish
ok    topics         1 of 2 topics: a message came back`)
	if slices.ContainsFunc(b.Messages(), func(m mqtttest.Message) bool { return m.Topic == "temperature/outside" }) {
		t.Error("something was published to the topic of a sensor without a reading")
	}
}

func TestSubjectsAreAllTopicsOfTheDaemon(t *testing.T) {
	v := newVisit(t, t.TempDir(), "queue.backlog = \"history\"\nhomeassistant.discovery = true\n"+fixture.OneSensor+"stale_after = \"1m\"\nencoding = \"json\"\n")
	_, c := v.load(t)
	reading := sensors.Reading{Sensor: "outside", Quantity: "temperature", Value: 28.4}
	var got []string
	for _, s := range subjectsOf(c, map[string][]sensors.Reading{"outside": {reading}}) {
		got = append(got, s.String())
	}
	size := func(m mqtt.Message) string { return describe(m) }
	json, err := publisher.JSON{Node: "garden-pi", Precision: 2}.Encode(reading)
	if err != nil {
		t.Fatal(err)
	}
	long := append(json, strings.Repeat(" ", 20)...) // the number may have 20 digits
	n, _ := c.Announced("")
	want := []string{
		"sensorpub/garden-pi/status (QoS 1, retained, 7 bytes)",
		size(mqtt.Message(n.Messages(nil)[0])),
		size(mqtt.Message{Topic: "temperature/outside", Payload: long, QoS: 1, Retain: true}),
		"sensorpub/garden-pi/outside/status (QoS 1, retained, 7 bytes)",
		size(mqtt.Message{Topic: "history/temperature/outside", Payload: long, QoS: 1}),
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
