package doctor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/mqtt/mqtttest"
)

func TestDoctorOfABroker(t *testing.T) {
	on := mqtttest.On
	for _, c := range []struct {
		name  string
		setup func(b *mqtttest.Broker)
		code  int
		want  string
	}{
		{
			"the password is wrong",
			func(b *mqtttest.Broker) { b.Inject(on(mqtttest.CONNECT, mqtttest.Connack(4))) },
			1, `FAIL  login          connect to mqtt://ADDRESS: refused by the broker: bad user name or password (code 4)
      hint: check username and password_file, and the broker's access list`,
		},
		{
			"it closes the connection",
			func(b *mqtttest.Broker) { b.Inject(on(mqtttest.CONNECT, mqtttest.Close)) },
			1, `FAIL  login          connect to mqtt://ADDRESS: closed by the broker before it answered
      hint: the port may be for TLS: mqtts:// (8883) instead of mqtt:// (1883)?`,
		},
		{
			"it does not accept a retained will",
			func(b *mqtttest.Broker) {
				b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
					if p.Connect != nil && p.Connect.Will != nil && p.Connect.Will.Retain {
						return mqtttest.Close
					}
					return nil
				})
			},
			1, `FAIL  login          connect to mqtt://ADDRESS: closed by the broker before it answered
      hint: the broker accepts the connection without a retained will at QoS 1: allow it there, or set availability.topic = ""`,
		},
		{
			"it does not accept an empty will",
			func(b *mqtttest.Broker) {
				b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
					if p.Connect != nil && p.Connect.Will != nil && len(p.Connect.Will.Payload) == 0 {
						return mqtttest.Connack(130)
					}
					return nil
				})
			},
			0, "ok    client id      no other daemon is online in sensorpub/garden-pi/status",
		},
		{
			"it acknowledges and drops",
			func(b *mqtttest.Broker) {
				b.Denied = func(topic string) bool { return strings.Contains(topic, "doctor") }
			},
			1, `FAIL  publish        publish sensorpub/garden-pi/doctor/RANDOM: acknowledged, but not delivered
      hint: the broker's access list silently forbids writing or reading there; for Mosquitto, add: topic readwrite sensorpub/garden-pi/#
      hint: no fault if this user may only publish: subscribe as another user to see what arrives
skip  client id      sensorpub/garden-pi/status cannot be read`,
		},
		{
			"it never acknowledges",
			func(b *mqtttest.Broker) { b.Inject(on(mqtttest.PUBLISH, mqtttest.Drop)) },
			1, `FAIL  publish        publish sensorpub/garden-pi/doctor/RANDOM (QoS 1, 26 bytes): no acknowledgement in time
      hint: look at the broker's log, its access list and its limit on the size of a message`,
		},
		{
			"somebody else bears the name",
			func(b *mqtttest.Broker) { status(b, "online") },
			0, `warn  client id      sensorpub/garden-pi/status is online, but no daemon with this client id is running on this machine
      hint: give each machine its own node (and broker.client_id, if it is set): "garden-pi" is used twice
      hint: a daemon that was just killed stays online until the broker notices`,
		},
		{
			"the daemon was here before",
			func(b *mqtttest.Broker) { status(b, "offline") },
			0, `ok    client id      no other daemon is online in sensorpub/garden-pi/status`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := new(mqtttest.Broker).Start(t)
			b.Stop()
			c.setup(b)
			b.Start(t)
			v := newVisit(t, t.TempDir(), "broker.ack_timeout = \"1s\"\n"+at(b.URL()))
			v.expectLine(t, c.code, c.want)
		})
	}
}

// status sets the availability of the node.
func status(b *mqtttest.Broker, payload string) {
	b.Publish(mqtttest.Message{Topic: "sensorpub/garden-pi/status", Payload: []byte(payload), Retain: true})
}

func TestDoctorWhileTheDaemonRuns(t *testing.T) {
	for payload, want := range map[string]string{
		"online": `ok    client id      sensorpub/garden-pi/status is online: the daemon on this machine, process 77`,
		"offline": `warn  client id      sensorpub/garden-pi/status is offline, but the daemon on this machine is running as process 77
      hint: its log says why: journalctl -u sensorpub`,
	} {
		b := mqtttest.Start(t)
		status(b, payload)
		v := newVisit(t, t.TempDir(), at(b.URL()))
		v.Holder = func(*config.Config) int { return 77 }
		v.expectLine(t, 0, want)
	}
}

func TestDoctorSeesTwoDaemonsThrowingEachOtherOff(t *testing.T) {
	b := mqtttest.Start(t)
	v := newVisit(t, t.TempDir(), at(b.URL()))
	v.listen = time.Second
	go func() {
		for b.Wait(patience, func() bool { return len(b.Messages()) > 0 }) && t.Context().Err() == nil {
			status(b, "offline")
			status(b, "online")
			time.Sleep(100 * time.Millisecond)
		}
	}()
	code, out := v.examine(t.Context())
	if code == 0 { // the machine may have paused for that second
		v.listen = 10 * time.Second
		v.out.Reset()
		code, out = v.examine(t.Context())
	}
	if want := fmt.Sprintf("times in %v: two daemons keep disconnecting each other\n", v.listen); code != 1 || !strings.Contains(out, want) {
		t.Errorf("got exit code %d and\n%s", code, out)
	}
}

func TestDoctorOfAHostThatIsNotThere(t *testing.T) {
	code, out := newVisit(t, t.TempDir(), at("mqtt://nonexistent.invalid")).examine(t.Context())
	if code != 1 || !strings.Contains(out, "FAIL  DNS            lookup nonexistent.invalid") ||
		!strings.Contains(out, "hint: check the host in broker.urls and the name server\n") || strings.Contains(out, "TCP") {
		t.Errorf("got exit code %d and\n%s", code, out)
	}
}

func TestDoctorWithoutAPassword(t *testing.T) {
	b := mqtttest.Start(t)
	v := newVisit(t, t.TempDir(), "broker.username = \"pi\"\navailability.topic = \"\"\n"+at(b.URL()))
	code, out := v.examine(t.Context())
	for _, want := range []string{
		"warn  credentials    user \"pi\" has no password\n      hint: set broker.password_file; ",
		"-doctor as user \"pi\"\n", "skip  client id      a clash with another machine cannot be detected without availability.topic\n",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("got exit code %d and\n%s\nwant %q", code, out, want)
		}
	}
	v = newVisit(t, t.TempDir(), "broker = { username = \"pi\", password_file = \"/no/such\" }\n"+fixture.OneSensor)
	v.expectLine(t, 1, `FAIL  credentials    read password file /no/such: no such file or directory
      hint: create the file, or correct its path in the configuration`)
}

// authority makes a certificate for 127.0.0.1 that ends at that time, and the

// file to trust it by.
