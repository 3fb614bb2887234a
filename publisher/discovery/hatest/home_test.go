package hatest

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	configTopic = "homeassistant/device/pi/config"
	unit        = `"unit_of_measurement":"°C","device_class":"temperature","state_class":"measurement","qos":1`
)

// component is a component with these further keys.
func component(key, name, topic, more string) string {
	return fmt.Sprintf(`%q:{"platform":"sensor","unique_id":"pi-%s","name":%q,"default_entity_id":"sensor.%s","state_topic":%q,%s%s}`,
		key, key, name, strings.ToLower(name), topic, unit, more)
}

const bothTopics = `,"expire_after":70,"availability":[{"topic":"daemon"},{"topic":"probe"}],"availability_mode":"all"`

// device is the announcement of a device with these components.
func device(components ...string) string {
	return `{"device":{"identifiers":["pi"],"name":"pi"},"origin":{"name":"x"},"components":{` + strings.Join(components, ",") + `}}`
}

// A play is a home with a clock of its own.
type play struct {
	*Home
	t   *testing.T
	now time.Time
}

func newPlay(t *testing.T) *play {
	p := &play{t: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	p.Home = NewHome("homeassistant", func() time.Time { return p.now })
	return p
}

func (p *play) say(topic, payload string)    { p.Receive(topic, []byte(payload), false) }
func (p *play) replay(topic, payload string) { p.Receive(topic, []byte(payload), true) }
func (p *play) after(d time.Duration)        { p.now = p.now.Add(d) }

func (p *play) want(when, id, want string) {
	p.t.Helper()
	if got := p.Entity(id).String(); got != want {
		p.t.Errorf("%s: got %q, want %q", when, got, want)
	}
}

func (p *play) wantProblem(want string) {
	p.t.Helper()
	if got := strings.Join(p.Problems, "\n"); want == "" && got != "" || !strings.Contains(got, want) {
		p.t.Errorf("got problems %q, want %q", p.Problems, want)
	}
	p.Problems = nil
}

func TestEntityIsAvailableWhenAllSaySoAndItHasAValue(t *testing.T) {
	p := newPlay(t)
	p.replay(configTopic, device(component("a", "Outside", "t/a", bothTopics)))
	if got, want := p.Wanted(), []string{"daemon", "probe", "t/a"}; !slices.Equal(got, want) {
		t.Errorf("got wanted topics %q, want %q", got, want)
	}
	p.want("at first", "sensor.outside", "sensor.outside unavailable °C")
	p.replay("t/a", "28.4")
	p.want("with a value", "sensor.outside", "sensor.outside unavailable °C")
	p.replay("daemon", "online")
	p.want("with a daemon", "sensor.outside", "sensor.outside unavailable °C")
	p.replay("probe", "online")
	p.want("with its sensor", "sensor.outside", "sensor.outside 28.4 °C")
	p.after(69 * time.Second)
	p.want("before it expires", "sensor.outside", "sensor.outside 28.4 °C")
	p.after(time.Second)
	p.want("when it has expired", "sensor.outside", "sensor.outside unavailable °C")
	p.say("t/a", "29")
	p.want("with a new value", "sensor.outside", "sensor.outside 29 °C")
	p.say("probe", "offline")
	p.want("when its sensor failed", "sensor.outside", "sensor.outside unavailable °C")
	p.wantProblem("")
}

// An empty payload on the state topic looks like a sign of life, with the old
// value.
func TestTombstoneRevivesAnExpiredEntity(t *testing.T) {
	p := newPlay(t)
	p.replay(configTopic, device(component("a", "Outside", "t/a", `,"expire_after":70`)))
	p.say("t/a", "28.4")
	p.after(100 * time.Second)
	p.want("expired", "sensor.outside", "sensor.outside unavailable °C")
	p.say("t/a", "")
	p.want("after the tombstone", "sensor.outside", "sensor.outside 28.4 °C")
}

func TestRestartLosesAllButTheRegistry(t *testing.T) {
	p := newPlay(t)
	p.replay(configTopic, device(component("a", "Outside", "t/a", "")))
	p.say("t/a", "28.4")
	p.Wanted()
	p.Restart()
	if got := p.IDs(); len(got) != 0 {
		t.Errorf("got %q after the restart, want nothing", got)
	}
	p.replay(configTopic, device(component("a", "Terrace", "t/b", "")))
	p.want("announced again", "sensor.outside", "sensor.outside unknown °C")
	if got, want := p.Wanted(), []string{"t/b"}; !slices.Equal(got, want) {
		t.Errorf("got wanted topics %q, want %q", got, want)
	}
	if got := p.Entity("sensor.outside"); got.Births != 1 || got.Name != "Terrace" {
		t.Errorf("got %+v, want its old history and its new name", got)
	}
}

func TestRetainedMessageComesOnceToASubscription(t *testing.T) {
	p := newPlay(t)
	p.replay(configTopic, device(component("a", "Outside", "t", ""), component("b", "Inside", "t", "")))
	p.replay("t", "1")
	p.say("t", "2")
	p.replay("t", "1")
	p.want("after a second replay", "sensor.outside", "sensor.outside 2 °C")
}

func TestComponentsAreRemovedByTheirPlatformAndNotByOmission(t *testing.T) {
	p := newPlay(t)
	a, b := component("a", "Outside", "t/a", ""), component("b", "Inside", "t/b", "")
	p.replay(configTopic, device(a, b))
	p.after(time.Second)
	p.say(configTopic, device(a))
	if got, want := p.IDs(), []string{"sensor.inside", "sensor.outside"}; !slices.Equal(got, want) {
		t.Errorf("got %q after it was omitted, want %q", got, want)
	}
	p.after(time.Second)
	p.say(configTopic, device(a, `"b":{"platform":"sensor"}`))
	if got, want := p.IDs(), []string{"sensor.outside"}; !slices.Equal(got, want) {
		t.Errorf("got %q after it was removed, want %q", got, want)
	}
	p.after(time.Second)
	p.say(configTopic, device(a, b))
	if got := p.Entity("sensor.inside").Births; got != 2 {
		t.Errorf("got %d births of what came back, want 2", got)
	}
	p.say(configTopic, "")
	if got := p.IDs(); len(got) != 0 {
		t.Errorf("got %q after the device was removed, want nothing", got)
	}
}

func TestTrapsAreProblems(t *testing.T) {
	a := component("a", "Outside", "t/a", "")
	for _, c := range []struct {
		name, want string
		play       func(p *play)
	}{
		{"another key with the same unique id", "loses its history", func(p *play) {
			p.after(time.Second)
			p.say(configTopic, device(strings.Replace(a, `"a":`, `"x":`, 1)))
		}},
		{"another unique id with the same key", "another unique id", func(p *play) {
			p.after(time.Second)
			p.say(configTopic, device(strings.Replace(a, `"pi-a"`, `"pi-x"`, 1)))
		}},
		{"two announcements within a second", "announced again after 500ms", func(p *play) {
			p.after(500 * time.Millisecond)
			p.say(configTopic, device(a))
		}},
		{"an announcement that is refused", "root: name: not allowed", func(p *play) {
			p.after(time.Second)
			p.say(configTopic, strings.Replace(device(a), "{", `{"name":"x",`, 1))
		}},
		{"a value that is not a number", "NaN is not a number", func(p *play) { p.say("t/a", "NaN") }},
		{"text in place of a number", "invalid syntax", func(p *play) { p.say("t/a", "warm") }},
	} {
		p := newPlay(t)
		p.replay(configTopic, device(a))
		p.wantProblem("")
		c.play(p)
		p.wantProblem(c.want)
	}
}

func TestTwoEntitiesOfOneName(t *testing.T) {
	p := newPlay(t)
	p.replay(configTopic, device(component("a", "Outside", "t/a", ""), component("b", "Outside", "t/b", "")))
	if got, want := p.IDs(), []string{"sensor.outside", "sensor.outside_2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTemplates(t *testing.T) {
	double := string(binary.BigEndian.AppendUint64(nil, math.Float64bits(28.4)))
	single := string(binary.LittleEndian.AppendUint32(nil, math.Float32bits(28.4)))
	for _, c := range []struct {
		template, payload string
		binary            bool
		want              string
	}{
		{"", "28.4", false, "28.4"},
		{"{{ value }}", "online", false, "online"},
		{"{{ value }}", "online", true, "b'online'"},
		{"{{ value }}", "a'\x00", true, `b'a\x27\x00'`},
		{"{{ value_json.value }}", `{"value":28.40}`, false, "28.40"},
		{"{{ value_json.value }}", `{"value":null}`, false, "None"},
		{"{{ value_json.value }}", `{}`, false, ""},
		{"{{ value_json.a['b-c'] }}", `{"a":{"b-c":"x"}}`, false, "x"},
		{"{{ value_json.a['b-c'] }}", `{"a":{}}`, false, ""},
		{"{{ value | unpack('>d') }}", double, true, "28.4"},
		{"{{ value | unpack('<f') }}", single, true, "28.399999618530273"},
		{"{{ value | unpack('<f') | round(2) }}", single, true, "28.4"},
	} {
		if got, err := render(c.template, []byte(c.payload), c.binary); err != nil || got != c.want {
			t.Errorf("%s of %q: got %q and error %v, want %q", c.template, c.payload, got, err, c.want)
		}
	}
	for _, c := range []struct {
		template, payload string
		binary            bool
	}{
		{"{{ value_json.value }}", "28.4", false},
		{"{{ value_json.a['b'] }}", `{"a":1}`, false},
		{"{{ value_json.value }}", `{"value":1}`, true},
		{"{{ value | unpack('>d') }}", single, true},
		{"{{ value | unpack('>d') }}", double, false},
		{"{{ value | float }}", "1", false},
		{"", "1", true},
	} {
		if got, err := render(c.template, []byte(c.payload), c.binary); err == nil {
			t.Errorf("%s of %q: got %q, want an error", c.template, c.payload, got)
		}
	}
}
