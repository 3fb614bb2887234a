package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMain builds the program to test, unless $SENSORPUB_BINARY names one.
func TestMain(m *testing.M) {
	flag.Parse()
	waitTogether()
	os.Exit(func() int {
		if os.Getenv("SENSORPUB_BINARY") != "" {
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "sensorpub-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if err := build(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// waitTogether lets more tests run at a time than there are cores, unless
// -parallel says how many: they mostly wait for the program, in real time.
func waitTogether() {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
}

// build builds the program as the tests are: with the race detector if they
// have it.
func build(dir string) error {
	args := []string{"build", "-buildvcs=false", "-o", dir, "sensorpub/cmd/sensorpub"}
	if raceBuild() {
		args = slices.Insert(args, 1, "-race")
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the program to test: %w\n%s", err, out)
	}
	return os.Setenv("SENSORPUB_BINARY", filepath.Join(dir, "sensorpub"))
}

// raceBuild reports whether the tests have the race detector.
func raceBuild() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// program returns the command line of the program to test. Where the kernel
// cannot run it, because an emulator runs the tests, that emulator does.
var program = sync.OnceValues(func() ([]string, error) {
	name := os.Getenv("SENSORPUB_BINARY")
	cmd := exec.Command(name, "version")
	cmd.Env = cleanEnv()
	err := cmd.Run()
	if !errors.Is(err, syscall.ENOEXEC) {
		return []string{name}, err
	}
	arch := map[string]string{"386": "i386", "amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	emulator, err := exec.LookPath("qemu-" + arch + "-static")
	return []string{emulator, name}, err
})

// cleanEnv returns the environment of the test with these variables and without
// those that would change what the program does.
func cleanEnv(extra ...string) []string {
	env := []string{"GORACE=atexit_sleep_ms=0"} // do not linger for a second at exit
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "SENSORPUB_ROOT", "GORACE":
		default:
			env = append(env, v)
		}
	}
	return append(env, extra...)
}

// prepare prepares the program with these arguments and variables.
func prepare(tb testing.TB, env []string, args ...string) *exec.Cmd {
	tb.Helper()
	line, err := program()
	if err != nil {
		tb.Fatalf("find the program to test: %v", err)
	}
	cmd := exec.Command(line[0], append(line[1:len(line):len(line)], args...)...)
	cmd.Env = cleanEnv(env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}
