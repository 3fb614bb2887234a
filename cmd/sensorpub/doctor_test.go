package main

import (
	"strings"
	"testing"
)

func TestDoctorOnTheCommandLine(t *testing.T) {
	got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": t.TempDir()}, "doctor", "--config", "/no/such")
	if !strings.HasPrefix(got.stdout, "FAIL  configuration  read /no/such: no such file or directory\n      hint: --config FILE") ||
		got.code != 2 || !strings.HasPrefix(got.stderr, "sensorpub: examine this machine: 1 of ") {
		t.Errorf("got %+v, want the missing file first and exit code 2", got)
	}
	got = sensorpub(t, nil, "doctor", "--reads", "0")
	if want := "sensorpub: parse arguments of doctor: --reads 0: want 1 or more\nhint: sensorpub doctor --help shows its flags\n"; got != (result{2, "", want}) {
		t.Errorf("got %+v, want %q", got, want)
	}
}
