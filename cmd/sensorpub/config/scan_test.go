package config

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"github.com/BurntSushi/toml"
)

// paths lists the nodes below one, each with its line: "a.b[0]: 3".
func paths(n *node, path string) (all []string) {
	if path != "" {
		all = append(all, fmt.Sprintf("%s: %d", path, n.line))
	}
	for i, e := range n.elems {
		all = append(all, paths(e, fmt.Sprintf("%s[%d]", path, i))...)
	}
	for _, k := range slices.Sorted(maps.Keys(n.keys)) {
		all = append(all, paths(n.keys[k], strings.TrimPrefix(path+"."+k, "."))...)
	}
	return all
}

func TestScanFindsTheLineOfEachKey(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"keys and comments", "# a = 1\na = 1 # b = 2\n\n  c=3", "a: 2, c: 4"},
		{"Windows lines", "a = 1\r\n[b]\r\nc = 2\r\n", "a: 1, b: 2, b.c: 3"},
		{"quoted and dotted keys", "\"a b\" . 'c#' = 1\n\"\\u00e9\\\"\" = 2", "a b: 1, a b.c#: 1, é\": 2"},
		{"escapes", `"\b\t\n\f\r\e\"\\" = 1` + "\n" + `"a\x41\u00e9\U0001F600" = 2`, "\b\t\n\f\r\x1b\"\\: 1, aAé😀: 2"},
		{"headers", "[a]\nb = 1\n[a.c]\nd = 1\n[ e . \"f\" ] # [g]\nh = 1", "a: 1, a.b: 2, a.c: 3, a.c.d: 4, e: 5, e.f: 5, e.f.h: 6"},
		{"a table whose header comes late", "[a.b]\nc = 1\n[a]\nd = 1", "a: 3, a.b: 1, a.b.c: 2, a.d: 4"},
		{
			"lists of tables", "[[s]]\na = 1\n[s.b]\nc = 1\n[[s]]\n[s.b]\n[[s.d]]\n[[s.d]]\ne = 1",
			"s: 1, s[0]: 1, s[0].a: 2, s[0].b: 3, s[0].b.c: 4, s[1]: 5, s[1].b: 6, s[1].d: 7, s[1].d[0]: 7, s[1].d[1]: 8, s[1].d[1].e: 9",
		},
		{
			"lists and inline tables", "s = [ # [\n { a = 1, b = [2,\n3] },\n{\n\"c\".d = 'x]' }, # ]\n]\ne = {}",
			"e: 7, s: 1, s[0]: 2, s[0].a: 2, s[0].b: 2, s[0].b[0]: 2, s[0].b[1]: 3, s[1]: 4, s[1].c: 5, s[1].c.d: 5",
		},
		{
			"strings", "a = \"\\\"[\\\\\"\nb = '\\'\nc = \"\"\"\nx = 1\n\\\"\"\"\"\"\nd = '''\n[y]\n''''\ne = \"#\" # f = 1",
			"a: 1, b: 2, c: 3, d: 6, e: 9",
		},
		{"numbers and dates", "a = 1979-05-27 07:32:00\nb = -1_0.5e+3\nc = [inf, nan]", "a: 1, b: 2, c: 3, c[0]: 3, c[1]: 3"},
		{"a string that is not closed", "a = \"x\nb = 1\n[d]\ne = 1", "a: 1, b: 2, d: 3, d.e: 4"},
	} {
		if got := strings.Join(paths(scan(c.text, nil).root, ""), ", "); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

// The decoder needs seconds for deep nesting, so it must not see it.
func TestDeepNestingIsRefusedAtOnce(t *testing.T) {
	deep := func(n int, open, close string) string {
		return strings.Repeat(open, n) + "1" + strings.Repeat(close, n)
	}
	dotted := func(n int) string { return strings.Repeat("a.", n-1) + "a" }
	for _, c := range []struct{ name, text, want string }{
		{"lists", "\nnode = " + deep(100_000, "[", "]"), "config.toml:2: nested more than 16 deep"},
		{"tables", "node = " + deep(100_000, "{a=", "}"), "config.toml:1: nested more than 16 deep"},
		{"lists in tables without an end", "node = " + strings.Repeat("[{a=", 100_000), "config.toml:1: nested more than 16 deep"},
		{"a dotted key", "\n\n" + dotted(100_000) + " = 1", "config.toml:3: key of 100000 parts, want at most 16"},
		{"a header", "[" + dotted(17) + "]\nb = 1", "config.toml:1: key of 17 parts, want at most 16"},
		{"a key in a table", "node = {" + dotted(17) + " = 1}", "config.toml:1: key of 17 parts, want at most 16"},
	} {
		start := time.Now()
		_, err := parseTest(nil, c.text+fixture.OneSensor)
		if got := errText(err); got != c.want {
			t.Errorf("%s: got %.300s, want %s", c.name, got, c.want)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %v", c.name, took)
		}
	}
	// However many there are, the decoder sees none of them.
	many := strings.Repeat("a = "+deep(17, "[", "]")+"\n", 20) + "b = " + deep(100_000, "[", "]")
	start := time.Now()
	if _, err := parseTest(nil, many); strings.Count(errText(err), "deep") != maxSyntax || time.Since(start) > 2*time.Second {
		t.Errorf("got %.300v after %v, want %d errors at once", err, time.Since(start), maxSyntax)
	}
	good := "[" + dotted(16) + "]\nb = " + deep(16, "[", "]") + fixture.OneSensor
	if _, err := parseTest(nil, good); strings.Contains(errText(err), "deep") || strings.Contains(errText(err), "parts") {
		t.Errorf("got %v for 16 of each, want no error about them", err)
	}
}

// A megabyte of tables, keys or elements would cost a running daemon up to 130 MB.
func TestTooMuchIsRefusedBeforeItIsDecoded(t *testing.T) {
	table := strings.Repeat("[[sensor]]\n", maxTables)
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "k%d=1\n", i)
		}
		return b.String()
	}
	list := func(n int) string { return "\nnode = [" + strings.Repeat("1,", n) + "]\n" }
	for _, c := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"tables", []string{table + "[[sensor]]\n\n[[sensor]]"}, "a.toml:10001: more than 10000 tables"},
		{"tables of two files", []string{table, "\n\n[[sensor]]"}, "b.toml:3: more than 10000 tables"},
		{"keys", []string{keys(maxItems + 1)}, "a.toml:40001: more than 40000 keys and list elements"},
		{"elements", []string{list(maxItems)}, "a.toml:2: more than 40000 keys and list elements"},
		{"elements of keys in a list", []string{"node = [{a = [" + strings.Repeat("{b=1},", maxItems) + "]}]"}, "a.toml:1: more than 40000 keys and list elements"},
	} {
		var files []*source
		for i, text := range c.texts {
			files = append(files, &source{name: string(rune('a'+i)) + ".toml", text: text})
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := testEnvironment(nil).parse(files)
		runtime.ReadMemStats(&after)
		if got := errText(err); got != c.want {
			t.Errorf("%s: got %.300s, want %s", c.name, got, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 40<<20 {
			t.Errorf("%s: got %d MB allocated, want 40 at most", c.name, used>>20)
		}
	}
	for _, text := range []string{table, list(maxItems - 1)} {
		if _, err := testEnvironment(nil).parse([]*source{{name: "a.toml", text: text}}); strings.Contains(errText(err), "more than") {
			t.Errorf("got %.300v at the limit, want other errors", err)
		}
	}
}

// FuzzScan compares the scanner with the decoder: in a text that the decoder
// accepts, each key has its node, and each list as many elements.
func FuzzScan(f *testing.F) {
	f.Add(contractExample)
	for _, c := range badConfigs {
		f.Add(c.text)
	}
	f.Add("a = [ {b=1}, { c.d = '''\n''' } ] # x\n[[x]]\n[x.y]\n\"\\u00e9\".z = 1\n[[x]]")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimPrefix(text, "\ufeff")
		s := scan(text, nil)
		if s.size.over() != "" {
			return
		}
		doc := make(map[string]any)
		for _, st := range s.statements {
			if st.broken != "" {
				return
			}
		}
		if _, err := toml.Decode(text, &doc); err != nil {
			return
		}
		compareNodes(t, s, "", doc, s.root)
		if keys := slices.Sorted(maps.Keys(s.root.keys)); !slices.Equal(keys, slices.Sorted(maps.Keys(doc))) {
			t.Errorf("got the keys %q, want %q", keys, slices.Sorted(maps.Keys(doc)))
		}
	})
}

func compareNodes(t *testing.T, s *scanner, path string, value any, n *node) {
	if n == nil {
		t.Errorf("%s: the scanner has not found it", path)
		return
	}
	if n.line < 1 || n.line > len(s.newlines)+1 {
		t.Errorf("%s: got line %d of %d", path, n.line, len(s.newlines)+1)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			child := n.key(key)
			compareNodes(t, s, path+"."+key, v, child)
			if line := strings.Split(s.text, "\n"); child != nil && isBareKey(key) && !strings.ContainsAny(s.text, `\`) &&
				!strings.Contains(line[child.line-1], key) {
				t.Errorf("%s.%s: line %d is %q", path, key, child.line, line[child.line-1])
			}
		}
	case []map[string]any:
		for i, v := range value {
			compareNodes(t, s, fmt.Sprintf("%s[%d]", path, i), v, n.elem(i))
		}
		if len(n.elems) != len(value) {
			t.Errorf("%s: got %d elements, want %d", path, len(n.elems), len(value))
		}
	case []any:
		for i, v := range value {
			compareNodes(t, s, fmt.Sprintf("%s[%d]", path, i), v, n.elem(i))
		}
		if len(n.elems) != len(value) {
			t.Errorf("%s: got %d elements, want %d", path, len(n.elems), len(value))
		}
	}
}
