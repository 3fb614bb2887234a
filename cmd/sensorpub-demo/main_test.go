package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// demo runs the program with a pipe for stdout, as in a pipeline.
func demo(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return piped(t, func(p *process) int {
		p.args = args
		return mainCode(p)
	})
}

func piped(t *testing.T, f func(p *process) int) (code int, stdout, stderr string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan string)
	go func() {
		b, _ := io.ReadAll(r)
		out <- string(b)
	}()
	var log bytes.Buffer
	code = f(&process{stdout: w, stderr: &log, getenv: func(string) string { return "" }})
	w.Close()
	return code, <-out, log.String()
}

// plausible are the topics and the ranges of their values.
var plausible = map[string][2]float64{
	"temperature/outside":    {-4, 22},
	"temperature/greenhouse": {13, 35},
	"humidity/greenhouse":    {35, 65},
	"pressure/station":       {1009, 1018},
	"temperature/fridge":     {2, 7},
	"temperature/boiler":     {44, 66},
}

// values returns the values of each topic in the output, and what the status
// topic said.
func values(t *testing.T, stdout string) (readings map[string][]float64, status []string) {
	t.Helper()
	readings = make(map[string][]float64)
	for line := range strings.Lines(stdout) {
		topic, payload, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if topic == statusTopic {
			status = append(status, payload)
			continue
		}
		if topic == "pressure/station" {
			var j struct{ Value json.Number }
			if err := json.Unmarshal([]byte(payload), &j); err != nil {
				t.Errorf("line %q: %v", line, err)
			}
			payload = j.Value.String()
		}
		v, err := strconv.ParseFloat(payload, 64)
		limits, known := plausible[topic]
		if err != nil || !known || v < limits[0] || v > limits[1] {
			t.Errorf("got line %q, want a known topic and a value within %v", line, limits)
		}
		readings[topic] = append(readings[topic], v)
	}
	return readings, status
}

func TestDemoPrintsWhatASubscriberReceives(t *testing.T) {
	t.Parallel()
	var wrong string
	for range 3 { // a pause of the machine can spoil one
		if wrong = printed(t); wrong == "" || t.Failed() {
			return
		}
	}
	t.Error(wrong)
}

// printed runs the demo for two seconds and returns what does not fit that time.
func printed(t *testing.T) (wrong string) {
	t.Helper()
	start := time.Now()
	code, stdout, stderr := demo(t, "--for", "2s", "--listen", "127.0.0.1:0")
	took := time.Since(start)
	if code != exitOK || took < 2*time.Second {
		t.Errorf("ended with %d after %v, want %d after 2 s", code, took, exitOK)
	}
	readings, status := values(t, stdout)
	// A subscription that meets the first "online" gets it retained and live.
	if got := strings.Join(slices.Compact(status), " "); got != "online offline" {
		t.Errorf("the status topic said %q, want online, then offline", got)
	}
	if want := "+ queued 0\"\n"; !strings.HasSuffix(stderr, want) {
		t.Errorf("stderr %q, want an account that ends in %q", stderr, want)
	}
	for topic := range plausible {
		if n := len(readings[topic]); n < 2 || n > 5 {
			wrong = fmt.Sprintf("got %d values of %s, want 2 to 5", n, topic)
		}
	}
	if took > 5*time.Second {
		wrong = fmt.Sprintf("ended after %v, want 2 s", took)
	}
	return wrong
}

func TestDemoReplaysAnOutage(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out := make(chan string)
	go func() {
		var text strings.Builder
		for lines := bufio.NewScanner(r); lines.Scan(); {
			text.WriteString(lines.Text() + "\n")
			if replayed(text.String()) {
				cancel()
			}
		}
		out <- text.String()
	}()
	var log bytes.Buffer
	p := &process{stdout: w, stderr: &log, getenv: func(string) string { return "" }}
	if err := run(ctx, options{listen: "127.0.0.1:0", outage: 2 * time.Second}, p); err != nil {
		t.Error(err)
	}
	w.Close()
	stdout := <-out
	values(t, stdout)
	if !replayed(stdout) {
		t.Errorf("got no outage or not all readings of it:\n%s%s", stdout, log.String())
	}
}

var stationLine = regexp.MustCompile(`^pressure/station .*"seq":(\d+)}\n$`)

// replayed reports whether an outage has come and gone, and all readings of the
// station since the subscriber's first have arrived, some of them in between.
func replayed(stdout string) bool {
	var status []string
	var before int // the newest before the outage
	seen := make(map[int]bool)
	for line := range strings.Lines(stdout) {
		if topic, payload, _ := strings.Cut(line, " "); topic == statusTopic {
			status = append(status, strings.TrimSuffix(payload, "\n"))
		} else if found := stationLine.FindStringSubmatch(line); found != nil {
			n, _ := strconv.Atoi(found[1])
			seen[n] = true
			if !slices.Contains(status, "offline") {
				before = max(before, n)
			}
		}
	}
	if len(seen) == 0 {
		return false
	}
	numbers := slices.Sorted(maps.Keys(seen))
	first, last := numbers[0], numbers[len(numbers)-1]
	return strings.HasPrefix(strings.Join(slices.Compact(status), " "), "online offline online") &&
		last-first+1 == len(numbers) && last > before+1
}

func TestCommandLine(t *testing.T) {
	tests := []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{"help goes to stdout", []string{"--help"}, exitOK, usage, ""},
		{"short help", []string{"-h"}, exitOK, usage, ""},
		{"unknown flag", []string{"--fro", "2s"}, exitWrong, "", "unknown flag --fro"},
		{"duration without a unit", []string{"--for", "5"}, exitWrong, "", `invalid value "5" for flag --for: want a duration such as 30s`},
		{"duration that is not positive", []string{"--for", "0s"}, exitWrong, "", `invalid value "0s" for flag --for: want a duration such as 30s`},
		{"flag without its value", []string{"--for"}, exitWrong, "", "flag needs an argument: --for"},
		{
			"address without a port",
			[]string{"--listen", "localhost"},
			exitWrong, "",
			`invalid value "localhost" for flag --listen: want an address and a port such as 127.0.0.1:1883`,
		},
		{
			"port that is too large",
			[]string{"--listen", "127.0.0.1:65536"},
			exitWrong, "",
			`invalid value "127.0.0.1:65536" for flag --listen: want an address and a port such as 127.0.0.1:1883`,
		},
		{
			"outages too close together",
			[]string{"--outage", "4s"},
			exitWrong, "",
			`invalid value "4s" for flag --outage: want a duration such as 30s, 5s or more, or 0`,
		},
		{"argument that is none", []string{"run"}, exitWrong, "", `unexpected argument "run"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.stderr != "" {
				tt.stderr = "sensorpub-demo: parse arguments: " + tt.stderr + "\nhint: sensorpub-demo --help shows the flags\n"
			}
			code, stdout, stderr := demo(t, tt.args...)
			if code != tt.code || stdout != tt.stdout || stderr != tt.stderr {
				t.Errorf("got %d, stdout %q, stderr %q, want %d, %q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
}

func TestAddressThatIsTakenEndsTheDemo(t *testing.T) {
	b, err := openBroker("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	code, stdout, stderr := demo(t, "--listen", b.address.String())
	want := "sensorpub-demo: listen on " + b.address.String() + ": address already in use\n"
	if code != exitFailed || stdout != "" || stderr != want {
		t.Errorf("got %d, stdout %q, stderr %q, want %d and stderr %q", code, stdout, stderr, exitFailed, want)
	}
}

func TestReaderThatGoesAwayEndsTheDemo(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var log bytes.Buffer
	args := []string{"--listen", "127.0.0.1:0", "--for", "1m"}
	code := mainCode(&process{args, w, &log, os.Getenv})
	want := "write standard output: broken pipe\n"
	if code != exitFailed || !strings.HasSuffix(log.String(), want) {
		t.Errorf("got %d, stderr %q, want %d and an end of %q", code, log.String(), exitFailed, want)
	}
}
