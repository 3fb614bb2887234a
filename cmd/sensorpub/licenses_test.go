package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write licenses.txt.gz and the example of discovery")

// Every licence wants its text and its notices to go along with the program.
func TestLicencesAreThoseOfTheLinkedModules(t *testing.T) {
	got := "This program is licensed under the Apache License 2.0, and contains the following.\n"
	texts := make(map[string]string) // who had a text first
	for _, m := range linkedModules(t) {
		got += "\n== " + m.name + "\n"
		for _, file := range licenceFiles(t, m.dir) {
			b, err := os.ReadFile(filepath.Join(m.dir, file))
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSpace(string(b))
			if first := texts[text]; first != "" {
				got += fmt.Sprintf("\n-- %s: as that of %s\n", file, first)
				continue
			}
			texts[text] = m.name
			got += fmt.Sprintf("\n-- %s\n\n%s\n", file, text)
		}
	}
	if *update {
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		w.Write([]byte(got))
		w.Close()
		if err := os.WriteFile("licenses.txt.gz", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	var text strings.Builder
	if err := writeLicences(&text); err != nil || text.String() != got {
		t.Errorf("licenses.txt.gz is not what is linked (%v): go test ./cmd/sensorpub -run Licences -update", err)
	}
}

type linked struct{ name, dir string }

// linkedModules returns Go and the modules of the program on a Pi, by path.
func linkedModules(t *testing.T) []linked {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", ".")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm", "GOARM=6", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := []linked{{"Go", strings.TrimSpace(string(root))}}
	for _, line := range slices.Compact(slices.Sorted(strings.Lines(string(out)))) {
		if name, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			modules = append(modules, linked{name, dir})
		}
	}
	if len(modules) < 8 {
		t.Fatalf("found only %v", modules)
	}
	return modules
}

// licenceFiles returns the files of a module that must go along.
func licenceFiles(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch name := e.Name(); name {
		case "LICENSE", "COPYING", "NOTICE", "NOTICE.md", "PATENTS", "edl-v10", "epl-v20":
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatalf("%s has no licence", dir)
	}
	return names
}
