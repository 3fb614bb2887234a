package config

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/publisher"
)

// A Warning is about something that is valid but probably unintended.
type Warning struct {
	About   string // "files", "memory", "http" or "topics"
	Finding string
	Hint    string
}

// Warnings returns what is probably wrong in a valid configuration. memory is how
// many bytes the process may use; 0: no limit. It checks the modes of files, which
// it does not open.
func (c *Config) Warnings(ctx context.Context, memory int64) []Warning {
	warnings, err := timeout.Run(ctx, readWithin, c.openToOthers)
	if err != nil {
		warnings = nil // a file system that hangs is noticed when the files are read
	}
	if need := c.memory(); memory > 0 && need > memory {
		warnings = append(warnings, Warning{
			About: "memory",
			Finding: fmt.Sprintf("queue.capacity = %d and the number of sensors, %d, may need %d MB; the service has %d MB",
				c.Queue.Capacity, len(c.Sensors), need>>20, memory>>20),
			Hint: "lower queue.capacity, or raise MemoryMax= in a drop-in: systemctl edit sensorpub",
		})
	}
	if c.HTTP.Remote() && !c.HasHTTPPassword() {
		warnings = append(warnings, Warning{
			About:   "http",
			Finding: fmt.Sprintf("http.listen = %q: everyone on the network can read the page, which asks for no password", c.HTTP.Listen),
			Hint:    "set http.password_file",
		})
	}
	return append(warnings, c.deepTopics()...)
}

// mosquittoSlashes is how many slashes Mosquitto allows in a topic
// (TOPIC_HIERARCHY_LIMIT in its source).
const mosquittoSlashes = 200

// deepTopics warns of the first topic of each sensor that Mosquitto refuses.
func (c *Config) deepTopics() (warnings []Warning) {
	for _, s := range c.Sensors {
		for _, r := range s.Routes {
			topic := r.Topic
			if c.Queue.Backlog == publisher.History {
				topic = publisher.HistoryTopic(topic)
			}
			n := strings.Count(topic, "/")
			if n <= mosquittoSlashes {
				continue
			}
			warnings = append(warnings, Warning{
				About:   "topics",
				Finding: fmt.Sprintf("%s: a topic with %d levels: Mosquitto closes the connection at more than %d", s.section, n+1, mosquittoSlashes+1),
				Hint:    "shorten topic",
			})
			break
		}
	}
	return warnings
}

// Memory in bytes as measured at its peak (VmHWM), on amd64 with mock sensors of
// one quantity: 66 MB with 5,000 sensors, 180 MB with 1,000 and a queue of 250,000
// that had overflowed for 15 s. A full queue holds settled records too, until they
// are more than the others, and is copied when it grows.
const (
	memoryBase    = 11 << 20
	memorySensor  = 11 << 10
	memoryReading = 700

	// ServiceMemory is MemoryMax= of sensorpub.service.
	ServiceMemory = 64 << 20
)

// memory returns how many bytes the daemon may need with a full queue.
func (c *Config) memory() int64 {
	return memoryBase + memorySensor*int64(len(c.Sensors)) + memoryReading*int64(c.Queue.Capacity)
}

// openToOthers returns a warning for each secret and each directory of the spool
// that users other than the owner and the group can read or write.
func (c *Config) openToOthers() (warnings []Warning) {
	for _, f := range []struct {
		key, name string
		kind      fs.FileMode
	}{
		{"broker.password_file", c.Broker.PasswordFile, 0},
		{"broker.tls.key_file", c.Broker.TLS.KeyFile, 0},
		{"http.password_file", c.HTTP.PasswordFile, 0},
		{"spool.dir", c.Spool.Dir, fs.ModeDir},
		{"spool.runtime_dir", c.Spool.RuntimeDir, fs.ModeDir},
	} {
		info, err := os.Stat(f.name)
		if f.name == "" || err != nil || info.Mode().Type() != f.kind { // another kind is an error when it is used
			continue
		}
		hint := fmt.Sprintf("chmod o= %q", f.name)
		if info.Mode()&fs.ModeSticky != 0 { // /tmp, which is for everyone
			hint = "name a directory that only the service uses"
		}
		if can := othersCan(info.Mode()); can != "" {
			warnings = append(warnings, Warning{
				About:   "files",
				Finding: fmt.Sprintf("%s %q: every user of this machine can %s it (mode %04o)", f.key, f.name, can, info.Mode().Perm()),
				Hint:    hint,
			})
		}
	}
	return warnings
}

// othersCan says in words what a mode allows to others, or nothing.
func othersCan(m fs.FileMode) string {
	switch m.Perm() & 0o006 {
	case 0o006:
		return "read and write"
	case 0o004:
		return "read"
	case 0o002:
		return "write"
	}
	return ""
}
