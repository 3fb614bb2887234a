package publisher

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// The backlog of the benchmarks: readings of as many series, and a window.
const (
	drainReadings = 10_000
	drainSeries   = 16
	drainWindow   = 16
)

// BenchmarkDrain drains one backlog in each round, and then sends the same
// messages in two other ways to the same broker: by a client that does nothing
// but that, and by a session without queue and publisher. The metrics are the
// ratios of the rates: x-raw is 1 if all is as fast as can be, x-session if
// queue and publisher cost nothing.
//
// One broker only acknowledges, in this process and by the same thread; the
// other is Mosquitto. With taskset -c 0 it shares the processor as on a board
// with one.
func BenchmarkDrain(b *testing.B) {
	brokers := []struct {
		name  string
		start func(*testing.B) string
	}{{"acknowledger", startAcknowledger}, {"mosquitto", startMosquitto}}
	for _, broker := range brokers {
		for _, from := range []string{"memory", "spool"} {
			b.Run(broker.name+"/"+from, func(b *testing.B) { benchmarkDrain(b, broker.start(b), from == "spool") })
		}
	}
}

func benchmarkDrain(b *testing.B, addr string, spooled bool) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // as the daemon does
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	var raw, session, rates []float64
	for b.Loop() {
		b.StopTimer()
		q, done := backlogOf(b, drainReadings, spooled)
		b.StartTimer()
		took := drain(b, q, addr)
		b.StopTimer()
		done()
		raw = append(raw, drainRaw(b, addr).Seconds()/took.Seconds())
		session = append(session, drainSession(b, addr).Seconds()/took.Seconds())
		rates = append(rates, drainReadings/took.Seconds())
		b.StartTimer()
	}
	b.ReportMetric(median(raw), "x-raw")
	b.ReportMetric(median(session), "x-session")
	b.ReportMetric(median(rates), "readings/s")
	b.ReportMetric(0, "ns/op")
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// drainRoutes are the series of the backlog.
func drainRoutes() (routes []Route) {
	for i := range drainSeries {
		name := fmt.Sprintf("probe%d", i)
		routes = append(routes, Route{
			Sensor: name, Quantity: "temperature", Topic: "temperature/" + name,
			Encoder: Text{2}, History: JSON{"node", 2}, Unit: "°C", QoS: 1, Retain: true,
		})
	}
	return routes
}

// backlogOf returns a queue in which n readings wait, or by the default
// capacity most of them in a spool.
func backlogOf(b *testing.B, n int, spooled bool) (q *Queue, done func()) {
	b.Helper()
	q = NewQueue(drainRoutes(), Limits{n, DropOldest, Replay, 0})
	done = func() {}
	if spooled {
		s := &spool.Spool{
			RuntimeDir: b.TempDir(),
			SpillAfter: time.Hour, FlushInterval: time.Hour, MaxBytes: 16 << 20, Cache: 1024,
		}
		left, err := s.Open()
		if err != nil {
			b.Fatal(err)
		}
		q.Restore(s, left)
		done = func() { s.Close() }
	}
	for i := range n {
		r := sensors.Reading{
			Sensor: fmt.Sprintf("probe%d", i%drainSeries), Quantity: "temperature", Unit: "°C",
			Value: float64(i) / 100, Time: time.Now(),
		}
		if err := q.Put(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	return q, done
}

// drain runs a publisher until all that waits is acknowledged, and returns how
// long that took from the call on.
func drain(b *testing.B, q *Queue, addr string) time.Duration {
	b.Helper()
	m := benchMQTT(addr)
	p := &Publisher{
		Queue: q, Log: m.Log, Beat: func() {},
		Settings: Settings{Connector: connector{m}, Window: drainWindow, AckTimeout: 10 * time.Second, Grace: time.Second},
	}
	ended := make(chan struct{})
	start := time.Now()
	go func() {
		p.Run(context.Background())
		close(ended)
	}()
	for q.Account().Queued > 0 {
		time.Sleep(time.Millisecond)
	}
	took := time.Since(start)
	q.Close()
	<-ended
	if a := q.Account(); a.Acknowledged != a.Read {
		b.Fatalf("got %v, want all acknowledged", a)
	}
	return took
}

// drainSession sends the same messages through a session alone and returns how
// long that took: what the publisher can come up to.
func drainSession(b *testing.B, addr string) time.Duration {
	b.Helper()
	routes := drainRoutes()
	start := time.Now()
	s, err := benchMQTT(addr).Once(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	var window []Token
	for sent, acked := 0, 0; acked < drainReadings; acked++ {
		for ; sent < drainReadings && sent-acked < drainWindow; sent++ {
			r := routes[sent%drainSeries]
			payload, _ := r.Encoder.Encode(sensors.Reading{Value: float64(sent) / 100})
			window = append(window, s.Publish(mqtt.Message{Topic: r.Topic, Payload: payload, QoS: 1}))
		}
		<-window[0].Done()
		window = append(window[:0], window[1:]...)
	}
	took := time.Since(start)
	s.Disconnect()
	return took
}

func benchMQTT(addr string) *mqtt.Client {
	return &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:  "bench",
			KeepAlive: time.Minute,
			Beat:      func() {},
		},
		URLs: []*url.URL{{Scheme: "mqtt", Host: addr}}, Log: slog.New(slog.DiscardHandler),
	}
}

// drainRaw sends the same messages without a library and returns how long that
// took. What is sent at a time goes out with one write.
func drainRaw(b *testing.B, addr string) time.Duration {
	b.Helper()
	routes := drainRoutes()
	start := time.Now()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	connect := []byte("\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05bench")
	if _, err := conn.Write(connect); err != nil {
		b.Fatal(err)
	}
	in.Discard(4) // the CONNACK
	var out []byte
	for sent, acked := 0, 0; acked < drainReadings; {
		out = out[:0]
		for ; sent < drainReadings && sent-acked < drainWindow; sent++ {
			out = appendPublish(out, routes[sent%drainSeries], sent)
		}
		if _, err := conn.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := in.Peek(4); err != nil { // waits
			b.Fatal(err)
		}
		n := in.Buffered() / 4
		in.Discard(4 * n)
		acked += n
	}
	return time.Since(start)
}

// appendPublish appends the PUBLISH of a reading (MQTT 3.1.1, section 3.3).
func appendPublish(out []byte, r Route, n int) []byte {
	payload, _ := r.Encoder.Encode(sensors.Reading{Value: float64(n) / 100})
	out = append(out, 3<<4|1<<1, byte(2+len(r.Topic)+2+len(payload)))
	out = binary.BigEndian.AppendUint16(out, uint16(len(r.Topic)))
	out = append(out, r.Topic...)
	out = binary.BigEndian.AppendUint16(out, uint16(n+1))
	return append(out, payload...)
}

// startMosquitto starts a real broker until the end of the benchmark.
func startMosquitto(b *testing.B) (addr string) {
	b.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		b.Skip("mosquitto is not installed")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr = l.Addr().String()
	l.Close()
	config := filepath.Join(b.TempDir(), "mosquitto.conf")
	text := "listener " + addr[strings.LastIndex(addr, ":")+1:] + " 127.0.0.1\nallow_anonymous true\nlog_type error\n" +
		"set_tcp_nodelay true\n" // or the last PUBACKs of whoever sends wait for 40 ms, as long as all the others take
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	broker := exec.Command(program, "-c", config)
	broker.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := broker.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		broker.Process.Kill()
		broker.Wait()
	})
	for range 1000 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr
		}
		time.Sleep(5 * time.Millisecond)
	}
	b.Fatal("mosquitto does not accept connections")
	return ""
}

// startAcknowledger starts a broker that acknowledges and does nothing else,
// until the end of the benchmark.
func startAcknowledger(b *testing.B) (addr string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go acknowledge(conn)
		}
	}()
	return l.Addr().String()
}

// acknowledge answers CONNECT and PUBLISH, those that came together together.
func acknowledge(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	var out []byte
	body := make([]byte, 1024)
	for {
		head, err := in.Peek(2)
		if err != nil {
			return
		}
		kind, n := head[0]>>4, int(head[1]) // all packets here are short
		in.Discard(2)
		if _, err := io.ReadFull(in, body[:n]); err != nil {
			return
		}
		switch kind {
		case 1:
			out = append(out, 2<<4, 2, 0, 0)
		case 3:
			at := 2 + int(binary.BigEndian.Uint16(body))
			out = append(out, 4<<4, 2, body[at], body[at+1])
		case 14:
			return
		}
		if in.Buffered() == 0 {
			if _, err := conn.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}
