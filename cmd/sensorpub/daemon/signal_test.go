package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher/mqtt"

	"sensorpub/publisher/mqtt/mqtttest"
)

// newServed returns a daemon that is not running yet, and its broker.
func newServed(t *testing.T, text string) (*Daemon, *mqtttest.Broker) {
	t.Helper()
	c, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return newServedBy(t, c)
}

// newServedBy is newServed for a configuration that was read.
func newServedBy(t *testing.T, c *config.Config) (*Daemon, *mqtttest.Broker) {
	t.Helper()
	b := (&mqtttest.Broker{Pipe: true}).Start(t)
	log := slog.New(slog.DiscardHandler)
	d, err := New(c, &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:    "test",
			KeepAlive:   10 * time.Second,
			DialContext: b.Dial,
		},
		URLs: c.Broker.Servers, Log: log,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	return d, b
}

// serve runs a daemon for a while, in fake time, and returns it and its broker
// as they are afterwards.
func serve(t *testing.T, d time.Duration, text string) (*Daemon, *mqtttest.Broker) {
	t.Helper()
	s, b := newServed(t, text)
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	s.Run(ctx)
	if err := s.queue.Account().Check(); err != nil {
		t.Error(err)
	}
	return s, b
}

// faulty returns a script in which about a fifth of the readings are wrong, in
// every way that a probe can be, and never two spikes in a row.
func faulty() string {
	faults := []string{
		"crc", "spike", "power-on-85", "zero", "stuck", "unplug", "slow=300ms", "spike, crc, crc", "unplug*3, crc", "nan, spike, zero",
		"out-of-range", "crc, power-on-85*2", "stuck, spike", "spike, stuck", "unplug, slow=800ms", "zero*3", "spike", "crc*2, spike",
	}
	var script []string
	for i, n := 0, 0; n < 80; i++ {
		f := faults[i%len(faults)]
		script = append(script, fmt.Sprintf("ok*%d, %s", 2+(i*7)%13, f))
		n += 1 + strings.Count(f, ",")
		for _, w := range []string{"*2", "*3"} {
			n += strings.Count(f, w) * int(w[1]-'1')
		}
	}
	return strings.Join(script, ", ")
}

// Of 10,000 readings of a probe, a fifth of them faulty, no false value is
// published, and of each step only the first true value is missing.
func TestFaultyProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Each value occurs once. The level changes by 12 °C at every
		// 29th.
		var values []string
		index := make(map[float64]int)
		level := func(i int) int { return 20 + 12*(i/29%3) }
		for i := range 14_000 {
			v := math.Round(1e5*float64(level(i))+float64(i)) / 1e5
			index[v] = i
			values = append(values, strconv.FormatFloat(v, 'f', 5, 64))
		}
		s, b := serve(t, 13_000*time.Second, fmt.Sprintf(`
			publish.precision = 5
			[[sensor]]
			name = "outside"
			driver = "mock"
			interval = "1s"
			options = { values = [%s], script = "%s" }
			filter = { max_step = 5 }`, strings.Join(values, ", "), faulty()))
		last, steps, published := -1, 0, 0
		for _, m := range b.Messages() {
			if m.Topic != "temperature/outside" {
				continue
			}
			published++
			v, err := strconv.ParseFloat(string(m.Payload), 64)
			i, isTrue := index[v]
			if err != nil || !isTrue || i < last {
				t.Fatalf("got %s after the %dth value, want only true ones, in their order", m.Payload, last)
			}
			if last >= 0 && level(i) != level(last) {
				steps++
			}
			if missing := i - last - 1; missing > 1 || missing == 1 && level(last+1) == level(last) {
				t.Fatalf("got the %dth value after the %dth, want all of them but the first of a step", i, last)
			}
			last = i
		}
		a := s.queue.Account()
		t.Log(a, "steps", steps)
		if a.Read < 10_000 || last < 8_000 || steps != last/29 {
			t.Errorf("got %d values read, up to the %dth, and %d steps, want 10,000, and a step at each 29th", a.Read, last, steps)
		}
		if uint64(published) != a.Acknowledged || a.Queued != 0 || len(a.Dropped) != 0 || a.Superseded != 0 {
			t.Errorf("got %d messages and the account %v, want all acknowledged", published, a)
		}
		for _, reason := range []string{"crc", "power-on", "all-zero", "not-a-number", "range", "step"} {
			if !strings.Contains(a.String(), reason+" ") {
				t.Errorf("got %v, want rejections for %s", a, reason)
			}
		}
	})
}

func TestDeadbandWithHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := serve(t, 10*time.Minute+time.Second, fixture.OneSensor+
			`filter = { deadband = 0.5, heartbeat = "1m" }`+"\n"+`unit = "°F"`)
		got := 0
		for _, m := range b.Messages() {
			if m.Topic == "temperature/outside" {
				got++
				if string(m.Payload) != "83.12" {
					t.Errorf("got %q, want 83.12", m.Payload)
				}
			}
		}
		want := "read 61 = acknowledged 11 + superseded 50 + rejected 0 + dropped 0 + queued 0"
		if a := s.queue.Account().String(); got != 11 || a != want {
			t.Errorf("got %d messages and the account %s, want 11 and %s", got, a, want)
		}
	})
}

// The mock of "b" is there at first, gone for some minutes, then back.
func TestSensorAvailability(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sensor := func(name, script string) string {
			return fmt.Sprintf("\n[[sensor]]\nname = %q\ndriver = \"mock\"\ninterval = \"20s\"\nstale_after = \"1m\"\nclear_stale = true\noptions = { values = [1, 2], script = %q }\n", name, script)
		}
		_, b := serve(t, 150*time.Second, "availability.topic = \"status\"\navailability.sensor_topic = \"{sensor}\""+
			sensor("a", "crc")+sensor("b", "ok, crc*5, ok"))
		got := make(map[string][]string)
		for _, m := range b.Messages() {
			got[m.Topic] = append(got[m.Topic], string(m.Payload))
			if !m.Retain {
				t.Errorf("got %+v, want it retained", m)
			}
		}
		for topic, want := range map[string][]string{
			"status": {"online", "offline"}, "a": {"offline"}, "temperature/a": {""},
			"b": {"online", "offline", "online"}, "temperature/b": {"1.0", "", "2.0", "1.0"},
		} {
			if topic == "b" && len(got["b"]) > 0 && got["b"][0] == "offline" {
				got["b"] = got["b"][1:] // the connection came before the first reading
			}
			if !slices.Equal(got[topic], want) {
				t.Errorf("%s: got %q, want %q", topic, got[topic], want)
			}
		}
	})
}
