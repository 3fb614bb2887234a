package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A repository has a CHANGELOG.md whose newest section is 0.2.0, and scripts/version.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	script, err := os.ReadFile("../scripts/version")
	if err != nil {
		t.Fatal(err)
	}
	r := repository{t, t.TempDir()}
	r.write("scripts/version", string(script))
	r.write("CHANGELOG.md", changes)
	r.git("init", "--quiet")
	r.commit()
	return r
}

func (r repository) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		r.Fatal(err)
	}
}

func (r repository) git(args ...string) {
	r.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org"}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-11-28T20:00:00+02:00", "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := cmd.CombinedOutput(); err != nil {
		r.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func (r repository) commit() {
	r.Helper()
	r.git("add", ".")
	r.git("commit", "--quiet", "--message", "a change", "--allow-empty")
}

func (r repository) version() string {
	r.Helper()
	out, err := exec.Command(filepath.Join(r.dir, "scripts/version")).CombinedOutput()
	if err != nil {
		r.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Debian's order: 0.2.0~git… < 0.2.0 < 0.2.0+git….
func TestVersionBeforeAtAndAfterItsTag(t *testing.T) {
	r := newRepository(t)
	check := func(when, want string) {
		t.Helper()
		if got := r.version(); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%s: got %s, want %s", when, got, want)
		}
	}
	check("before the tag", `0\.2\.0~git20261128180000\.[0-9a-f]{7,}`)
	r.git("tag", "v0.2.0")
	check("at the tag", `0\.2\.0`)
	r.write("CHANGELOG.md", changes+"\n")
	check("changed and not committed", `0\.2\.0\+git20261128180000\.[0-9a-f]{7,}\.dirty`)
	r.commit()
	check("after the tag", `0\.2\.0\+git20261128180000\.[0-9a-f]{7,}`)
	r.write("CHANGELOG.md", strings.Replace(changes, "## 0.2.0", "## 0.3.0\n\n- New.\n\n## 0.2.0, 2026-11-28", 1))
	r.commit()
	check("with a new section", `0\.3\.0~git20261128180000\.[0-9a-f]{7,}`)
}
