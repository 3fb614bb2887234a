package web

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
)

// later returns well with another reading, so long after the start of the bubble.
func wellAt(v float64, seq uint64, unit string) daemon.Snapshot {
	s := well()
	s.Now = time.Now()
	n := newest("outside", "temperature", v, unit, publisher.Text{Precision: 1})
	n.Reading.Seq, n.Reading.Time = seq, s.Now.Add(-time.Second)
	s.Sensors[0].Readings = []publisher.Newest{n}
	return s
}

func TestHistoryHasAPointOfEachNewReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := serverOf(well())
		start := time.Now().Unix() // whole, in a bubble
		record := func(v float64, seq uint64, unit string) {
			time.Sleep(recordEvery)
			s.history.record(wellAt(v, seq, unit))
		}
		record(20.1, 1, "°C")
		record(-0.05, 2, "°C")
		record(-0.05, 2, "°C") // nothing was read
		record(3e6, 3, "°C")
		want := fmt.Sprintf(`{"series":[{"sensor":"outside","quantity":"temperature","unit":"°C","points":[[%d,20.1],[%d,-0.05],[%d,3e+06]]}]}`+"\n",
			start+9, start+19, start+39)
		for _, query := range []string{"", "?sensor=outside", "?sensor=outside&quantity=temperature"} {
			if w := get(s, "/api/history"+query); w.Body.String() != want || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%q: got  %swant %s", query, w.Body, want)
			}
		}
		for _, query := range []string{"?sensor=inside", "?sensor=", "?quantity=humidity&sensor=outside"} {
			if w := get(s, "/api/history"+query); w.Body.String() != "{\"series\":[]}\n" {
				t.Errorf("%q: got %s, want none", query, w.Body)
			}
		}
		record(68, 4, "°F")
		if w := get(s, "/api/history"); !strings.Contains(w.Body.String(), fmt.Sprintf(`"unit":"°F","points":[[%d,68]]`, start+49)) {
			t.Errorf("in another unit: got %s, want a new line", w.Body)
		}
		gone := well()
		gone.Sensors[0].Readings = nil
		s.history.record(gone)
		if w := get(s, "/api/history"); w.Body.String() != "{\"series\":[]}\n" {
			t.Errorf("without the sensor: got %s", w.Body)
		}
	})
}

// A reading from before the start is what the spool has kept.
func TestHistoryBeginsAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := serverOf(well())
		old := wellAt(20, 1, "°C")
		old.Sensors[0].Readings[0].Reading.Time = time.Now().Add(-time.Hour)
		time.Sleep(recordEvery)
		old.Now = time.Now()
		s.history.record(old)
		if n := len(s.history.lines[0].points); n != 0 {
			t.Errorf("got %d points, want none", n)
		}
	})
}

func TestHistoryIsBounded(t *testing.T) {
	for _, c := range []struct{ sensors, rounds, most int }{{1, 1500, 1000}, {100, 700, 640}, {640, 150, 100}} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := serverOf(well())
			time.Sleep(time.Minute)
			for round := range c.rounds {
				now := wellAt(float64(round), uint64(round+1), "°C")
				one := now.Sensors[0].Readings[0]
				now.Sensors[0].Readings = nil
				for i := range c.sensors {
					one.Reading.Quantity = fmt.Sprint(i)
					now.Sensors[0].Readings = append(now.Sensors[0].Readings, one)
				}
				s.history.record(now)
			}
			for _, l := range s.history.lines {
				if n := len(l.points); n != c.most || l.points[n-1].value != float32(c.rounds-1) {
					t.Fatalf("%d sensors: got %d points up to %v, want the last %d", c.sensors, n, l.points[n-1], c.most)
				}
			}
		})
	}
}
