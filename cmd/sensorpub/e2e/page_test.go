package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// pageAt begins a configuration with a page at a free port, whose address it
// returns too.
func pageAt(tb testing.TB) (config, addr string) {
	tb.Helper()
	addr = freeAddr(tb)
	return fmt.Sprintf("[http]\nlisten = %q\n", addr), addr
}

// fetch returns what the page answers, with the password if there is one.
func fetch(tb testing.TB, addr, path, password string) (status int, body string) {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if password != "" {
		r.SetBasicAuth("sensorpub", password)
	}
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func TestPageOfARunningDaemon(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	page, addr := pageAt(t)
	config := brokerConfig(b.URL()) + page + "password_file = " + strconv.Quote(configFile(t, "hunter2\n")) + "\n" + once("outside", 28.4)
	d := startDaemon(t, config)
	d.stderr.await(t, "serving the page url=http://"+addr+"/")
	b.Await("the reading", patience, func() bool { return len(b.Acknowledged()) >= 2 })
	if status, _ := fetch(t, addr, "/", ""); status != http.StatusUnauthorized {
		t.Errorf("got %d without the password", status)
	}
	for path, want := range map[string]string{"/": "<!doctype html>", "/app.js": "/events", "/style.css": "{", "/healthz": `{"status":"ok"}`, "/api/history": `{"series":[`} {
		if status, body := fetch(t, addr, path, "hunter2"); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: got %d %.200s", path, status, body)
		}
	}
	_, body := fetch(t, addr, "/api/status", "hunter2")
	var s struct {
		Node    string
		Account struct{ Read, Acknowledged, Queued int }
		Sensors []struct {
			Name     string
			Readings []struct{ Topic, Payload string }
		}
	}
	if err := json.Unmarshal([]byte(body), &s); err != nil || s.Node != "garden-pi" || s.Account.Read != 1 || s.Account.Acknowledged+s.Account.Queued != 1 ||
		len(s.Sensors) != 1 || s.Sensors[0].Readings[0].Payload != "28.4" || s.Sensors[0].Readings[0].Topic != "temperature/outside" {
		t.Errorf("got %v of %s", err, body)
	}
	_, metrics := fetch(t, addr, "/metrics", "hunter2")
	for _, want := range []string{"\nsensorpub_readings_total 1\n", "\nsensorpub_mqtt_connected 1\n", "\nsensorpub_temperature_celsius{sensor=\"outside\",quantity=\"temperature\"} 28.4\n"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("got no %q in %s", want, metrics)
		}
	}
	promtool(t, metrics)
	file := d.cmd.Args[len(d.cmd.Args)-1]
	got := invoke(t, "", "explain", "temperature/outside", "--config", file)
	if got.code != 0 || !regexp.MustCompile(`(?s)^temperature/outside: temperature of sensor outside\nsensor: ok\nbroker: connected\n.*28.4 °C  acknowledged after [0-9.µms]+\n$`).MatchString(got.stdout) {
		t.Errorf("got %+v", got)
	}
	open, err := net.Dial("tcp", addr) // a page that stays open holds up no stop
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	fmt.Fprint(open, "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic c2Vuc29ycHViOmh1bnRlcjI=\r\n\r\n")
	events := bufio.NewReader(open)
	for l := ""; !strings.HasPrefix(l, "event: status"); {
		if l, err = events.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	asked := time.Now()
	d.stop()
	if took := time.Since(asked); took > 4*time.Second*slowdown {
		t.Errorf("got a stop of %v", took)
	}
	if out := d.stderr.String(); strings.Contains(out, "hunter2") {
		t.Errorf("the log has the password: %s", out)
	}
}

// promtool checks metrics with Prometheus's own linter.
func promtool(t *testing.T, metrics string) {
	t.Helper()
	program, err := exec.LookPath("promtool")
	switch {
	case err == nil:
	case os.Getenv("SENSORPUB_REQUIRE_PROMTOOL") == "1":
		t.Fatal("promtool is not installed, and SENSORPUB_REQUIRE_PROMTOOL=1")
	default:
		t.Log("promtool is not installed: it is in Debian's prometheus")
		return
	}
	cmd := exec.Command(program, "check", "metrics")
	cmd.Stdin = strings.NewReader(metrics)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: got %v %s", err, out)
	}
}

// The port of the page may be in use. That is no reason not to read.
func TestDaemonRunsWithoutItsPage(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d := startDaemon(t, brokerConfig(b.URL())+fmt.Sprintf("[http]\nlisten = %q\n", l.Addr())+once("outside", 28.4))
	line := d.stderr.await(t, "cannot serve the page")
	if !strings.Contains(line, "ERROR") || !strings.Contains(line, "address already in use") {
		t.Errorf("got %q", line)
	}
	b.Await("the reading", patience, func() bool { return len(b.Acknowledged()) >= 2 })
	d.stop()
}

func TestPageForTheNetworkWithoutAPasswordIsLogged(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	_, port, _ := net.SplitHostPort(freeAddr(t))
	config := brokerConfig(b.URL()) + fmt.Sprintf("[http]\nallow_remote = true\nlisten = \":%s\"\n", port) + once("outside", 28.4)
	d := startDaemon(t, config)
	line := d.stderr.await(t, "asks for no password")
	if !strings.Contains(line, "WARN") || !strings.Contains(line, `hint="set http.password_file"`) {
		t.Errorf("got %q", line)
	}
	if got := invoke(t, "", "check", "--config", configFile(t, config)); got.code != 0 || !strings.Contains(got.stderr, "warning: http.listen = \":"+port+"\": everyone on the network") {
		t.Errorf("got %+v", got)
	}
	d.stop()
}

// rounds is how many attempts the test has: other tests may keep the machine busy.
const rounds = 5

func TestAHundredSlowClientsDelayNoReading(t *testing.T) {
	t.Parallel()
	allowed := 100 * time.Millisecond * slowdown
	b := mqtttest.Start(t)
	page, addr := pageAt(t)
	config := brokerConfig(b.URL()) + page
	for i := range 10 {
		config += numbered(fmt.Sprint("s", i))
	}
	d := startDaemon(t, config)
	d.stderr.await(t, "serving the page")
	var late []string
	for range rounds {
		before, skip := lateness(t, addr), len(b.Messages())
		besiege(addr, 100, 3*time.Second)
		after := lateness(t, addr)
		worst := longestGap(t, b.Messages()[skip:]) - 100*time.Millisecond
		reads, slow := after[0]-before[0], (after[0]-after[1])-(before[0]-before[1])
		if reads < 200 {
			t.Fatalf("got %d readings in a round, want 100 a second", reads)
		}
		if slow == 0 && worst <= allowed {
			t.Logf("%d readings, none late by more than %v; the longest gap is %v too long", reads, allowed, worst)
			d.stop()
			return
		}
		late = append(late, fmt.Sprintf("%d of %d later than %v, one %v late", slow, reads, allowed, worst))
	}
	t.Errorf("in each round readings were late: %q", late)
}

// lateness returns how often the scheduler had something to do, and how often it
// was late by no more than is allowed.
func lateness(t *testing.T, addr string) (n [2]int) {
	t.Helper()
	_, metrics := fetch(t, addr, "/metrics", "")
	limit := map[time.Duration]string{1: "0.1", 10: "1"}[slowdown]
	for i, bound := range []string{"+Inf", limit} {
		_, rest, ok := strings.Cut(metrics, `sensorpub_scheduler_lateness_seconds_bucket{le="`+bound+`"} `)
		if _, err := fmt.Sscan(rest, &n[i]); err != nil || !ok {
			t.Fatalf("got no lateness in %s", metrics)
		}
	}
	return n
}

// longestGap returns the longest time between two measurements of one sensor.
func longestGap(t *testing.T, all []mqtttest.Message) (longest time.Duration) {
	t.Helper()
	last := make(map[string]time.Time)
	for _, m := range all {
		var j struct{ Time time.Time }
		if !strings.HasPrefix(m.Topic, "temperature/s") || json.Unmarshal(m.Payload, &j) != nil {
			continue
		}
		if before := last[m.Topic]; !before.IsZero() {
			longest = max(longest, j.Time.Sub(before))
		}
		last[m.Topic] = j.Time
	}
	return longest
}

// besiege keeps n clients busy that do what no browser does.
func besiege(addr string, n int, d time.Duration) {
	end := time.Now().Add(d)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for time.Now().Before(end) {
				conn, err := net.DialTimeout("tcp", addr, time.Second)
				if err != nil {
					time.Sleep(10 * time.Millisecond)
					continue
				}
				conn.SetDeadline(end)
				pester(conn, r)
				conn.Close()
			}
		})
	}
	all.Wait()
}

// pester does one of the things that take a server's time.
func pester(conn net.Conn, r *rand.Rand) {
	request := func(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" }
	switch r.IntN(5) {
	case 0: // a byte at a time
		for _, c := range []byte(request("/") + "\r\n") {
			if _, err := conn.Write([]byte{c}); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	case 1: // garbage
		b := make([]byte, 1+r.IntN(20_000))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		conn.Write(b)
		io.Copy(io.Discard, conn)
	case 2: // an endless header
		conn.Write([]byte(request("/api/status")))
		for range 100 {
			if _, err := fmt.Fprintf(conn, "X-%d: %s\r\n", r.Int(), strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	case 3: // events that nobody reads
		conn.Write([]byte(request("/events") + "\r\n"))
		time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
	case 4: // many requests at once, whose answers nobody reads
		for range 50 {
			if _, err := conn.Write([]byte(request("/metrics") + "\r\n" + request("/api/status") + "\r\n")); err != nil {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
}
