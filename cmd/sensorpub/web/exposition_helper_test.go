package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// A parsed is metrics as Prometheus reads them.
type parsed struct {
	kinds, helps map[string]string  // by metric
	values       map[string]float64 // by sample, as it is written
}

var (
	metricRule = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelRule  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// parseMetrics reads the text format by its specification, and more strictly:
// each metric has first a help, then a type, then its samples, without a comment
// or an empty line in between, and no sample is there twice.
func parseMetrics(text string) (p parsed, err error) {
	p = parsed{make(map[string]string), make(map[string]string), make(map[string]float64)}
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\n") || strings.Contains(text, "\r") {
		return p, fmt.Errorf("want lines of UTF-8 that end with \\n")
	}
	metric, kind := "", ""
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(l, "# HELP "):
			name, help, _ := strings.Cut(l[len("# HELP "):], " ")
			if _, again := p.helps[name]; again || !metricRule.MatchString(name) || help == "" {
				err = fmt.Errorf("want a new metric and its help")
			}
			p.helps[name] = help
			metric, kind = name, ""
		case strings.HasPrefix(l, "# TYPE "):
			name, k, _ := strings.Cut(l[len("# TYPE "):], " ")
			if name != metric || kind != "" || !strings.Contains(" counter gauge histogram summary ", " "+k+" ") {
				err = fmt.Errorf("want a type after the help of its metric")
			}
			kind = k
			p.kinds[name] = k
		default:
			err = p.sample(l, metric, kind)
		}
		if err != nil {
			return p, fmt.Errorf("line %d: %q: %w", i+1, l, err)
		}
	}
	return p, p.checkHistograms()
}

// sample reads a line with a sample of a metric.
func (p parsed) sample(l, metric, kind string) error {
	end := strings.IndexAny(l, "{ ")
	if end < 0 || kind == "" {
		return fmt.Errorf("want a sample of a metric")
	}
	name, rest := l[:end], l[end:]
	suffix, ok := strings.CutPrefix(name, metric)
	switch kind {
	case histogram:
		ok = ok && (suffix == "_bucket" || suffix == "_sum" || suffix == "_count")
	case summary:
		ok = ok && (suffix == "_sum" || suffix == "_count")
	default:
		ok = ok && suffix == ""
	}
	if !ok {
		return fmt.Errorf("it does not belong to %s", metric)
	}
	if rest[0] == '{' {
		n, err := labelsEnd(rest)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	number, ok := strings.CutPrefix(rest, " ")
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || strings.ContainsAny(number, " xXpP_") {
		return fmt.Errorf("want a value and no time after a blank")
	}
	id := l[:len(l)-len(rest)]
	if _, again := p.values[id]; again {
		return fmt.Errorf("it is there twice")
	}
	p.values[id] = v
	return nil
}

// labelsEnd returns where the labels end that begin with a brace.
func labelsEnd(s string) (int, error) {
	names := make(map[string]bool)
	for i := 1; ; {
		n := strings.IndexByte(s[i:], '=')
		if n < 0 || !labelRule.MatchString(s[i:i+n]) || names[s[i:i+n]] || !strings.HasPrefix(s[i+n:], `="`) {
			return 0, fmt.Errorf("want the name of another label at %q", s[i:])
		}
		names[s[i:i+n]] = true
		for i += n + 2; i < len(s) && s[i] != '"'; i++ {
			if s[i] == '\\' {
				if i++; i == len(s) || !strings.ContainsRune(`\"n`, rune(s[i])) {
					return 0, fmt.Errorf("an escape that there is not")
				}
			}
		}
		if i+1 >= len(s) {
			return 0, fmt.Errorf("labels without an end")
		}
		switch s[i+1] {
		case '}':
			return i + 2, nil
		case ',':
			i += 2
		default:
			return 0, fmt.Errorf("want a comma or the end after a label")
		}
	}
}

// checkHistograms checks that buckets are cumulative and end with the count.
func (p parsed) checkHistograms() error {
	for name, kind := range p.kinds {
		if kind != histogram {
			continue
		}
		last, lastBound := 0.0, -1.0
		for _, bound := range []string{"0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"} {
			n, ok := p.values[name+`_bucket{le="`+bound+`"}`]
			b, err := strconv.ParseFloat(bound, 64)
			if !ok || n < last || err != nil || b <= lastBound {
				return fmt.Errorf("%s: got %v up to %s after %v", name, n, bound, last)
			}
			last, lastBound = n, b
		}
		if n, ok := p.values[name+"_count"]; !ok || n != last {
			return fmt.Errorf("%s: got a count of %v after %v", name, n, last)
		}
	}
	return nil
}

func TestTheParserOfMetricsIsStrict(t *testing.T) {
	const head = "# HELP m h\n# TYPE m gauge\n"
	for _, good := range []string{head + "m 1\n", head + "m{a=\"\\\\\\\"\\n\",b=\"\"} -1.5e+09\n", head, head + "m NaN\nm{a=\"x\"} +Inf\n"} {
		if _, err := parseMetrics(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"m 1\n", head + "m 1", head + "m 1\nm 2\n", head + "n 1\n", head + "m{} 1\n", head + "m{a=\"\\x\"} 1\n", head + "m{a=\"\"\"} 1\n",
		head + "m{a=\"x\",a=\"y\"} 1\n", head + "m{a-b=\"x\"} 1\n", head + "m{a=\"x\"\n", head + "m  1\n", head + "m 1 2\n", head + "m 0x1\n",
		head + "m{a=\"x\",} 1\n", head + "\n", head + head, "# TYPE m gauge\nm 1\n", "# HELP m h\n# TYPE m count\n", head + "m{a=\"\xff\"} 1\n", head + "m\r 1\n",
	} {
		if _, err := parseMetrics(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}
