package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sensorpub/sensors/drivers"
)

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// section returns what stands under a heading of the second level.
func section(t *testing.T, doc, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(doc, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README has no section %q", heading)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

// rows returns the rows below the header of the first table in a section.
func rows(body string) []string {
	var table []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "|") {
			table = append(table, strings.TrimSpace(line))
		} else if len(table) > 0 {
			break
		}
	}
	return table[min(2, len(table)):]
}

func TestReadmeListsTheDriversOfTheTable(t *testing.T) {
	var want []string
	for _, d := range drivers.Table() {
		var quantities []string
		for _, q := range d.Quantities {
			quantities = append(quantities, q.Name)
		}
		want = append(want, "| `"+d.Name+"` | "+d.Summary+" | "+strings.Join(quantities, ", ")+" |")
	}
	got := rows(section(t, readme(t), "Drivers"))
	if !slices.Equal(got, want) {
		t.Errorf("got rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReadmeListsTheCommandsOfTheTable(t *testing.T) {
	var want []string
	for _, c := range commands() {
		if c.name != "help" {
			want = append(want, c.name)
		}
	}
	var got []string
	name := regexp.MustCompile("^\\| `([a-z]+)`")
	for _, r := range rows(section(t, readme(t), "Commands")) {
		if m := name.FindStringSubmatch(r); m != nil {
			got = append(got, m[1])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestReadmeConfigurationIsRight(t *testing.T) {
	body := section(t, readme(t), "Configuration")
	_, rest, _ := strings.Cut(body, "```toml\n")
	config, text, found := strings.Cut(rest, "```\n")
	if !found {
		t.Fatal("README has no configuration")
	}
	r := sensorpub(t, nil, "check", "--config", writeFile(t, "config.toml", config))
	if r.code != exitOK {
		t.Fatalf("got exit code %d, want %d: %s", r.code, exitOK, r.stderr)
	}
	topics := regexp.MustCompile("`([a-z]+/[a-z]+)`").FindAllStringSubmatch(text, -1)
	if len(topics) == 0 {
		t.Error("README names no topic below the configuration")
	}
	for _, topic := range topics {
		if !strings.Contains(r.stdout, topic[1]) {
			t.Errorf("check does not show the topic %s that README names:\n%s", topic[1], r.stdout)
		}
	}
}

// Each test that docs/faults.md names is there, and each of the fault suite
// is named, in the row of its number.
func TestFaultsAreThoseOfTheirTable(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := make(map[string]bool)
	for _, s := range moduleSources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test {
				tests[f.Name.Name] = true
			}
		}
	}
	named := make(map[string]bool)
	name := regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`")
	number := regexp.MustCompile(`^TestFault(\d\d)`)
	for _, row := range rows(string(b)) {
		for _, m := range name.FindAllStringSubmatch(row, -1) {
			named[m[1]] = true
			if !tests[m[1]] {
				t.Errorf("there is no test %s", m[1])
			}
			if n := number.FindStringSubmatch(m[1]); n != nil && !strings.HasPrefix(row, "| "+strings.TrimPrefix(n[1], "0")+" |") {
				t.Errorf("%s is in another row: %.20s…", m[1], row)
			}
		}
	}
	for test := range tests {
		if number.MatchString(test) && !named[test] {
			t.Errorf("docs/faults.md does not name %s", test)
		}
	}
}
