package web

import (
	"os"
	"regexp"
	"testing"
)

func TestPageIsSmall(t *testing.T) {
	total := 0
	for _, c := range []struct {
		name string
		most int // in bytes
	}{
		{"index.html", 40_000},
		{"style.css", 40_000},
		{"app.js", 12_000},
	} {
		n := len(pageFile(t, c.name))
		if total += n; n > c.most {
			t.Errorf("%s: got %d bytes, want %d at most", c.name, n, c.most)
		}
	}
	if total > 40_000 {
		t.Errorf("got %d bytes in all, want 40,000 at most", total)
	}
}

// The policy that the server sends forbids what is inline, and text from outside
// must never become markup.
func TestPageKeepsTextApartFromMarkup(t *testing.T) {
	for _, c := range []struct {
		name, forbidden string
	}{
		{"index.html", `(?i)\son[a-z]+\s*=|\sstyle\s*=|<style|javascript:|<script(\s[^>]*)?>[^<]|(src|href)="(https?:)?//`},
		{"style.css", `(?i)@import|url\(`},
		{"app.js", `(?i)(inner|outer)HTML|insertAdjacent|document\.write|\beval\b|\bFunction\(|setAttribute\("(on|style)|https?://`},
	} {
		if found := regexp.MustCompile(c.forbidden).FindString(pageFile(t, c.name)); found != "" {
			t.Errorf("%s: got %q, want none of it", c.name, found)
		}
	}
}

func pageFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("page/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
