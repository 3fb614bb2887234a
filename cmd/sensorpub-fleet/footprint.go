package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clockTick is the unit of the times in /proc/PID/stat (proc(5)); it is 100 a
// second on every Linux that Go supports.
const clockTick = 10 * time.Millisecond

// cpuOf returns the CPU time that a process has used, 0 if it is gone.
func cpuOf(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // behind the name; state is the first field
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// ownCPU returns the CPU time of this program (getrusage(2)).
func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// residentOf returns the resident memory of a process and how much of it is its
// own, not of files, in KiB (proc(5)).
func residentOf(pid int) (all, own int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0
	}
	return field(string(text), "VmRSS:"), field(string(text), "RssAnon:")
}

// filesOf returns how many files a process has open.
func filesOf(pid int) int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return 0
	}
	return len(entries)
}

func field(text, name string) int {
	_, rest, found := strings.Cut(text, name)
	words := strings.Fields(rest)
	if !found || len(words) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(words[0])
	return n
}

// A footprint is what programs take.
type footprint struct {
	at                                 time.Time
	cpuFleet, cpuProcesses, cpuBrokers time.Duration
	processRSS, processAnon            int    // KiB, medians
	brokerRSS                          int    // KiB, the largest
	fleetRSS                           int    // KiB
	heap, stack                        uint64 // bytes in use in this program
	goroutines                         int
	fleetFiles, brokerFiles            int // open; of the broker with the most
}

// footprintOf measures the present usage.
func footprintOf(c *cluster, processes []*process) (u footprint) {
	u.at = time.Now()
	u.cpuFleet, u.cpuBrokers = ownCPU(), c.ended()
	for _, pid := range c.pids() {
		u.cpuBrokers += cpuOf(pid)
		rss, _ := residentOf(pid)
		u.brokerRSS = max(u.brokerRSS, rss)
		u.brokerFiles = max(u.brokerFiles, filesOf(pid))
	}
	var all, own []int
	for _, p := range processes {
		u.cpuProcesses += p.ended() + cpuOf(p.pid())
		if rss, anon := residentOf(p.pid()); rss > 0 {
			all, own = append(all, rss), append(own, anon)
		}
	}
	u.processRSS, u.processAnon = middle(all), middle(own)
	u.fleetFiles = filesOf(os.Getpid())
	u.fleetRSS, _ = residentOf(os.Getpid())
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.heap, u.stack, u.goroutines = m.HeapAlloc, m.StackInuse, runtime.NumGoroutine()
	return u
}

// middle returns the median, 0 of nothing.
func middle(values []int) int {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
