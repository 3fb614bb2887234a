//go:build faults

package e2e

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// storm returns how long the random faults last.
func storm(t *testing.T) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(cmp.Or(os.Getenv("SENSORPUB_STORM"), "2m"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A stormy is a daemon's surroundings, in which everything fails at random.
type stormy struct {
	*weather
	broker        *mosquitto
	witness       *witness
	proxy         *mqtttest.Proxy
	card, runtime *disk
	config        string // the current one
}

// newStormy starts without faults.
func newStormy(t *testing.T) *stormy {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SENSORPUB_SEED"), strconv.FormatUint(rand.Uint64N(1e6), 10)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("SENSORPUB_SEED=%d", seed)
	s := &stormy{
		weather: &weather{t: t, random: rand.New(rand.NewPCG(seed, 32))},
		broker:  startMosquitto(t), card: newDisk(t), runtime: newDisk(t),
	}
	s.witness = newWitness(t, s.broker.addr)
	s.proxy = mqtttest.StartProxy(t, s.witness.addr)
	return s
}

// queueCapacity is small, so that an outage does not fit in memory.
const queueCapacity = 64

// base is the constant part of the configuration.
func (s *stormy) base(backlog string, lines ...string) string {
	return brokerConfig("mqtt://"+s.proxy.Addr) + "keep_alive = \"3s\"\nack_timeout = \"3s\"\n" +
		"[publish]\nencoding = \"json\"\n" +
		fmt.Sprintf("[queue]\ncapacity = %d\ngrace = \"1s\"\nbacklog = %q\n", queueCapacity, backlog) +
		fmt.Sprintf("[spool]\ndir = %q\nruntime_dir = %q\nspill_after = \"2s\"\nflush_interval = \"1s\"\n", s.card.dir, s.runtime.dir) +
		strings.Join(lines, "\n") + "\n"
}

// The probes fail as well, each in its own way.
var scripts = map[string]string{
	"a": "ok*20", "b": "ok*9, crc, ok*5, spike", "c": "ok*40, unplug*20", "d": "ok*7, slow=300ms, stuck*3, nan", "e": "ok, crc", "f": "",
}

// moody is a probe that fails by its script.
func moody(name string, lines ...string) string {
	return sensor(name, append([]string{
		`interval = "100ms"`, fmt.Sprintf(`options = { quantities = ["temperature", "humidity"], script = %q }`, scripts[name]),
	}, lines...)...)
}

// TestFault32RandomFaults runs the daemon in this process, alone with the test,
// so that memory and goroutines can be checked.
func TestFault32RandomFaults(t *testing.T) {
	if os.Getenv("SENSORPUB_STORM_INSIDE") == "1" {
		newInside(t).run(storm(t))
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestFault32RandomFaults$", "-test.v", "-test.timeout=0")
	cmd.Env = append(os.Environ(), "SENSORPUB_STORM_INSIDE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	if strings.Contains(string(out), "\n--- SKIP") {
		t.Skip("it was skipped")
	}
}
