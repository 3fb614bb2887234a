package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// endWithin is how long a stop may take: the grace of the queue, and more than
// everything else.
const endWithin = 90 * time.Second

// A process is one daemon process. It has a spool, so that a kill loses nothing.
type process struct {
	member
	program, config string
	restarted       func(node string, at time.Time)

	running sync.Mutex // held while cmd changes
	cmd     *exec.Cmd
	killed  bool // by the run, so it is started again
	line    []byte
	errors  *firstLines
	cpu     time.Duration // of the processes that have ended
}

// run runs the process until ctx ends, and again after each kill. A stop may take
// the grace of the queue.
func (p *process) run(ctx context.Context) error {
	for {
		if err := p.start(); err != nil {
			return err
		}
		process := p.cmd.Process
		stop := context.AfterFunc(ctx, func() {
			process.Signal(syscall.SIGTERM)
			time.AfterFunc(endWithin, func() { process.Kill() })
		})
		err := p.cmd.Wait()
		stop()
		p.down()
		p.running.Lock()
		p.cpu += p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
		again := p.killed && ctx.Err() == nil
		p.killed = false
		p.running.Unlock()
		switch {
		case again:
			p.restarted(p.name, time.Now())
		case ctx.Err() != nil:
			return nil
		default:
			return fmt.Errorf("%s has ended: %w", p.name, err)
		}
	}
}

func (p *process) start() error {
	p.running.Lock()
	defer p.running.Unlock()
	p.finish(account{missing: true})
	p.line = nil
	p.cmd = exec.Command(p.program, "--config", p.config, "--log-level", "debug")
	p.cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	p.cmd.SysProcAttr = child()
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	return nil
}

// kill kills the process, which is then started again.
func (p *process) kill() {
	p.running.Lock()
	defer p.running.Unlock()
	if p.cmd != nil && p.cmd.ProcessState == nil {
		p.killed = true
		p.cmd.Process.Kill()
	}
}

// pid returns the process id, 0 if there is none.
func (p *process) pid() int {
	p.running.Lock()
	defer p.running.Unlock()
	if p.cmd == nil || p.cmd.Process == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// ended returns the CPU time of earlier processes.
func (p *process) ended() time.Duration {
	p.running.Lock()
	defer p.running.Unlock()
	return p.cpu
}

// Write takes the log, at level debug, at which nothing is left out.
func (p *process) Write(b []byte) (int, error) {
	p.line = append(p.line, b...)
	for {
		i := bytes.IndexByte(p.line, '\n')
		if i < 0 {
			return len(b), nil
		}
		p.read(string(p.line[:i]))
		p.line = p.line[i+1:]
	}
}

var logLine = regexp.MustCompile(`^(\S+ \S+) (\S+) +(connected|connection lost|left the broker|stopped)\b(?:.* broker=(\S+))?`)

// read takes one line of the log.
func (p *process) read(line string) {
	m := logLine.FindStringSubmatch(line)
	if m == nil {
		if len(line) > 30 && line[24:29] == "ERROR" {
			p.errors.add(p.name + ": " + line)
		}
		return
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05.000", m[1], time.Local)
	if err != nil {
		return
	}
	switch m[3] {
	case "connected":
		p.connect(at)
	case "left the broker":
		p.down()
	case "stopped":
		p.finish(parseAccount(line))
	default:
		p.lose(at, host(m[4]), false)
	}
}

var (
	accountLine = regexp.MustCompile(`read (\d+) = acknowledged \d+.* \+ superseded (\d+) \+ rejected (\d+).* \+ dropped (\d+).* \+ queued (\d+)`)
	fromEarlier = regexp.MustCompile(`from_earlier_runs=(\d+)`)
)

// parseAccount returns the account in the last line of a daemon's log.
func parseAccount(line string) account {
	m := accountLine.FindStringSubmatch(line)
	if m == nil {
		return account{missing: true}
	}
	number := func(s string) uint64 {
		n, _ := strconv.ParseUint(s, 10, 64) // digits
		return n
	}
	a := account{read: number(m[1]) - number(m[2]) - number(m[3]), dropped: number(m[4]), queued: number(m[5])}
	if e := fromEarlier.FindStringSubmatch(line); e != nil {
		a.recovered = number(e[1])
	}
	return a
}
