package e2e

import (
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	announcedTopic = "homeassistant/device/sensorpub_garden-pi/config"
	outside        = "sensor.outside_temperature"
	indoors        = "sensor.inside_temperature"
)

// homeConfig is a configuration that is announced to Home Assistant, with a spool
// in a directory of the test.
func homeConfig(m *mosquitto, dir string, sensors ...string) string {
	return brokerConfig(m.tcp()) + "[spool]\n" + quoted("dir", dir) + "\n[homeassistant]\ndiscovery = true\n" + strings.Join(sensors, "")
}

// often is a mock that is read four times a second.
func often(name, value string, lines ...string) string {
	return sensor(name, append([]string{"interval = \"250ms\"\noptions = { values = [" + value + "] }"}, lines...)...)
}

func TestHomeAssistantShowsEveryEncoding(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	p := startHome(t, m)
	startDaemon(t, homeConfig(m, t.TempDir(),
		often("outside", "28.4"), often("inside", "21.26", `encoding = "json"`, `unit = "K"`),
		often("double", "-0.5", `encoding = "binary"`), often("float", "28.4", `encoding = "binary"`, `binary_format = "<f"`),
		sensor("air", "interval = \"250ms\"\noptions = { values = [50], quantities = [\"humidity\"] }"),
	))
	p.awaitStates(outside+" 28.4 °C", indoors+" 294.41 K", "sensor.double_temperature -0.5 °C", "sensor.float_temperature 28.4 °C",
		"sensor.air_humidity 50.0 %", "sensor.garden_pi_connection_losses 0", "sensor.garden_pi_dropped_readings 0 readings", "sensor.garden_pi_spool ok")
	for _, id := range p.IDs() {
		if strings.Contains(id, "last_reading") || strings.Contains(id, "connected_since") {
			at, err := time.Parse(time.RFC3339, p.Entity(id).State)
			if ago := time.Since(at); err != nil || ago < -time.Second || ago > patience {
				t.Errorf("%s: got %q, %v ago", id, p.Entity(id).State, ago)
			}
		}
	}
	if got, want := len(p.IDs()), 5+5+1+5; got != want {
		t.Errorf("got %d entities, want %d: %v", got, want, p.states())
	}
}

func TestEntitiesFollowOutageCrashAndStop(t *testing.T) {
	t.Parallel()
	m, dir := startMosquitto(t), t.TempDir()
	config := homeConfig(m, dir, often("outside", "28.4"))
	p, d := startHome(t, m), startDaemon(t, config)
	p.awaitStates(outside + " 28.4 °C")

	d.kill() // the broker publishes the will
	p.awaitStates(outside+" unavailable °C", "sensor.garden_pi_spool unavailable")
	d = startDaemon(t, config)
	p.awaitStates(outside+" 28.4 °C", "sensor.garden_pi_spool ok")

	d.stop()
	p.awaitStates(outside + " unavailable °C")
	p.restart()
	p.awaitStates(outside+" unavailable °C", "sensor.garden_pi_spool unavailable")
	if got := len(p.IDs()); got != 8 {
		t.Errorf("got %d entities after a restart while the daemon was stopped, want 8: %v", got, p.states())
	}

	d = startDaemon(t, config)
	p.awaitStates(outside + " 28.4 °C")
	m.kill() // and all that it retained is gone
	m.restart()
	d.stderr.await(t, "INFO  connected broker="+m.tcp()+" after=")
	time.Sleep(3 * time.Second) // until it listens
	p.restart()                 // and its birth makes the daemon announce again
	p.awaitStates(outside+" 28.4 °C", "sensor.garden_pi_connection_losses 1")
	if births := p.history(); slices.Max(slices.Collect(maps.Values(births))) != 1 {
		t.Errorf("got births %v, want one of each", births)
	}
}

func TestSensorThatFailsMakesItsEntityUnavailable(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	w.write(slave28)
	p := startHome(t, m)
	d := startDaemonIn(t, w.env(), homeConfig(m, t.TempDir(), often("inside", "21"), oneProbe+"stale_after = \"1s\"\n"))
	p.awaitStates(outside+" 28.375 °C", indoors+" 21.0 °C")
	w.write(slaveBad)
	p.awaitStates(outside+" unavailable °C", indoors+" 21.0 °C")
	p.restart()
	p.awaitStates(outside+" unavailable °C", indoors+" 21.0 °C")
	w.write(slaveBelow)
	p.awaitStates(outside + " -0.0625 °C")
	d.stop()
}

// A daemon that hangs says nothing, and the broker does not know yet.
func TestEntityExpiresWhenTheDaemonHangs(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	p := startHome(t, m)
	d := startDaemon(t, homeConfig(m, t.TempDir(), often("outside", "28.4")))
	p.awaitStates(outside + " 28.4 °C")
	d.signal(syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond) // for what is on its way
	p.catchUp()
	p.skip(50 * time.Second)
	p.awaitStates(outside + " 28.4 °C")
	p.skip(20 * time.Second)
	p.awaitStates(outside + " unavailable °C")
	d.signal(syscall.SIGCONT)
	p.awaitStates(outside + " 28.4 °C")
}

// A tombstone on the topic of a state would make an entity that has expired
// available again, with its old value.
func TestTombstoneRevivesNothing(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	w.write(slave28)
	p := startHome(t, m)
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemonIn(t, w.env(), homeConfig(m, t.TempDir(), oneProbe+"stale_after = \"3s\"\nclear_stale = true\n"))
	p.awaitStates(outside + " 28.375 °C")
	w.write(slaveBad)
	d.stderr.await(t, "sensor unavailable")
	p.skip(2 * time.Minute)
	p.awaitStates(outside + " unavailable °C")
	seen := live.until("temperature/outside", "")
	if i := slices.IndexFunc(seen, func(m message) bool { return m.payload == "offline" }); i < 0 {
		t.Errorf("got %v, want offline before the tombstone", seen)
	}
	p.during(time.Second, "an entity that stays unavailable", func() bool { return !p.Entity(outside).Available })
	w.write(slave28)
	p.awaitStates(outside + " 28.375 °C")
}

func TestTwoNodesHaveTheirOwnEntities(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	p := startHome(t, m)
	config := func(node, value string) string {
		return strings.Replace(homeConfig(m, t.TempDir(), often("outside", value, `topic = "{node}/{quantity}"`)), `"garden-pi"`, `"`+node+`"`, 1)
	}
	a := startDaemon(t, config("a", "1"))
	p.awaitStates(outside + " 1.0 °C")
	startDaemon(t, config("A ", "2"))
	p.awaitStates(outside+" 1.0 °C", outside+"_2 2.0 °C")
	a.kill()
	p.awaitStates(outside+" unavailable °C", outside+"_2 2.0 °C")
}

func TestBirthMakesTheNodeAnnounceOnceMore(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	startDaemon(t, homeConfig(m, t.TempDir(), often("outside", "28.4")))
	p := startHome(t, m)
	p.awaitStates(outside + " 28.4 °C")
	time.Sleep(15 * time.Second) // at the start it was born too
	live := dialClient(t, m.addr).subscribe(announcedTopic)
	live.rest()
	born := time.Now()
	p.restart()
	live.next()
	if after := time.Since(born); after < time.Second || after > 15*time.Second { // on a busy machine
		t.Errorf("got the announcement %v after the birth, want 1 to 10 s", after)
	}
	time.Sleep(12*time.Second - time.Since(born))
	if more := live.rest(); len(more) > 0 {
		t.Errorf("got %d more announcements, want none", len(more))
	}
	p.awaitStates(outside + " 28.4 °C")
}
