package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

const scanDetail = `Looks for I²C, 1-Wire and SPI buses, for the chips on them, and for sensors that
the kernel has a driver for (hwmon, iio, thermal zones). Needs no configuration.
If it finds nothing on a bus, it shows where it looked and how to turn the bus on;
the exit code is still 0.

On I²C it writes only the number of a register that it then reads or, at 0x40,
0x44 to 0x47 and 0x62, a command that reads a serial number or a status. While
the daemon is running on this machine, these commands are not sent. A multiplexer
interprets anything written to it as the channels to connect: one at 0x76 or 0x77
is restored at once, and --mux connects its channels one after the other.`

// scanFor bounds the scan of one kind of bus. A hung bus takes 2 s at each of a
// few addresses.
const scanFor = 60 * time.Second

// scan lists what it finds on this machine.
func scan(ctx context.Context, e *env) error {
	fs := e.bareFlags()
	asTOML := fs.Bool("toml", false, "print [[sensor]] blocks for the configuration")
	mux := fs.Bool("mux", false, "look behind I²C multiplexers too; stop the daemon first")
	asJSON := e.jsonFlag(fs)
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if *asJSON && *asTOML {
		return e.misuse(errors.New("use --json or --toml, not both"))
	}
	host := drivers.Host{Root: e.Root(), OneWire: &drivers.OneWire{}}
	s := drivers.Scanner{Host: host, Passive: readsI2C(e.daemons(ctx)), Mux: *mux}
	if s.Passive {
		if s.Mux {
			return failed(errors.New("look behind multiplexers: the daemon is using them"), "sudo systemctl stop sensorpub")
		}
		fmt.Fprintln(e.stderr, "sensorpub: the daemon is running, so chips that need a command to identify are skipped")
		fmt.Fprintln(e.stderr, "hint: "+terminal.Hint("sudo systemctl stop sensorpub, for a full scan", e.superuser))
	}
	p := &scanPrinter{w: e.stdout, superuser: e.superuser}
	for _, look := range s.Kinds() {
		surveys, err := timeout.Run(ctx, scanFor, look)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			surveys = []drivers.Survey{{Title: "a bus", Err: err, Hint: "unplug the device connected last"}}
		}
		for _, v := range surveys {
			read := func(f drivers.Find) ([]sensors.Reading, error) { return readFind(ctx, host, f) }
			switch {
			case *asTOML:
				p.blocks(v, read)
			case *asJSON:
				p.objects(v, read)
			default:
				p.table(v, read)
			}
		}
	}
	if *asTOML && len(p.names) == 0 {
		fmt.Fprintln(e.stdout, "# Found nothing that sensorpub can read; sensorpub scan shows more.")
	}
	return nil
}

// A findReader measures a find. It returns neither readings nor an error if the
// find cannot be read without being set up.
type findReader func(drivers.Find) ([]sensors.Reading, error)

func readFind(ctx context.Context, host drivers.Host, f drivers.Find) ([]sensors.Reading, error) {
	if !f.Ready || f.Driver == "" {
		return nil, nil
	}
	type result struct {
		readings []sensors.Reading
		err      error
	}
	r, err := timeout.Run(ctx, sensors.StuckAfter, func() result {
		readings, err := f.Read(ctx, host)
		return result{readings, err}
	})
	if err == nil {
		err = r.err
	}
	if err != nil {
		return nil, err
	}
	return r.readings, nil
}

// values formats readings for people.
func values(readings []sensors.Reading) string {
	var all []string
	for _, m := range readings {
		all = append(all, strings.TrimSpace(decimal(m, scanPrecision)+" "+m.Unit))
	}
	return strings.Join(all, ", ")
}

// scanPrecision is enough for steps of 1/16.
const scanPrecision = 4

// A scanPrinter prints finds.
type scanPrinter struct {
	w       io.Writer
	started bool

	superuser bool
	names     map[string]bool // of sensors, that are used
}

// table prints a survey for people.
func (p *scanPrinter) table(v drivers.Survey, read findReader) {
	if p.started {
		fmt.Fprintln(p.w)
	}
	p.started = true
	fmt.Fprintf(p.w, "%s (%s)\n", terminal.Text(v.Title), terminal.Text(v.Looked))
	var tab terminal.Table
	for _, f := range v.Finds {
		driver := ""
		if f.Driver != "" {
			driver = "driver " + f.Driver
		}
		var rest []string
		readings, err := read(f)
		got := values(readings)
		if err != nil {
			got = err.Error()
		}
		for _, s := range []string{got, driver, f.Note} {
			if s != "" {
				rest = append(rest, terminal.Text(s))
			}
		}
		tab.Add("  "+terminal.Text(f.Place), f.Name, strings.Join(rest, "; "))
		for _, line := range f.Load {
			tab.Add("", "", terminal.Hint(line, p.superuser))
		}
	}
	fmt.Fprint(p.w, tab.String())
	if v.Err != nil {
		fmt.Fprintf(p.w, "  %s\n", terminal.Text(v.Err.Error()))
	} else if len(v.Finds) == 0 {
		fmt.Fprintln(p.w, "  nothing found")
	}
	if v.Hint != "" && (v.Err != nil || len(v.Finds) == 0) {
		fmt.Fprintf(p.w, "  hint: %s\n", terminal.Hint(v.Hint, p.superuser))
	}
}
