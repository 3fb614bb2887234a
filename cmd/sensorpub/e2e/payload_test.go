package e2e

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The hexadecimal payloads were computed with Python: struct.pack(format,
// round(value, 2)).hex() and str(round(value, 2)).encode().hex().
var payloads = []struct {
	name     string
	value    float64
	encoding string // text, or the binary format
	want     string // in hexadecimal
}{
	{"text", 28.4, "text", "32382e34"},                               // 28.4
	{"text-of-a-whole-number", 28, "text", "32382e30"},               // 28.0
	{"text-of-a-negative-number", -0.5, "text", "2d302e35"},          // -0.5
	{"text-that-is-rounded", 28.400000000000002, "text", "32382e34"}, // 28.4
	{"text-that-rounds-to-zero", -0.001, "text", "302e30"},           // 0.0
	{"text-of-zero", 0, "text", "302e30"},                            // 0.0
	{"big-endian-double-zero", 0, ">d", "0000000000000000"},
	{"big-endian-double", 28.4, ">d", "403c666666666666"},
	{"little-endian-double", 28.4, "<d", "6666666666663c40"},
	{"big-endian-float", 28.4, ">f", "41e33333"},
	{"little-endian-float", 28.4, "<f", "3333e341"},
	{"negative-big-endian-double", -40.13, ">d", "c04410a3d70a3d71"},
	{"negative-little-endian-double", -40.13, "<d", "713d0ad7a31044c0"},
	{"negative-big-endian-float", -40.13, ">f", "c220851f"},
	{"negative-little-endian-float", -40.13, "<f", "1f8520c2"},
	{"double-that-rounds-to-negative-zero", -0.001, ">d", "8000000000000000"},
	{"float-that-is-rounded", 28.399999, "<f", "3333e341"},
}

func TestRetainedPayloadsArriveByteForByte(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	config := brokerConfig(m.tcp())
	for _, p := range payloads {
		encoding := `encoding = "text"`
		if p.encoding != "text" {
			encoding = fmt.Sprintf("encoding = \"binary\"\nbinary_format = %q", p.encoding)
		}
		config += once(p.name, p.value, encoding)
	}
	live := dialClient(t, m.addr).subscribe("temperature/#")
	d := startDaemon(t, config)
	for range payloads {
		if m := live.next(); m.retain {
			t.Errorf("got %v at once, want it without the retain flag", m)
		}
	}
	got := retained(t, m.addr, "temperature/#")
	for _, p := range payloads {
		m := got["temperature/"+p.name]
		if h := hex.EncodeToString([]byte(m.payload)); h != p.want || !m.retain || m.qos != 1 {
			t.Errorf("%s: got %v, which is %s, want %s, qos 1, retained", p.name, m, h, p.want)
		}
	}
	if a := d.stop(); a.acknowledged != len(payloads) || a.read != a.acknowledged {
		t.Errorf("got %+v, want %d read and acknowledged", a, len(payloads))
	}
}

var jsonTime = regexp.MustCompile(`"time":"([^"]*)"`)

func TestRetainedJSONArrivesByteForByte(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	before := time.Now().Truncate(time.Millisecond)
	startDaemon(t, brokerConfig(m.tcp())+
		sensor("outside", `encoding = "json"`, `interval = "24h"`,
			`options = { values = [28.400000000000002], quantities = ["temperature", "humidity"] }`))
	live.untilEach("temperature/outside", "humidity/outside")
	got := retained(t, m.addr, "temperature/outside")["temperature/outside"]
	times := jsonTime.FindStringSubmatch(got.payload)
	if times == nil {
		t.Fatalf("got %v, want a time in it", got)
	}
	want := `{"value":28.4,"unit":"°C","quantity":"temperature","sensor":"outside","node":"garden-pi","time":"` +
		times[1] + `","seq":1}`
	if got.payload != want {
		t.Errorf("got %q, want %q", got.payload, want)
	}
	at, err := time.Parse("2006-01-02T15:04:05.000Z", times[1])
	if err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("got the time %s (%v), want one since %v", times[1], err, before)
	}
	other := retained(t, m.addr, "humidity/outside")["humidity/outside"]
	if !strings.Contains(other.payload, `,"unit":"%","quantity":"humidity","sensor":"outside",`) {
		t.Errorf("got %v, want the humidity", other)
	}
}

func TestEachQoSReachesASubscriberUnchanged(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("temperature/#")
	config := brokerConfig(m.tcp())
	for qos := range 3 {
		config += once(fmt.Sprintf("qos-%d", qos), 28.4, fmt.Sprintf("qos = %d", qos))
	}
	d := startDaemon(t, config)
	var got []string
	for range 3 {
		got = append(got, live.next().String())
	}
	slices.Sort(got)
	for qos, g := range got {
		if want := fmt.Sprintf(`temperature/qos-%d "28.4" qos %d retain false`, qos, qos); g != want {
			t.Errorf("got %s, want %s", g, want)
		}
	}
	if a := d.stop(); a != (account{read: 3, acknowledged: 2, sent: 1}) {
		t.Errorf("got %+v, want 2 of 3 acknowledged and 1 sent", a)
	}
}

func TestNothingIsRetainedWithoutRetain(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemon(t, brokerConfig(m.tcp())+"[publish]\nretain = false\n"+
		once("outside", 28.4)+once("inside", 21.5, "retain = true"))
	live.untilEach("temperature/outside", "temperature/inside")
	left := retained(t, m.addr, "temperature/#")
	if _, there := left["temperature/outside"]; there || len(left) != 1 {
		t.Errorf("got %v retained, want temperature/inside only", left)
	}
	d.stop()
}

func TestSequenceRisesByOneForEachReading(t *testing.T) {
	t.Parallel()
	front := newRelay(t, startMosquitto(t).addr).start()
	d := startDaemon(t, brokerConfig("mqtt://"+front.addr)+
		sensor("outside", `encoding = "json"`, `interval = "100ms"`, `options = { values = [1, 2, 3] }`))
	front.awaitReadings("temperature/outside", 10)
	d.stop() // until then some may be on their way once more, in their turn
	all, _ := front.now()
	complete(t, all, "temperature/outside")
	for _, p := range onTopic(all, "temperature/outside") {
		if want := fmt.Sprintf(`{"value":%d.0,`, (seqOf(t, p.payload).number-1)%3+1); !strings.HasPrefix(p.payload, want) {
			t.Errorf("got %s, want %s", p.payload, want)
		}
	}
}
