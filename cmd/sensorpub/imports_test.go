package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport lists the packages of this module that the code of a folder may
// import. Test files may also import mqtt, mqtttest, hatest and fixture.
var mayImport = map[string][]string{
	"sensors":                    {},
	"sensors/drivers":            {"sensors", "sensors/drivers/option"},
	"sensors/drivers/option":     {},
	"publisher":                  {"sensors", "publisher/spool"},
	"publisher/spool":            {"sensors"},
	"publisher/mqtt":             {"sensors"},
	"publisher/mqtt/mqtttest":    {},
	"publisher/discovery":        {"sensors", "publisher"},
	"publisher/discovery/hatest": {},
	"cmd/sensorpub/fixture":      {},
	"cmd/sensorpub/timeout":      {},
	"cmd/sensorpub/terminal":     {},
	"cmd/sensorpub/config":       {"sensors", "sensors/drivers", "sensors/drivers/option", "publisher", "publisher/mqtt", "publisher/discovery", "cmd/sensorpub/timeout"},
	"cmd/sensorpub/daemon":       {"sensors", "sensors/drivers", "publisher", "publisher/mqtt", "publisher/spool", "publisher/discovery", "cmd/sensorpub/config", "cmd/sensorpub/terminal"},
	"cmd/sensorpub/doctor":       {"sensors", "sensors/drivers", "publisher", "publisher/mqtt", "publisher/spool", "cmd/sensorpub/config", "cmd/sensorpub/timeout", "cmd/sensorpub/terminal"},
	"cmd/sensorpub/web":          {"sensors", "publisher", "publisher/mqtt", "publisher/spool", "cmd/sensorpub/daemon"},
	"cmd/sensorpub":              everything,
	"cmd/sensorpub/e2e":          everything,
	"cmd/sensorpub-demo":         {"sensors", "publisher", "publisher/mqtt", "cmd/sensorpub/config", "cmd/sensorpub/daemon", "cmd/sensorpub/timeout", "cmd/sensorpub/web"},
	"cmd/sensorpub-fleet":        {"sensors", "publisher/mqtt", "cmd/sensorpub/config", "cmd/sensorpub/daemon", "cmd/sensorpub/timeout"},
	"packaging":                  {},
}

// everything is what programs may import, which know every part. Only programs,
// and the tests that run them, import the daemon.
var everything = []string{
	"sensors", "sensors/drivers", "sensors/drivers/option", "publisher", "publisher/mqtt", "publisher/spool", "publisher/discovery",
	"cmd/sensorpub/config", "cmd/sensorpub/daemon", "cmd/sensorpub/doctor", "cmd/sensorpub/timeout", "cmd/sensorpub/terminal",
	"cmd/sensorpub/web",
}

// livesIn lists the folders in which a foreign module may be imported.
var livesIn = map[string][]string{
	"periph.io/x":                         {"sensors/drivers"},
	"github.com/eclipse/paho.mqtt.golang": {"publisher/mqtt", "cmd/sensorpub-fleet"},
	"github.com/gorilla/websocket":        {"publisher/mqtt"},
	"github.com/BurntSushi/toml":          {"cmd/sensorpub/config"},
	"github.com/coreos/go-systemd/v22":    {"cmd/sensorpub/daemon"},
	"github.com/mochi-mqtt/server/v2":     {"cmd/sensorpub-demo"}, // and in test files
	"golang.org/x/net":                    {"cmd/sensorpub/web"},
	"golang.org/x/sys":                    {"cmd/sensorpub/daemon", "cmd/sensorpub/e2e"},
	"golang.org/x/sync":                   {"cmd/sensorpub/daemon", "cmd/sensorpub-demo"},
	"golang.org/x/term":                   {"cmd/sensorpub", "cmd/sensorpub-demo"},
}

// startsGoroutines lists the files that may start goroutines, each with its
// reason. Test files and mqtttest may always.
var startsGoroutines = map[string]string{
	"cmd/sensorpub/daemon/run.go":      "the wiring: every worker is started here",
	"cmd/sensorpub/timeout/timeout.go": "a read that hangs must keep neither Ctrl-C nor the other buses waiting",
	"cmd/sensorpub-fleet/fleet.go":     "each node and process of the fleet",
	"cmd/sensorpub-fleet/run.go":       "the faults, beside the progress",
	"cmd/sensorpub-demo/run.go":        "the view and the subscriber of the demo",
	"publisher/mqtt/client.go":         "the look-out for a better broker, which ends with the session",
	"publisher/mqtt/dialer.go":         "the writer of one session, which ends with it",
}

var badFolders = []string{"internal", "pkg", "util", "utils", "common", "helpers", "types"}

// A source is a Go file of this module.
type source struct {
	path string // slash-separated, from the module's root
	dir  string
	test bool // a _test.go file
	file *ast.File
}

func TestImportsGoOneWay(t *testing.T) {
	for _, s := range moduleSources(t) {
		allowed, known := mayImport[s.dir]
		if !known {
			t.Errorf("%s: a new folder, add it to mayImport and say in the commit how it earns itself", s.path)
			continue
		}
		if s.test {
			allowed = append(slices.Clone(allowed), "publisher/mqtt", "publisher/mqtt/mqtttest", "publisher/discovery/hatest", "cmd/sensorpub/fixture")
		}
		for _, imp := range imports(t, s) {
			own, isOwn := strings.CutPrefix(imp, "sensorpub/")
			switch {
			case isOwn:
				if own != s.dir && !slices.Contains(allowed, own) {
					t.Errorf("%s imports %s, may import of this module: %v", s.path, imp, allowed)
				}
			case !isStandard(imp):
				checkForeign(t, s, imp)
			}
		}
	}
}

func checkForeign(t *testing.T, s source, imp string) {
	for module, dirs := range livesIn {
		if imp != module && !strings.HasPrefix(imp, module+"/") {
			continue
		}
		isBroker := module == "github.com/mochi-mqtt/server/v2"
		if !slices.Contains(dirs, s.dir) && !(isBroker && s.test) {
			t.Errorf("%s imports %s, which lives in %v and nowhere else", s.path, imp, dirs)
		}
		return
	}
	t.Errorf("%s imports %s, a module that livesIn does not know", s.path, imp)
}

func TestOnlyListedFilesStartGoroutines(t *testing.T) {
	needed := make(map[string]bool)
	for _, s := range moduleSources(t) {
		if s.test || s.dir == "publisher/mqtt/mqtttest" || !startsGoroutine(s.file) {
			continue
		}
		needed[s.path] = true
		if startsGoroutines[s.path] == "" {
			t.Errorf("%s starts a goroutine: make it a Run(ctx) error that daemon/run.go starts, or list it in startsGoroutines with a reason", s.path)
		}
	}
	for p := range startsGoroutines {
		if !needed[p] {
			t.Errorf("%s is listed in startsGoroutines and starts none: remove it from the list", p)
		}
	}
}

// startsGoroutine finds go statements, and calls of a method Go, as errgroup
// and sync.WaitGroup have it.
func startsGoroutine(f *ast.File) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				found = true
			}
		}
		return !found
	})
	return found
}

func TestNoFolderIsADrawer(t *testing.T) {
	for _, s := range moduleSources(t) {
		for _, part := range strings.Split(s.dir, "/") {
			if slices.Contains(badFolders, part) {
				t.Errorf("%s: no folder is named %s", s.path, part)
			}
		}
	}
}

// moduleSources parses every Go file of the module.
func moduleSources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var sources []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if n := d.Name(); n == "testdata" || n == "bin" || n == "dist" || strings.HasPrefix(n, ".") && n != ".." {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != root {
				return filepath.SkipDir // a module of its own
			}
			return nil
		case filepath.Ext(p) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		sources = append(sources, source{rel, path.Dir(rel), strings.HasSuffix(rel, "_test.go"), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 10 {
		t.Fatalf("found only %d Go files below %s", len(sources), root)
	}
	return sources
}

func imports(t *testing.T, s source) []string {
	t.Helper()
	var paths []string
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatalf("%s: %v", s.path, err)
		}
		paths = append(paths, p)
	}
	return paths
}

// isStandard reports whether an import is of the standard library: its first
// element has no dot.
func isStandard(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}
