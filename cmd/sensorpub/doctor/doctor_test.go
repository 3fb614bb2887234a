package doctor

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors/drivers"
)

// A visit is a doctor with its output.
type visit struct {
	*Doctor
	out *bytes.Buffer
}

// newVisit returns a visit to a machine whose clock is right.
func newVisit(t *testing.T, root, text string) visit {
	t.Helper()
	v := visit{out: new(bytes.Buffer)}
	e := config.Environment{
		Getenv:   func(key string) string { return map[string]string{"SENSORPUB_ROOT": root}[key] },
		Hostname: func() (string, error) { return "garden-pi.lan", nil },
	}
	v.Doctor = New(e, fixture.WriteFile(t, "config.toml", text), v.out, slog.New(slog.DiscardHandler))
	v.Reads, v.step, v.listen = 20, time.Minute, 100*time.Millisecond
	v.now = func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	v.synced = func() (bool, error) { return true, nil }
	return v
}

// load returns the configuration, and an empty report on the rest.
func (v visit) load(t *testing.T) (*report, *config.Config) {
	t.Helper()
	r := &report{out: v.out, superuser: v.Superuser}
	c := v.Doctor.load(t.Context(), r)
	v.out.Reset()
	return r, c
}

// probes returns what reads the sensors of a configuration.
func (v visit) probes(r *report, c *config.Config) *sampler {
	return &sampler{report: r, config: c, host: v.host, reads: v.Reads, reader: v.Reader}
}

var changing = regexp.MustCompile(`within \d+ ms|doctor/[A-Z0-9]+|127\.0\.0\.1:\d+|/\S*config\.toml|sensorpub-[0-9a-f]{6,12}`)

// examine returns the exit code of the command and its output, without what
// changes between runs.
func (v visit) examine(ctx context.Context) (int, string) {
	code := 0
	if err := v.Run(ctx); err != nil {
		code = 1
		if v.Misconfigured() {
			code = 2
		}
	}
	return code, changing.ReplaceAllStringFunc(v.out.String(), func(s string) string {
		switch {
		case strings.HasPrefix(s, "within"):
			return "within N ms"
		case strings.HasPrefix(s, "doctor/"):
			return "doctor/RANDOM"
		case strings.HasPrefix(s, "sensorpub-"):
			return "CLIENT-ID"
		case strings.HasSuffix(s, "config.toml"):
			return "CONFIG"
		}
		return "ADDRESS"
	})
}

// expect compares exit code and lines.
func (v visit) expect(t *testing.T, code int, want string) {
	t.Helper()
	gotCode, got := v.examine(t.Context())
	if gotCode != code || got != want {
		t.Errorf("got exit code %d\n%s\nwant %d\n%s", gotCode, got, code, want)
	}
}

// expectLine looks for a line and the hints below it. Messages of a broker may
// take longer on a machine that pauses, so it listens longer if need be.
func (v visit) expectLine(t *testing.T, code int, want string) {
	t.Helper()
	for {
		gotCode, got := v.examine(t.Context())
		if gotCode == code && strings.Contains("\n"+got, "\n"+want+"\n") {
			return
		}
		if v.listen >= 10*time.Second {
			t.Errorf("got exit code %d\n%s\nwant %d and\n%s", gotCode, got, code, want)
			return
		}
		v.listen *= 10
		v.out.Reset()
	}
}

// at returns a configuration of one sensor for this broker.
func at(url string) string { return fmt.Sprintf("broker.urls = [%q]\n", url) + fixture.OneSensor }

func TestDoctorOfAHealthyMachine(t *testing.T) {
	b := mqtttest.Start(t)
	root := fixture.Desk(t, map[string]string{
		"sys/devices/platform/soc/soc:firmware/get_throttled": "0\n",
		"sys/bus/w1/devices/28-0316a279aaaa/w1_slave":         fixture.GoodPad,
	})
	v := newVisit(t, root, at(b.URL())+`
[[sensor]]
name = "pond"
driver = "ds18b20"
options = { id = "28-0316a2794fff" }
[[sensor]]
name = "shed"
driver = "iio"
options = { device = "dht11", quantities = ["temperature", "humidity"] }
[[sensor]]
name = "disk"
driver = "exec"
options = { command = ["/bin/echo", "21.5"] }
`)
	v.expect(t, 0, `ok    configuration  CONFIG: node garden-pi, 4 sensors, 1 broker
ok    power          the supply has never been below 4.63 V since the last boot
ok    clock          2026-03-01 12:00 UTC, synchronised
skip  spool          not configured here: readings of an outage are kept in memory only
ok    1-Wire         2 probes on the kernel's buses
ok    outside        28.4 °C; 20 of 20 reads good
ok    pond           23.12 °C; 20 of 20 reads good
ok    shed           -5.2 °C, 61.0 %; 20 of 20 reads good
ok    disk           21.5 °C; 1 of 1 read good
warn  simulated      outside: driver = "mock" measures nothing, but is published like a measurement
      hint: for a real sensor: sensorpub scan --toml
skip  DNS            127.0.0.1 is an address
ok    TCP            ADDRESS answers within N ms
ok    login          mqtt://ADDRESS accepts CLIENT-ID-doctor without a user name
ok    publish        a message to sensorpub/garden-pi/doctor/RANDOM came back within N ms
ok    client id      no other daemon is online in sensorpub/garden-pi/status
ok    topics         6 of 6 topics: a message came back
`)
	if len(b.RetainedTopics()) != 0 || len(b.Wills()) != 0 {
		t.Errorf("got %q retained and the wills %v published, want nothing", b.RetainedTopics(), b.Wills())
	}
}

func TestDoctorOfAMachineWithNothing(t *testing.T) {
	b := mqtttest.Start(t)
	addr := b.Addr
	b.Kill()
	v := newVisit(t, t.TempDir(), at("mqtt://"+addr)+`
[[sensor]]
name = "greenhouse"
driver = "bme280"
[[sensor]]
name = "pond"
driver = "ds18b20"
[[sensor]]
name = "kiln"
driver = "max31855"
`)
	v.expect(t, 1, `ok    configuration  CONFIG: node garden-pi, 4 sensors, 1 broker
skip  power          this machine does not report under-voltage
ok    clock          2026-03-01 12:00 UTC, synchronised
skip  spool          not configured here: readings of an outage are kept in memory only
FAIL  /dev/i2c-1     missing
      hint: `+drivers.EnableI2C+`
FAIL  1-Wire         no bus in /sys/bus/w1/devices
      hint: `+drivers.EnableW1+`
FAIL  /dev/spidev0.0  missing
      hint: `+drivers.EnableSPI+`
ok    outside        28.4 °C; 20 of 20 reads good
skip  greenhouse     not read, because of its bus
skip  pond           not read, because of its bus
skip  kiln           not read, because of its bus
warn  simulated      outside: driver = "mock" measures nothing, but is published like a measurement
      hint: for a real sensor: sensorpub scan --toml
skip  DNS            127.0.0.1 is an address
FAIL  TCP            dial tcp ADDRESS: connect: connection refused
      hint: is a broker running there, and is the port right? Mosquitto 2 accepts only local connections until you add a listener and a password file, or allow_anonymous
`)
}

func TestDoctorOfAWrongConfiguration(t *testing.T) {
	v := newVisit(t, t.TempDir(), "nod = 1\nqueue.capacity = 0\n"+fixture.OneSensor)
	v.expect(t, 2, `FAIL  configuration  CONFIG: 2 errors
        CONFIG:1: nod: unknown key, did you mean "node"?
        CONFIG:2: queue: capacity = 0: want an integer from 1 to 1000000
skip  power          this machine does not report under-voltage
ok    clock          2026-03-01 12:00 UTC, synchronised
`)
}

func TestDoctorEndsAtOnce(t *testing.T) {
	b := mqtttest.Start(t)
	b.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Drop))
	v := newVisit(t, t.TempDir(), at(b.URL()))
	v.step = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		b.Wait(patience, func() bool { return len(b.Connects()) > 0 })
		cancel()
	}()
	start := time.Now()
	if code, out := v.examine(ctx); code != 0 || strings.Contains(out, "login") || time.Since(start) > patience {
		t.Errorf("got exit code %d after %v and\n%s", code, time.Since(start), out)
	}
}
