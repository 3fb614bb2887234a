package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

const initDetail = `Scans this machine as scan does, proposes a name for each probe, and writes a
configuration that check accepts. It never replaces a file unless --force is
given.`

// configHead is what a new configuration begins with.
const configHead = `# The configuration of sensorpub, written by sensorpub init for this machine.
# Keys that are left out have their defaults; those that are changed most often
# are included as comments. sensorpub check shows every error.

# Used in topics and to identify this machine. "" is the host name.
node = ""

[broker]
# mqtts:// for TLS. Several URLs are tried in order.
urls = ["mqtt://localhost:1883"]
# username = "garden"
# password_file = "/etc/sensorpub/password"

[publish]
# {quantity} {sensor} {node} {hostname} {driver} {area}
topic = "{quantity}/{sensor}"
# "text" is 28.4, "json" adds unit, time and names.
encoding = "text"

# You can change the names, which appear in the topics. A sensor can have its own
# interval, topic, encoding, unit and filter.
`

// simulatedBlock stands in for a probe where none was found.
const simulatedBlock = `# No probe was found, so this one is simulated: it measures nothing.
# sensorpub scan shows where it looked and how to turn a bus on.
[[sensor]]
name    = "simulated"
driver  = "mock"
`

// initialise is the command init.
func initialise(ctx context.Context, e *env) error {
	fs := e.flags()
	force := fs.Bool("force", false, "replace an existing file")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if _, err := os.Lstat(e.file); err == nil && !*force {
		return occupied(e.file)
	}
	blocks := e.proposals(ctx)
	if err := os.MkdirAll(filepath.Dir(e.file), 0o755); err != nil {
		return unwritable(e.file, err)
	}
	text, n, err := e.composed(ctx, blocks)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return wrongConfig(err)
	}
	if err := replace(e.file, []byte(text), *force); err != nil {
		return unwritable(e.file, err)
	}
	flag := ""
	if e.file != defaultConfig {
		flag = " --config " + shellWord(e.file)
	}
	fmt.Fprintf(e.stdout, "wrote %s: %s\nnext:\n  sensorpub check%s\n  sensorpub read%s\n", terminal.Text(e.file), count(n, "sensor"), flag, flag)
	if strings.HasSuffix(text, simulatedBlock) {
		fmt.Fprintln(e.stderr, "sensorpub: no probe was found, so the configuration has a simulated sensor")
		fmt.Fprintln(e.stderr, "hint: sensorpub scan shows where it looked and how to turn a bus on")
	}
	return nil
}

// occupied is the error for a file that exists already.
func occupied(file string) error {
	return failed(fmt.Errorf("write %s: it already exists", file), "--force replaces it, --config FILE names another")
}

// proposals returns a [[sensor]] block, or a comment, for each probe that is
// found.
func (e *env) proposals(ctx context.Context) (blocks []string) {
	host := drivers.Host{Root: e.Root(), OneWire: &drivers.OneWire{}}
	s := drivers.Scanner{Host: host, Passive: readsI2C(e.daemons(ctx))}
	p := new(scanPrinter)
	for _, look := range s.Kinds() {
		surveys, err := timeout.Run(ctx, scanFor, look)
		if err != nil {
			continue
		}
		for _, v := range surveys {
			read := func(f drivers.Find) ([]sensors.Reading, error) { return readFind(ctx, host, f) }
			for _, f := range v.Finds {
				if block := p.block(v, f, read); block != "" {
					blocks = append(blocks, block)
				}
			}
		}
	}
	return blocks
}

// composed returns a configuration of these blocks that the check accepts, with
// the others as comments, such as those of a probe that was found in two ways or
// that conf.d has already. n is how many sensors it has: if there would be none, not
// even in conf.d, a simulated one is added, which does not count.
func (e *env) composed(ctx context.Context, blocks []string) (text string, n int, err error) {
	text = configHead
	for _, block := range blocks {
		if strings.Contains(block, "[[sensor]]") {
			if e.Draft(ctx, e.file, []byte(text+"\n"+block)) == nil {
				text += "\n" + block
				n++
				continue
			}
			block = "# " + strings.ReplaceAll(strings.TrimSuffix(block, "\n"), "\n", "\n# ") + "\n"
		}
		text += "\n" + block
	}
	if n == 0 && e.Draft(ctx, e.file, []byte(text)) != nil {
		text += "\n" + simulatedBlock
		err = e.Draft(ctx, e.file, []byte(text))
	}
	return text, n, err
}

// unwritable is the error of a file that could not be written.
func unwritable(file string, err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return occupied(file)
	case errors.Is(err, fs.ErrPermission):
		return failed(fmt.Errorf("write %s: %w", file, cause(err)), "sudo sensorpub init, or --config FILE for a file of your own")
	}
	return fmt.Errorf("write %s: %w", file, cause(err))
}

// replace puts a file in place of another or, without force, of none. Another is
// replaced once the new one is whole, as the card may be full. Its mode and its owner
// are kept, and so is a symbolic link to it.
func replace(file string, text []byte, force bool) error {
	name := file
	var before fs.FileInfo
	if force {
		if target, err := filepath.EvalSymlinks(file); err == nil {
			file = target
		}
		before, _ = os.Stat(file)
		if before != nil && !before.Mode().IsRegular() {
			return errors.New("not a regular file")
		}
		name = file + ".new"
		os.Remove(name) // of an attempt that was cut off
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if before != nil {
		err = likeBefore(f, before)
	}
	if err == nil {
		_, err = f.Write(text)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil && force {
		err = os.Rename(name, file)
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}

// likeBefore gives a file the owner and the mode of another.
func likeBefore(f *os.File, before fs.FileInfo) error {
	if err := chownLike(before, f.Chown); err != nil {
		return err
	}
	return f.Chmod(before.Mode().Perm())
}

// cause returns an error without the path that the message names anyway.
func cause(err error) error {
	var (
		path *fs.PathError
		link *os.LinkError
	)
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
