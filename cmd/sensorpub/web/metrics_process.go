package web

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ticks is how many clock ticks /proc counts in a second: the kernel's USER_HZ,
// which is 100 on every platform of Go.
const ticks = 100

// addProcess adds what the kernel knows of this process (proc_pid_stat(5),
// proc_pid_limits(5)), by the names that client libraries of Prometheus use. What
// cannot be read is left out.
func addProcess(e *exposition, started time.Time) {
	if stat, err := os.ReadFile("/proc/self/stat"); err == nil {
		addStat(e, stat)
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		e.one("process_open_fds", gauge, "Open files.", float64(len(fds)-1)) // one is the folder itself
	}
	if limits, err := os.ReadFile("/proc/self/limits"); err == nil {
		if most, ok := openFiles(limits); ok {
			e.one("process_max_fds", gauge, "Files that may be open.", most)
		}
	}
	e.one("process_start_time_seconds", gauge, "When the process started, in seconds since 1970.", float64(started.UnixMilli())/1e3)
}

// addStat adds what is in /proc/self/stat. The second field, in parentheses, is a
// name that may contain anything.
func addStat(e *exposition, stat []byte) {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	number := func(field int) float64 { // by the number in the manual
		n, _ := strconv.ParseFloat(fields[field-3], 64)
		return n
	}
	if len(fields) < 22 {
		return
	}
	e.one("process_cpu_seconds_total", counter, "CPU time, of user and system.", (number(14)+number(15))/ticks)
	e.one("process_virtual_memory_bytes", gauge, "Size of the virtual memory.", number(23))
	e.one("process_resident_memory_bytes", gauge, "Size of the resident memory.", number(24)*float64(os.Getpagesize()))
}

// openFiles returns the soft limit of open files.
func openFiles(limits []byte) (float64, bool) {
	for l := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(l, "Max open files"); ok {
			fields := strings.Fields(rest)
			if len(fields) == 0 {
				return 0, false
			}
			n, err := strconv.ParseFloat(fields[0], 64)
			return n, err == nil
		}
	}
	return 0, false
}

// addRuntime adds what the runtime knows of itself, by the usual names.
func addRuntime(e *exposition) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	threads, _ := runtime.ThreadCreateProfile(nil)
	e.family("go_info", gauge, "The version of Go.")
	e.sample("go_info", 1, label{"version", runtime.Version()})
	e.one("go_goroutines", gauge, "Goroutines.", float64(runtime.NumGoroutine()))
	e.one("go_threads", gauge, "Operating system threads created.", float64(threads))
	e.family("go_gc_duration_seconds", summary, "Pauses of the garbage collector.")
	e.sample("go_gc_duration_seconds_sum", float64(m.PauseTotalNs)/1e9)
	e.sample("go_gc_duration_seconds_count", float64(m.NumGC))
	e.one("go_memstats_alloc_bytes", gauge, "Bytes in use on the heap.", float64(m.Alloc))
	e.one("go_memstats_alloc_bytes_total", counter, "Bytes allocated, freed ones included.", float64(m.TotalAlloc))
	e.one("go_memstats_heap_inuse_bytes", gauge, "Bytes of the heap's spans in use.", float64(m.HeapInuse))
	e.one("go_memstats_heap_objects", gauge, "Objects on the heap.", float64(m.HeapObjects))
	e.one("go_memstats_next_gc_bytes", gauge, "Size of the heap at which the next garbage collection starts.", float64(m.NextGC))
	e.one("go_memstats_sys_bytes", gauge, "Bytes obtained from the system.", float64(m.Sys))
}
