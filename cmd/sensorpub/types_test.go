package main

import (
	"go/ast"
	"testing"
)

// inManyFiles are the types that may have more methods in more files than
// others, and why.
var inManyFiles = map[string]string{
	"cmd/sensorpub.env":              "what commands share: streams, flags, environment; the method that one command needs is in its file",
	"cmd/sensorpub-fleet.fleet":      "a measurement whose phases follow each other in its files",
	"cmd/sensorpub/config.Config":    "methods are in the file of the section that they are about",
	"cmd/sensorpub/daemon.Daemon":    "the wiring, once: starting, reloading and stopping concern the same parts",
	"cmd/sensorpub/web.Server":       "one file for each thing that it serves",
	"publisher/mqtt/mqtttest.Broker": "a broker for tests, which use it as one object",
	"sensors.Bus":                    "its goroutine reads probes; their health and staleness are states of the same slots",
	"sensors/drivers.Host":           "a value without state; each kernel interface is in a file of its own",
}

// A type whose methods are spread over many files is hard to follow: it is
// several objects in one.
func TestTypesAreOfOnePiece(t *testing.T) {
	const mostMethods, mostFiles = 12, 3
	methods := make(map[string]map[string]int) // by type, in each file
	for _, s := range moduleSources(t) {
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			receiver := f.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			name, ok := receiver.(*ast.Ident)
			if !ok {
				continue
			}
			of := s.dir + "." + name.Name
			if methods[of] == nil {
				methods[of] = make(map[string]int)
			}
			methods[of][s.path]++
		}
	}
	if len(methods) < 30 {
		t.Fatalf("found only %d types with methods", len(methods))
	}
	for of := range inManyFiles {
		if methods[of] == nil {
			t.Errorf("inManyFiles names %s, which does not exist", of)
		}
	}
	for of, files := range methods {
		n := 0
		for _, k := range files {
			n += k
		}
		switch large, why := n > mostMethods && len(files) > mostFiles, inManyFiles[of]; {
		case large && why == "":
			t.Errorf("%s has %d methods in %d files, want at most %d in more than %d: cut it into objects of one job each",
				of, n, len(files), mostMethods, mostFiles)
		case !large && why != "":
			t.Errorf("%s has %d methods in %d files and needs no exception: remove it from inManyFiles", of, n, len(files))
		}
	}
}
