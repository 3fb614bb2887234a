package drivers

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

var errUnawaited = errors.New("the kernel does not wait for the conversion")

// mayPass reports whether an error of a kernel file may be gone at the next try.
func mayPass(err error) bool {
	return slices.ContainsFunc([]error{syscall.EAGAIN, syscall.EIO, syscall.EBUSY, syscall.EINTR, syscall.ETIMEDOUT, syscall.ENODATA, syscall.ENODEV},
		func(errno error) bool { return errors.Is(err, errno) })
}

// trigger makes all probes of the bus convert and waits for it. The kernel reports
// no error of that: it returns too early if no probe answered or it did nothing,
// and also if a signal to this process ended its wait.
func (s *w1Sensor) trigger() error {
	conversion := s.conversion()
	for range 2 {
		start := time.Now()
		if err := s.probe.host.writeFile(filepath.Join(s.master, "therm_bulk_read"), "trigger\n"); err != nil {
			return err
		}
		if time.Since(start) >= conversion {
			return nil
		}
	}
	return errUnawaited
}

// conversion returns how long the probe takes to convert; where the kernel does not
// say, or the probe has just gone, as long as 12 bits take.
func (s *w1Sensor) conversion() time.Duration {
	millis, err := readNumber(filepath.Join(s.dir, "conv_time"))
	if err != nil || millis <= 0 {
		millis = 750
	}
	return time.Duration(millis) * time.Millisecond
}

// status returns what therm_bulk_read says: "-1" while probes convert together, "1"
// while one of them was not read since, "0", or "" where there is no such file.
func (s *w1Sensor) status() string {
	if s.master == "" {
		return ""
	}
	text, err := readSysfs(filepath.Join(s.master, "therm_bulk_read"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// maxBusy is longer than any conversion.
const maxBusy = 3 * time.Second

// await waits while the probes of the bus convert together, as another process has
// told them to: meanwhile the kernel gives nothing.
func (s *w1Sensor) await(ctx context.Context) error {
	for end := time.Now().Add(maxBusy); s.status() == "-1" && time.Now().Before(end); {
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// drain discards the conversion that a probe of the bus, perhaps this one, still
// holds from an earlier trigger.
func (s *w1Sensor) drain() {
	if s.status() == "1" {
		s.probe.host.readFile(filepath.Join(s.dir, "w1_slave")) // the reading that follows reports its error
	}
}
