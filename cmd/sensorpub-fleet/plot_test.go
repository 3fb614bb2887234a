package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestPlotIsWellFormedAndComplete(t *testing.T) {
	f := &fleet{
		opt:     options{interval: 10 * time.Second},
		members: make([]*member, 5200), latency: &timeline{step: 4 * time.Second},
	}
	f.begin, f.ended = noon, noon.Add(10*time.Minute)
	f.latency.start(noon)
	for s := range 600 {
		at := noon.Add(time.Duration(s) * time.Second)
		f.samples = append(f.samples, sample{at: at, connected: 5200 - s%100})
		if s < 200 || s > 300 {
			f.latency.add(at, time.Duration(s)*100*time.Millisecond)
		}
	}
	f.marks = []mark{{fault{kind: kill, brokers: []int{1, 2}}, noon.Add(time.Minute), noon.Add(2 * time.Minute)}}
	svg := f.plot()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
	for _, want := range []string{"5,200 nodes", "kill 1+2", "minutes since", "nodes connected", "median", "longest", "1 ms", "10 s"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("there is no %q in the plot", want)
		}
	}
	if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
		t.Error("there is a number in the plot that is none")
	}
}

func TestAxisHasRoundNumbers(t *testing.T) {
	for _, tt := range []struct{ v, above, step float64 }{
		{5200, 6000, 2000}, {55, 60, 20}, {1, 1, 0.2}, {200, 200, 50},
	} {
		if above, step := niceAbove(tt.v), niceStep(tt.v, 5); above != tt.above || step != tt.step {
			t.Errorf("%v: got an axis to %v in steps of %v, want %v and %v", tt.v, above, step, tt.above, tt.step)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		if got := number(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 85 * time.Millisecond: "85 ms", 12340 * time.Millisecond: "12.3 s", 30 * time.Second: "30 s", 5 * time.Minute: "5 min",
	} {
		if got := short(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
