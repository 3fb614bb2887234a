package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"sensorpub/cmd/sensorpub/timeout"
)

// rampRate is how many nodes are started in a second, at most. They are spread
// over one interval at least, so that their readings are.
const rampRate = 100

// latencySteps is how many points the plot of the latency has.
const latencySteps = 150

// A fleet is everything that a run starts.
type fleet struct {
	opt       options
	out       io.Writer
	work      string // folder of everything that is thrown away
	cluster   *cluster
	security  *security
	ledger    *ledger
	latency   *timeline
	witnesses []*witness
	processes []*process
	nodes     []*node
	members   []*member // of processes, then of nodes
	errors    *firstLines

	stopNodes context.CancelFunc
	running   sync.WaitGroup // processes and nodes
	broken    chan error     // why a process has ended by itself
	before    footprint      // before the first node was made
	history
}

// newFleet makes everything, and starts nothing but the networks.
func newFleet(o options, out io.Writer, work string) (*fleet, error) {
	f := &fleet{
		opt: o, out: out, work: work, errors: new(firstLines),
		latency: &timeline{step: max(o.duration/latencySteps, time.Second)},
		broken:  make(chan error, o.processes),
	}
	if err := f.addCluster(); err != nil {
		return nil, err
	}
	if err := f.addNodes(); err != nil {
		return nil, errors.Join(err, f.cluster.net.remove())
	}
	return f, nil
}

// addCluster makes networks, passwords and the brokers' configuration.
func (f *fleet) addCluster() error {
	program, err := exec.LookPath(f.opt.nats)
	if err != nil {
		return fmt.Errorf("find the broker: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(f.opt.cluster, "nats.conf"))
	if err != nil {
		return err
	}
	c := &cluster{program: program, config: filepath.Join(f.work, "nats.conf"), dir: f.work, port: f.opt.port}
	if err := os.WriteFile(c.config, text, 0o600); err != nil {
		return err
	}
	f.cluster = c
	var hosts, auditors, names []string
	if f.opt.plan.needsNetworks() {
		if c.net, err = newNetwork(); err != nil {
			return err
		}
	}
	for b := 1; b <= brokers; b++ {
		hosts, auditors = append(hosts, c.net.host(b)), append(auditors, fmt.Sprintf("witness%d", b))
	}
	for i := range f.opt.processes {
		names = append(names, processName(i))
	}
	for i := range f.opt.nodes {
		names = append(names, nodeName(i))
	}
	f.ledger = newLedger(names, brokers, f.latency)
	f.security, err = newSecurity(f.work, filepath.Join(f.opt.cluster, "users"), hosts, names, append(auditors, collector))
	if err != nil {
		return errors.Join(err, c.net.remove())
	}
	return nil
}

func processName(i int) string { return fmt.Sprintf("p%04d", i+1) }

func nodeName(i int) string { return fmt.Sprintf("n%04d", i+1) }

// addNodes makes the nodes, each with another broker first.
func (f *fleet) addNodes() error {
	for i := range f.opt.processes {
		name := processName(i)
		dir := filepath.Join(f.work, name)
		file := filepath.Join(dir, "config.toml")
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = os.WriteFile(file, configuration(name, f.cluster.urls(i), f.security, f.opt.interval, dir), 0o600)
		}
		if err != nil {
			return err
		}
		p := &process{
			member: member{name: name}, program: f.opt.sensorpub, config: file, errors: f.errors,
			restarted: func(node string, at time.Time) { f.ledger.restarted(node, at) },
		}
		f.processes, f.members = append(f.processes, p), append(f.members, &p.member)
	}
	f.before = footprintOf(f.cluster, nil)
	for i := range f.opt.nodes {
		name := nodeName(i)
		n, err := newNode(name, configuration(name, f.cluster.urls(i), f.security, f.opt.interval, ""), slog.New(f.errors))
		if err != nil {
			return err
		}
		f.nodes, f.members = append(f.nodes, n), append(f.members, &n.member)
	}
	return nil
}

// say prints a line with the time.
func (f *fleet) say(format string, args ...any) {
	fmt.Fprintf(f.out, "%s  %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// startBrokers starts the cluster and then the witnesses.
func (f *fleet) startBrokers(ctx context.Context) error {
	if err := f.cluster.start(); err != nil {
		return err
	}
	for i := range brokers {
		w, err := newWitness(ctx, i, f.cluster.urls(i), f.security, f.ledger)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, f.cluster.tail())
		}
		f.witnesses = append(f.witnesses, w)
	}
	f.say("%d brokers are running, %d witnesses have subscribed", brokers, len(f.witnesses))
	return nil
}

// startNodes starts the nodes one after the other, spread over at least an
// interval.
func (f *fleet) startNodes(ctx context.Context) {
	nodes, cancel := context.WithCancel(context.Background())
	f.stopNodes = cancel
	took := max(f.opt.interval, time.Duration(len(f.members))*time.Second/rampRate)
	f.say("starting %d processes and %d nodes within %v", len(f.processes), len(f.nodes), took.Round(time.Second))
	begin, total := time.Now(), len(f.members)
	for i := range total {
		if !timeout.Sleep(ctx, time.Until(begin.Add(took*time.Duration(i)/time.Duration(total)))) {
			return
		}
		// The processes are spread among the nodes.
		if p := i * len(f.processes) / total; (i+1)*len(f.processes)/total > p {
			f.startProcess(nodes, f.processes[p])
		} else {
			n := f.nodes[i-p]
			f.running.Go(func() { n.run(nodes) })
		}
	}
}

func (f *fleet) startProcess(ctx context.Context, p *process) {
	f.running.Go(func() {
		if err := p.run(ctx); err != nil {
			f.broken <- err
		}
	})
}

// stop stops all nodes, each of which sends what it has, and waits for them. It
// may be called again.
func (f *fleet) stop() {
	if f.stopNodes != nil {
		f.stopNodes()
	}
	f.running.Wait()
}
