package drivers

import (
	"context"
	"fmt"
	"math"
	"os"
	osexec "os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// script writes a shell script and returns its path. The driver itself uses no
// shell.
func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "probe")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExec(t *testing.T) {
	both := []any{"temperature", "humidity"}
	tests := []struct {
		name, script string
		options      map[string]any
		want         any
	}{
		{"a number", "echo 21.5", nil, 21.5},
		{"a number behind a byte order mark", `printf '\357\273\27721.5'`, nil, 21.5},
		{"below zero without a newline", "printf -- -5", nil, -5.0},
		{"a number by its name", "echo temperature 0", nil, 0.0},
		{"two numbers in any order", "echo humidity 47.5; echo; echo temperature -3", map[string]any{"quantities": both}, []float64{-3, 47.5}},
		{
			"any quantities in any unit", "echo soil 3.5; echo temperature 14",
			map[string]any{"quantities": []any{"temperature", "soil"}, "units": map[string]any{"soil": "mm", "temperature": "°F"}},
			[]float64{-10, 3.5},
		},
		{"one number in another unit", "echo 101.325", map[string]any{"quantities": []any{"pressure"}, "units": map[string]any{"pressure": "kPa"}}, 1013.25},
		{"its arguments as they are", `test "$1" = 'a b;$c' && test $# = 2 && echo 1`, nil, 1.0},
		{"warnings do not matter", "echo 'slow bus' >&2; echo 5", nil, 5.0},
		{"many warnings do not matter", "i=0; while [ $i -lt 2000 ]; do echo warning $i >&2; i=$((i+1)); done; echo 5", nil, 5.0},
		{"nothing of this process's environment", `env | grep -v -e ^PATH= -e ^LANG=C.UTF-8 -e ^HOME=/ -e ^SENSORPUB_RUN= -e ^PWD=/ -e ^OLDPWD= -e ^SHLVL= -e ^_= >&2 && exit 9; echo 1`, nil, 1.0},
		{"nothing to read", "read x && exit 9; echo 1", nil, 1.0},
		{"nothing printed", "true", nil, "probe: has not printed the temperature"},
		{"one of two printed", "echo humidity 5", map[string]any{"quantities": both}, "probe: has not printed the temperature"},
		{"a word", "echo error", nil, `probe: got text of 5 bytes, want a number`},
		{"not a number", "echo nan", nil, "not-a-number"},
		{"a message instead of a value", "echo no sensor found", nil, `probe: got a line of 15 bytes, want one line "temperature NUMBER" for each quantity`},
		{"a quantity twice", "echo temperature 1; echo temperature 2", nil, `probe: got a line of 13 bytes, want one line "temperature NUMBER" for each quantity`},
		{"a failure", "echo 21.5; echo reading >&2; echo 'no answer' >&2; exit 3", nil, `probe: exit status 3: "no answer"`},
		{"a failure without a word", "exit 3", nil, "probe: exit status 3"},
		{"killed", "kill -9 $$", nil, "probe: signal: killed"},
		{"too much", "head -c 5000 /dev/zero", nil, "probe: printed more than 4096 bytes"},
		{"without an end", "while :; do echo 1; done", nil, "probe: printed more than 4096 bytes"},
		{"too late", "echo 21.5; echo waiting >&2; exec sleep 60", map[string]any{"timeout": "2s"}, `probe: has not ended within 2s and was killed: "waiting"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("SECRET", "of this process")
			options := map[string]any{"command": []any{script(t, tt.script), "a b;$c", ""}}
			for k, v := range tt.options {
				options[k] = v
			}
			start := time.Now()
			got := tree{t: t, root: "/nowhere"}.values(opened(t, configured(t, "exec", Host{}, options)))
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if took := time.Since(start); took > 30*time.Second { // of the minute that one would sleep
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestExecWithoutAProgram(t *testing.T) {
	_, err := opened(t, configured(t, "exec", Host{}, map[string]any{"command": []any{"/nowhere/probe"}})).Read(t.Context())
	if got, want := outcome(err), "probe: fork/exec /nowhere/probe: no such file or directory"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The error names what is missing, not only the program.
func TestExecSaysWhatIsMissing(t *testing.T) {
	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"an interpreter", "#!/usr/bin/no-python -u\nprint(21.5)\n", 0o755, `fork/exec FILE: no such file or directory; its first line wants the interpreter "/usr/bin/no-python", which is missing`},
		{"an interpreter with a carriage return", "#!/bin/sh\r\necho 21.5\r\n", 0o755, `fork/exec FILE: no such file or directory; its first line wants the interpreter "/bin/sh\r", which is missing`},
		{"an interpreter that is a folder", "#!/tmp\necho 21.5\n", 0o755, `fork/exec FILE: permission denied; its first line wants the interpreter "/tmp", which is not executable`},
		{"nothing, but an option of the interpreter has a carriage return", "#!/usr/bin/false -x\r\necho 21.5\r\n", 0o755, "exit status 1; its first line ends with a carriage return, save it with Unix line endings"},
		{"a first line", "echo 21.5\n", 0o755, "fork/exec FILE: exec format error; it is made for another machine, or a script without a first line such as #!/bin/sh"},
		{"a first line, behind a byte order mark", "\ufeff#!/bin/sh\necho 21.5\n", 0o755, "fork/exec FILE: exec format error; it begins with a byte order mark, save it without one"},
		{"the permission", "#!/bin/sh\necho 21.5\n", 0o644, "fork/exec FILE: permission denied; make it executable with chmod +x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "probe")
			if err := os.WriteFile(file, []byte(tt.text), tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := opened(t, configured(t, "exec", Host{}, map[string]any{"command": []any{file}})).Read(t.Context())
			if got, want := strings.ReplaceAll(outcome(err), file, "FILE"), "probe: "+tt.want; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// written returns the process number in a file, or "" before it is complete.
func written(file string) string {
	text, _ := os.ReadFile(file)
	pid, whole := strings.CutSuffix(string(text), "\n")
	if !whole {
		return ""
	}
	return pid
}

// alive reports whether the process with this number is running.
func alive(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// Everything that a command started is killed with it.
func TestExecKillsItsGroup(t *testing.T) {
	tests := []struct {
		name, script, want string
		stop               bool // by ctx
	}{
		{"after the time-out", "sleep 60 & echo $! > %s; wait", "probe: has not ended within 2s and was killed", false},
		{"when it has ended and left something", "sleep 60 & echo $! > %s; echo 1", "probe: has left a process that holds its output open", false},
		{"when the daemon stops", "sleep 60 & echo $! > %s; wait", "context canceled", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pid := filepath.Join(t.TempDir(), "pid")
			options := map[string]any{"command": []any{script(t, fmt.Sprintf(tt.script, pid))}, "timeout": "2s"}
			if !strings.Contains(tt.want, "2s") {
				delete(options, "timeout")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.stop {
				go func() {
					for written(pid) == "" && ctx.Err() == nil {
						time.Sleep(10 * time.Millisecond)
					}
					cancel()
				}()
			}
			start := time.Now()
			_, err := opened(t, configured(t, "exec", Host{}, options)).Read(ctx)
			if outcome(err) != tt.want || time.Since(start) > 30*time.Second {
				t.Errorf("got %v after %v, want %v", err, time.Since(start), tt.want)
			}
			if written(pid) == "" {
				t.Fatal("it has not started anything")
			}
			for time.Since(start) < 30*time.Second {
				if !alive(written(pid)) {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
			t.Error("what it has started is still alive")
		})
	}
}

func TestExecOptionErrors(t *testing.T) {
	probe := func(quantities, units any) map[string]any {
		return map[string]any{"command": []any{"/bin/x"}, "quantities": quantities, "units": units}
	}
	none := map[string]any{}
	checkOptionErrors(t, "exec", []optionError{
		{"no quantity", probe([]any{}, none), `options.quantities = []: want at least one`},
		{"a quantity twice", probe([]any{"co2", "co2"}, none), `options.quantities = ["co2", "co2"]: "co2" is listed twice`},
		{"a quantity that is not known", probe([]any{"battery"}, none), `options.quantities = ["battery"]: "battery": no known quantity, want its unit in options.units`},
		{
			"a misspelt quantity", probe([]any{"co2", "humidty"}, none),
			`options.quantities = ["co2", "humidty"]: "humidty": no known quantity, did you mean "humidity"? Any other needs its unit in options.units`,
		},
		{"a quantity that is not a name", probe([]any{"a/b"}, map[string]any{"a/b": "V"}), `options.quantities = ["a/b"]: "a/b": want lower-case letters, digits and _, a letter first`},
		{
			"a unit of something else", probe([]any{"soil", "co2"}, map[string]any{"soil": "%", "sol": "V"}),
			`options.units = { soil = "%", sol = "V" }: "sol" is not among the quantities, did you mean "soil"?`,
		},
		{"a unit that does not convert", probe([]any{"humidity"}, map[string]any{"humidity": "g/kg"}), `options.units = { humidity = "g/kg" }: want "%" for humidity`},
		{"a unit that is not a string", probe([]any{"soil"}, map[string]any{"soil": int64(1)}), `options.units = a table: want a table of strings such as { soil = "%" }`},
		{"units that are not a table", probe([]any{"soil"}, "%"), `options.units = "%": want a table of strings such as { soil = "%" }`},
		{"no command", nil, `options.command = []: want the absolute path of a program, then its arguments`},
		{"a program that is nowhere", map[string]any{"command": []any{"vcgencmd-x"}}, `options.command = ["vcgencmd-x"]: want the absolute path of a program, then its arguments`},
		{"a program to be searched for", map[string]any{"command": []any{"env"}}, `options.command = ["env"]: want the absolute path of a program such as "/usr/bin/env", then its arguments`},
		{"a line with a program to be searched for", map[string]any{"command": []any{"env -i"}}, `options.command = ["env -i"]: want the absolute path of a program such as "/usr/bin/env", "-i", then its arguments`},
		{"a line for a shell", map[string]any{"command": "/bin/echo 1"}, `options.command = "/bin/echo 1": want a list of strings`},
		{"a zero byte", map[string]any{"command": []any{"/bin/echo", "a\x00b"}}, `options.command = ["/bin/echo", "a\x00b"]: an argument has a zero byte`},
		{"a time-out that looks like a hang", map[string]any{"command": []any{"/x"}, "timeout": "15s"}, `options.timeout = "15s": want a duration such as "10s", 14s or less`},
	})
}

// Whatever a command prints, it is a number for each quantity or an error.
func FuzzExecOutput(f *testing.F) {
	for _, text := range []string{"21.5\n", "temperature 21.5\nhumidity 47\n", "", "humidity nan", "temperature 1\ntemperature 2"} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, two bool) {
		sources := []source{newSource("temperature", ""), newSource("soil", "%")}
		if !two {
			sources = sources[:1]
		}
		got, err := parseOutput(text, sources)
		if err != nil {
			if got != nil {
				t.Errorf("%q: got %v with %v, want no values", text, got, err)
			}
			return
		}
		for i, s := range sources {
			if got[i].Quantity != s.Name || math.IsNaN(got[i].Value) || math.IsInf(got[i].Value, 0) {
				t.Errorf("%q: got %v, want a number for %s", text, got[i], s.Name)
			}
		}
	})
}

// Each would otherwise count against the tasks of the service until there are none left.
func TestExecKillsWhatLeavesItsGroup(t *testing.T) {
	if _, err := osexec.LookPath("setsid"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pid")
	leave := `setsid sh -c 'echo $$ >` + file + `; exec sleep 1000' </dev/null >/dev/null 2>&1 &
while [ ! -s ` + file + ` ]; do sleep 0.01; done
echo 21.5`
	values, err := opened(t, configured(t, "exec", Host{}, map[string]any{"command": []any{script(t, leave)}})).Read(t.Context())
	if err != nil || values[0].Value != 21.5 {
		t.Fatalf("got %v, %v, want 21.5", values, err)
	}
	pid, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		// Empty of one that is dead and that its parent has not collected yet.
		if text, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/cmdline"); err != nil || len(text) == 0 {
			return
		}
	}
	t.Errorf("got process %s still running, want it killed", pid)
}
