package main

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors/drivers"
)

// doc returns a page of the documentation.
func doc(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pages returns the README and the pages of docs, by their paths from the top.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(found) == 0 {
		t.Fatalf("got pages %v, error %v", found, err)
	}
	all := map[string]string{"README.md": doc(t, "README.md")}
	for _, path := range found {
		name := filepath.Base(path)
		all["docs/"+name] = doc(t, "docs", name)
	}
	return all
}

// section returns the text below a second-level heading.
func section(t *testing.T, doc, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(doc, "\n## "+heading+"\n")
	if !found {
		t.Fatalf("there is no section %q", heading)
	}
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

// rows returns the rows of all tables, without their headers.
func rows(body string) []string {
	var all []string
	inside := false
	for line := range strings.Lines(body) {
		switch row := strings.HasPrefix(line, "|"); {
		case !row:
			inside = false
		case strings.HasPrefix(line, "|---"):
			inside = true
		case inside:
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}

func TestReadmeListsTheDriversOfTheTable(t *testing.T) {
	var want []string
	for _, d := range drivers.Table() {
		want = append(want, "| `"+d.Name+"` | "+d.Summary+" |")
	}
	got := rows(section(t, doc(t, "README.md"), "Drivers"))
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("README.md, section Drivers: got no row\n%s", row)
		}
	}
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("README.md, section Drivers: got the row\n%s\nwant none, or that of the driver's summary", row)
		}
	}
	if !slices.IsSorted(got) {
		t.Errorf("README.md, section Drivers: got %q, want the rows by name", got)
	}
}

func TestReadmeIsReadInTenMinutes(t *testing.T) {
	const most = 1500
	if n := len(strings.Fields(doc(t, "README.md"))); n > most {
		t.Errorf("got %d words, want %d at most: the rest belongs in docs", n, most)
	}
}

func TestDocsListTheCommandsOfTheTable(t *testing.T) {
	var want []string
	for _, c := range commands() {
		if c.name != "help" {
			want = append(want, c.name)
		}
	}
	var got []string
	name := regexp.MustCompile("^\\| `([a-z]+)`")
	for _, r := range rows(section(t, doc(t, "docs", "configuration.md"), "Commands")) {
		if m := name.FindStringSubmatch(r); m != nil {
			got = append(got, m[1])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// checkOfDocs runs check on a configuration of the docs. One without a sensor
// gets a simulated one.
func checkOfDocs(t *testing.T, config string) string {
	t.Helper()
	if !strings.Contains(config, "[[sensor]]") {
		config += "[[sensor]]\nname = \"outside\"\ndriver = \"mock\"\n"
	}
	r := sensorpub(t, nil, "check", "--config", fixture.WriteFile(t, "config.toml", config))
	if r.code != exitOK {
		t.Errorf("got exit code %d, want %d: %s\n%s", r.code, exitOK, r.stderr, config)
	}
	return r.stdout
}

func TestConfigurationsInTheDocsPassTheCheck(t *testing.T) {
	block := regexp.MustCompile("(?s)```toml\n(.*?)```")
	for path, text := range pages(t) {
		t.Run(path, func(t *testing.T) {
			blocks := block.FindAllStringSubmatch(text, -1)
			if path == "README.md" && len(blocks) == 0 {
				t.Error("no configuration was found")
			}
			for _, b := range blocks {
				checkOfDocs(t, b[1])
			}
		})
	}
}

func TestConfigurationOfThePackagePublishesASimulatedSensor(t *testing.T) {
	if shown := checkOfDocs(t, doc(t, "packaging", "config.toml")); !strings.HasPrefix(shown, "simulated  mock  temperature/simulated ") {
		t.Errorf("got %s", shown)
	}
}

func TestTopicsBelowTheConfigurationAreThoseOfCheck(t *testing.T) {
	_, rest, _ := strings.Cut(doc(t, "docs", "configuration.md"), "```toml\n")
	config, text, _ := strings.Cut(rest, "```\n")
	text, _, _ = strings.Cut(text, "\n## ")
	topics := regexp.MustCompile("`([a-z]+/[a-z]+)`").FindAllStringSubmatch(text, -1)
	if len(topics) == 0 {
		t.Fatal("no topic is named")
	}
	shown := checkOfDocs(t, config)
	for _, topic := range topics {
		if !strings.Contains(shown, topic[1]) {
			t.Errorf("check does not show %s:\n%s", topic[1], shown)
		}
	}
}

// anchor returns the fragment of a heading as forges make it.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^\pL\pN_ -]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

func TestLinksInTheDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.*)$`)
	all := pages(t)
	for path, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
			}
			if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
				t.Errorf("%s: link %s: %v", path, m[0], err)
			}
			matches := func(h []string) bool { return anchor(h[1]) == m[2] }
			if m[2] != "" && !slices.ContainsFunc(heading.FindAllStringSubmatch(all[target], -1), matches) {
				t.Errorf("%s: link %s: %s has no such heading", path, m[0], target)
			}
		}
	}
}

// Each test that a page names exists.
func TestTestsInTheDocsExist(t *testing.T) {
	tests := allTests(t)
	for path, text := range pages(t) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if !tests[m[1]] {
				t.Errorf("%s: there is no test %s", path, m[1])
			}
		}
	}
}

var testName = regexp.MustCompile("`((?:Test|Fuzz)[A-Z][A-Za-z0-9]+)`")

// allTests returns the names of all test functions.
func allTests(t *testing.T) map[string]bool {
	tests := make(map[string]bool)
	for _, s := range moduleSources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test {
				tests[f.Name.Name] = true
			}
		}
	}
	return tests
}

// Each test of the fault suite is named in the row of its number in docs/faults.md.
func TestFaultsAreThoseOfTheirTable(t *testing.T) {
	named := make(map[string]bool)
	number := regexp.MustCompile(`^TestFault(\d\d)`)
	for _, row := range rows(doc(t, "docs", "faults.md")) {
		for _, m := range testName.FindAllStringSubmatch(row, -1) {
			named[m[1]] = true
			if n := number.FindStringSubmatch(m[1]); n != nil && !strings.HasPrefix(row, "| "+strings.TrimPrefix(n[1], "0")+" |") {
				t.Errorf("%s is in another row: %.20s…", m[1], row)
			}
		}
	}
	for test := range allTests(t) {
		if number.MatchString(test) && !named[test] {
			t.Errorf("docs/faults.md does not name %s", test)
		}
	}
}
