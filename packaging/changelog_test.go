package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const changes = `# Changes

What users notice.

## 0.2.0

New:

- The spool keeps readings across restarts, and this sentence is too long for one line of
  a changelog.
- Short.

## 0.1.0, 2026-11-22

The first version.
`

const debianChanges = `sensorpub (0.2.0~git1) stable; urgency=medium

  [ New ]
  * The spool keeps readings across restarts, and this sentence is too long
    for one line of a changelog.
  * Short.

 -- sensorpub maintainers <maintainers@sensorpub.invalid>  Sat, 28 Nov 2026 18:00:00 +0000

sensorpub (0.1.0) stable; urgency=medium

  The first version.

 -- sensorpub maintainers <maintainers@sensorpub.invalid>  Sun, 22 Nov 2026 00:00:00 +0000
`

// changelogFile writes a CHANGELOG.md.
func changelogFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "CHANGELOG.md")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestChangelogOfDebian(t *testing.T) {
	date := time.Date(2026, time.November, 28, 18, 0, 0, 0, time.UTC)
	got, err := debianChangelog(changelogFile(t, changes), "0.2.0~git1", date)
	if err != nil || got != debianChanges {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, got, debianChanges)
	}
}

func TestReleaseNotesAreTheNewestSection(t *testing.T) {
	got, err := releaseNotes(changelogFile(t, changes))
	if err != nil || !strings.HasPrefix(got, "New:\n\n- The spool") || !strings.HasSuffix(got, "- Short.\n") {
		t.Errorf("got %q, error %v", got, err)
	}
}

func TestChangelogWithoutDateOrRelease(t *testing.T) {
	for _, text := range []string{"# Changes\n", strings.Replace(changes, ", 2026-11-22", "", 1)} {
		if _, err := releases(changelogFile(t, text)); err == nil {
			t.Errorf("got no error for\n%s", text)
		}
	}
}

func TestChangelogOfThisProjectHasDates(t *testing.T) {
	all, err := releases("../CHANGELOG.md")
	if err != nil || len(all) < 2 || all[0].date != "" {
		t.Errorf("got %d releases, error %v, want the newest without a date", len(all), err)
	}
}

func TestMaintainerIsThatOfThePackage(t *testing.T) {
	b, err := os.ReadFile("nfpm.yaml")
	if err != nil || !strings.Contains(string(b), "\nmaintainer: "+maintainer+"\n") {
		t.Errorf("error %v, want maintainer %s in nfpm.yaml", err, maintainer)
	}
}
