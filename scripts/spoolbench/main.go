// Spoolbench compares the spool with two stores that are used for the same
// purpose, go.etcd.io/bbolt and github.com/tidwall/wal: what each writes to a
// card, what damage costs, what it adds to the program and what an append
// takes. It is a module of its own, so that neither becomes a dependency of
// the daemon.
//
// It is run in its folder, by make bench; the writes to a device need root.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	count := flag.String("count", "", "for itself: count what a damaged `store` gives back")
	flag.Parse()
	if *count != "" {
		c, ok := find(*count)
		if !ok || flag.NArg() != 1 {
			fmt.Fprintln(os.Stderr, "usage: spoolbench")
			os.Exit(2)
		}
		report(c, flag.Arg(0))
		return
	}
	for _, part := range []func() error{compareWrites, compareDamage, compareSizes, compareAppends} {
		if err := part(); err != nil {
			fmt.Fprintf(os.Stderr, "spoolbench: %v\n", err)
			os.Exit(1)
		}
		fmt.Println()
	}
}

// candidates are what is compared, the spool first.
var candidates = []candidate{
	{"spool", openSpool},
	{"bbolt", openBolt},
	{"wal", openWAL},
}

type candidate struct {
	name string
	open func(dir string, durable bool) (store, error)
}

func find(name string) (candidate, bool) {
	for _, c := range candidates {
		if c.name == name {
			return c, true
		}
	}
	return candidate{}, false
}

// A table is printed in columns.
type table struct{ w *tabwriter.Writer }

func newTable(title string, columns ...string) table {
	fmt.Println(title)
	t := table{tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)}
	t.row(append([]string{""}, columns...)...)
	return t
}

func (t table) row(cells ...string) { fmt.Fprintln(t.w, strings.Join(cells, "\t")+"\t") }

// ratio tells a figure, and how many times another it is.
func ratio(format string, v, of float64) string {
	return fmt.Sprintf(format+" (%.2f)", v, v/of)
}
