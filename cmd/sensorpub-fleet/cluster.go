package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopWithin is how long a broker may take to stop before it is killed.
const stopWithin = 20 * time.Second

// A cluster is three NATS servers with JetStream and MQTT.
type cluster struct {
	program string
	config  string // a copy of deploy/nats/nats.conf, in dir
	dir     string // of certificates, passwords, stores and logs
	port    int
	net     *network

	mu      sync.Mutex
	servers [brokers]*exec.Cmd // nil: not running
	cpu     time.Duration      // of those that have ended
}

// start starts all brokers.
func (c *cluster) start() error {
	for b := 1; b <= brokers; b++ {
		if err := c.run(b); err != nil {
			return err
		}
	}
	return nil
}

// at returns host and port of a broker: offset 0 for NATS clients, 1 for its
// peers, 2 for MQTT, 3 for its state.
func (c *cluster) at(broker, offset int) string {
	return fmt.Sprintf("%s:%d", c.net.host(broker), c.port+10*(broker-1)+offset)
}

// urls returns the URLs of all brokers, as the node of that number has them. All
// six orders are equally common: each broker is the first of a third of the nodes,
// and when it dies, each of the others takes half of them.
func (c *cluster) urls(node int) (urls []string) {
	for i := range brokers {
		if node/brokers%2 == 1 {
			i = (brokers - i) % brokers
		}
		urls = append(urls, "mqtts://"+c.at((node+i)%brokers+1, 2))
	}
	return urls
}

// isOneOf reports whether an address is that of one of the brokers.
func (c *cluster) isOneOf(at string, some []int) bool {
	return slices.ContainsFunc(some, func(b int) bool { return c.at(b, 2) == at })
}

// environment returns what deploy/nats/node.env has for each broker.
func (c *cluster) environment(broker int) []string {
	var routes []string
	for b := 1; b <= brokers; b++ {
		routes = append(routes, strconv.Quote("nats-route://"+c.at(b, 1)))
	}
	return []string{
		fmt.Sprintf("NATS_NAME=nats-%d", broker),
		"NATS_CLIENT=" + c.at(broker, 0),
		"NATS_CLUSTER=" + c.at(broker, 1),
		"NATS_MQTT=" + c.at(broker, 2),
		"NATS_MONITOR=" + c.at(broker, 3),
		"NATS_ROUTES=[" + strings.Join(routes, ",") + "]",
		"NATS_STORE=" + filepath.Join(c.dir, fmt.Sprintf("store%d", broker)),
	}
}

// run starts one broker.
func (c *cluster) run(broker int) error {
	args := c.net.command(broker, c.program, "-c", c.config, "-l", filepath.Join(c.dir, fmt.Sprintf("broker%d.log", broker)))
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = c.dir // certificates and users.conf are beside the configuration
	cmd.Env = append(os.Environ(), c.environment(broker)...)
	cmd.SysProcAttr = child()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start broker %d: %w", broker, err)
	}
	// Usually brokers have machines of their own. Without root this has no effect.
	syscall.Setpriority(syscall.PRIO_PROCESS, cmd.Process.Pid, -5)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[broker-1] = cmd
	return nil
}

// child makes a process ignore Ctrl-C on the terminal, and end with this one.
func child() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// end signals a broker and waits until it has ended.
func (c *cluster) end(broker int, sig syscall.Signal) {
	c.mu.Lock()
	cmd := c.servers[broker-1]
	c.servers[broker-1] = nil
	c.mu.Unlock()
	if cmd == nil {
		return
	}
	cmd.Process.Signal(sig)
	timer := time.AfterFunc(stopWithin, func() { cmd.Process.Kill() })
	defer timer.Stop()
	cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// begin does what a fault does.
func (c *cluster) begin(f fault) error {
	sig := map[string]syscall.Signal{kill: syscall.SIGKILL, stop: syscall.SIGTERM}[f.kind]
	for _, b := range f.brokers {
		if f.kind == cut {
			if err := c.net.set(b, false); err != nil {
				return err
			}
			continue
		}
		c.end(b, sig)
	}
	return nil
}

// undo undoes it.
func (c *cluster) undo(f fault) (err error) {
	for _, b := range f.brokers {
		if f.kind == cut {
			err = errors.Join(err, c.net.set(b, true))
		} else {
			err = errors.Join(err, c.run(b))
		}
	}
	return err
}

// pids returns the processes of the brokers that are running.
func (c *cluster) pids() (pids []int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cmd := range c.servers {
		if cmd != nil {
			pids = append(pids, cmd.Process.Pid)
		}
	}
	return pids
}

// ended returns the CPU time of the brokers that have ended.
func (c *cluster) ended() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cpu
}

// close ends all brokers.
func (c *cluster) close() {
	for b := 1; b <= brokers; b++ {
		c.end(b, syscall.SIGTERM)
	}
}

// tail returns the last lines of the brokers' logs that are warnings or errors.
func (c *cluster) tail() string {
	var lines []string
	for b := 1; b <= brokers; b++ {
		text, _ := os.ReadFile(filepath.Join(c.dir, fmt.Sprintf("broker%d.log", b)))
		all := slices.DeleteFunc(strings.Split(string(text), "\n"), func(l string) bool {
			return !strings.Contains(l, "[ERR]") && !strings.Contains(l, "[WRN]") && !strings.Contains(l, "[FTL]")
		})
		lines = append(lines, all[max(len(all)-5, 0):]...)
	}
	return strings.Join(lines, "\n")
}
