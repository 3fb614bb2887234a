package e2e

import (
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestRenamedSensorKeepsItsHistory(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	w.write(slave28)
	p, dir := startHome(t, m), t.TempDir()
	d := startDaemonIn(t, w.env(), homeConfig(m, dir, oneProbe, often("old", "1", `identity = "kept"`)))
	p.awaitStates(outside+" 28.375 °C", "sensor.old_temperature 1.0 °C")
	before := p.history()
	d.reload(homeConfig(m, dir, strings.Replace(oneProbe, `"outside"`, `"terrace"`, 1), often("new", "2", `identity = "kept"`)))
	p.awaitStates(outside+" 28.375 °C", "sensor.old_temperature 2.0 °C")
	if got := p.Entity(outside).Name; got != "Terrace temperature" {
		t.Errorf("got the name %q, want the new one", got)
	}
	p.await("the old topics to be deleted", func() bool {
		left := retained(t, m.addr, "temperature/#")
		return len(left) == 2 && left["temperature/terrace"].payload == "28.375"
	})
	p.restart()
	p.awaitStates(outside+" 28.375 °C", "sensor.old_temperature 2.0 °C")
	if after := p.history(); !maps.Equal(before, after) {
		t.Errorf("got %v, want the unique ids and histories from before, %v", after, before)
	}
}

func TestRemovedSensorDisappears(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"device", "components"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			m, dir := startMosquitto(t), t.TempDir()
			config := func(sensors ...string) string {
				return strings.Replace(homeConfig(m, dir, sensors...), "discovery = true\n", "discovery = true\nform = \""+form+"\"\n", 1)
			}
			p := startHome(t, m)
			d := startDaemon(t, config(often("attic", "1"), often("bath", "2"), often("cellar", "3")))
			p.awaitStates("sensor.attic_temperature 1.0 °C", "sensor.bath_temperature 2.0 °C", "sensor.cellar_temperature 3.0 °C")

			d.reload(config(often("attic", "1"), often("cellar", "3")))
			p.awaitIDs("sensor.attic_temperature", "sensor.cellar_temperature")
			p.await("no trace of bath", func() bool { return !mentions(retained(t, m.addr, "#"), "bath") })

			d.kill() // and the next process knows what this one has announced
			d = startDaemon(t, config(often("attic", "1")))
			p.awaitIDs("sensor.attic_temperature")
			p.await("no trace of cellar", func() bool { return !mentions(retained(t, m.addr, "#"), "cellar") })
			p.awaitStates("sensor.attic_temperature 1.0 °C")

			d.stop()
			off := strings.Replace(config(often("attic", "1")), "discovery = true", "discovery = false", 1)
			d = startDaemon(t, off)
			p.await("nothing", func() bool { return len(p.IDs()) == 0 })
			p.await("only readings to be retained", func() bool {
				return slices.Equal(slices.Sorted(maps.Keys(retained(t, m.addr, "#"))), []string{"sensorpub/garden-pi/status", "temperature/attic"})
			})
			d.reload(config(often("attic", "1")))
			p.awaitStates("sensor.attic_temperature 1.0 °C")
		})
	}
}

// mentions reports whether a sensor is in a topic or announced in any way.
func mentions(all map[string]message, name string) bool {
	for topic, m := range all {
		if strings.Contains(topic, "/"+name) || strings.Contains(m.payload, `"`+name+`__`) || strings.Contains(m.payload, "__"+name+`__`) {
			return true
		}
	}
	return false
}

func TestChangedFormKeepsTheEntities(t *testing.T) {
	t.Parallel()
	m, dir := startMosquitto(t), t.TempDir()
	device := homeConfig(m, dir, often("outside", "28.4"), often("inside", "21"))
	components := strings.Replace(device, "discovery = true\n", "discovery = true\nform = \"components\"\n", 1)
	p, d := startHome(t, m), startDaemon(t, device)
	p.awaitStates(outside+" 28.4 °C", indoors+" 21.0 °C")
	for _, config := range []string{components, device} {
		d.reload(config)
		p.await("the old form to go", func() bool { return len(p.IDs()) == 0 })
		p.awaitStates(outside+" 28.4 °C", indoors+" 21.0 °C")
	}
	if _, left := retained(t, m.addr, "homeassistant/#")[announcedTopic]; !left {
		t.Errorf("got no message for the device, want one")
	}
	if all := retained(t, m.addr, "homeassistant/sensor/#"); len(all) > 0 {
		t.Errorf("got %v, want no messages for components", all)
	}
}

// What a device of the kernel has is known once it was read, and stays known.
func TestQuantitiesOfADeviceAreAnnouncedWhenTheyAreRead(t *testing.T) {
	t.Parallel()
	m, dir, w := startMosquitto(t), t.TempDir(), newIIOTree(t)
	p := startHome(t, m)
	config := homeConfig(m, dir, "\n[[sensor]]\nname = \"air\"\ndriver = \"iio\"\ninterval = \"500ms\"\noptions = { device = \"bme280\" }\n")
	d := startDaemonIn(t, w.env(), config)
	d.stderr.await(t, "sensor unavailable")
	p.awaitStates("sensor.garden_pi_spool ok")
	p.awaitIDs()
	w.plug()
	p.awaitStates("sensor.air_temperature 21.5 °C", "sensor.air_humidity 48.0 %")
	p.awaitIDs("sensor.air_humidity", "sensor.air_temperature")
	births := p.history()
	d.signal(syscall.SIGKILL)
	d.wait()
	if err := os.RemoveAll(w.dir); err != nil {
		t.Fatal(err)
	}
	d = startDaemonIn(t, w.env(), config)
	d.stderr.await(t, "sensor unavailable")
	p.awaitStates("sensor.garden_pi_spool ok", "sensor.air_temperature unavailable °C")
	w.plug()
	p.awaitStates("sensor.air_temperature 21.5 °C", "sensor.air_humidity 48.0 %")
	if after := p.history(); !maps.Equal(births, after) {
		t.Errorf("got %v, want the histories from before, %v", after, births)
	}
}

// A state that is deleted while its entity is announced looks like a sign of life.
func TestClearBeginsWithWhatIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, dir string }{{"remembered", t.TempDir()}, {"not remembered", ""}} {
		m := startMosquitto(t)
		p := startHome(t, m)
		config := strings.Replace(homeConfig(m, "DIR", often("outside", "28.4")), "dir = \"DIR\"", quoted("dir", c.dir), 1)
		d := startDaemon(t, config)
		p.awaitStates(outside+" 28.4 °C", "sensor.garden_pi_connection_losses 0")
		d.stop()
		got := invoke(t, "", "clear", "--yes", "--config", configFile(t, config))
		want := announcedTopic + "\nsensorpub/garden-pi/diagnostics\ntemperature/outside\nsensorpub/garden-pi/outside/status\nsensorpub/garden-pi/status\n"
		if got.code != 0 || got.stdout != want {
			t.Errorf("%s: got %+v, want it to delete\n%s", c.name, got, want)
		}
		p.await("nothing", func() bool { return len(p.IDs()) == 0 })
		if left := retained(t, m.addr, "#"); len(left) > 0 {
			t.Errorf("%s: got %v left, want nothing", c.name, left)
		}
	}
}
