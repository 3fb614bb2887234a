package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"sensorpub/sensors/drivers"
)

const completionDetail = `Prints the completion script of a shell for the commands and flags of sensorpub.
bash: sensorpub completion bash > /etc/bash_completion.d/sensorpub
zsh:  sensorpub completion zsh > "${fpath[1]}/_sensorpub"
fish: sensorpub completion fish > ~/.config/fish/completions/sensorpub.fish`

// completion prints the completions of a shell.
func completion(ctx context.Context, e *env) error {
	if err := e.parse(e.bareFlags(), 1); err != nil {
		return err
	}
	write := map[string]func([]completed) string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	if len(e.args) == 0 || write[e.args[0]] == nil {
		return e.misuse(errors.New("want bash, zsh or fish"))
	}
	fmt.Fprint(e.stdout, write[e.args[0]](completions(ctx)))
	return nil
}

// A completed is what can follow the name of a command.
type completed struct {
	command
	flags []completedFlag
	words []string // the positional argument
}

type completedFlag struct {
	name, usage string
	value       string   // what it is called; "": the flag has none
	values      []string // that it can have, if they are few
}

// isFile reports whether the value of the flag is the name of a file.
func (f completedFlag) isFile() bool { return f.value == "FILE" }

// completions returns the commands with their flags, which it takes from their
// help.
func completions(ctx context.Context) (all []completed) {
	var names, chips []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	for _, d := range drivers.Table() {
		chips = append(chips, d.Name)
	}
	words := map[string][]string{"help": names, "drivers": chips, "completion": {"bash", "zsh", "fish"}}
	for _, c := range commands() {
		var text bytes.Buffer
		e := &env{stdout: &text, command: c, args: []string{"--help"}}
		e.Getenv = func(string) string { return "" }
		c.run(ctx, e) // prints its help and does nothing else
		done := completed{command: c, words: words[c.name]}
		_, list, _ := strings.Cut(text.String(), "\nflags:\n")
		for line := range strings.Lines(list) {
			if f, ok := flagOf(line); ok {
				done.flags = append(done.flags, f)
			}
		}
		all = append(all, done)
	}
	return all
}

// flagOf parses a line of the help: "  -c, --config FILE    usage".
func flagOf(line string) (f completedFlag, ok bool) {
	_, rest, ok := strings.Cut(strings.TrimSpace(line), "--")
	head, usage, found := strings.Cut(rest, "  ")
	if !found {
		head, usage, _ = strings.Cut(rest, " ")
		if first, after, upper := strings.Cut(usage, " "); upper && first == strings.ToUpper(first) {
			head, usage = head+" "+first, after
		}
	}
	f.name, f.value, _ = strings.Cut(strings.TrimSpace(head), " ")
	f.usage = strings.TrimSpace(usage)
	if f.name == "log-level" {
		f.values = []string{"debug", "info", "warn", "error"}
	}
	return f, ok
}

// bashCompletion writes a function for the complete of bash.
func bashCompletion(all []completed) string {
	var b strings.Builder
	names, with := make([]string, 0, len(all)), []string{"-c"}
	for _, c := range all {
		names = append(names, c.name)
		for _, f := range c.flags {
			if name := "--" + f.name; f.value != "" && !strings.Contains(" "+strings.Join(with, " ")+" ", " "+name+" ") {
				with = append(with, name)
			}
		}
	}
	fmt.Fprintf(&b, `_sensorpub() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i
	if [[ $cur == = ]]; then # --flag=value is three words
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		%s) [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]} && break ;;
		esac
	done
	case $prev in
	-c | --config) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
	--log-level) mapfile -t COMPREPLY < <(compgen -W "debug info warn error" -- "$cur") && return ;;
	%s) return ;;
	esac
	case $command in
	"") words="%s --config --log-level --version --help" ;;
`, strings.Join(with, " | "), strings.Join(with[1:], " | "), strings.Join(names, " "))
	for _, c := range all {
		words := c.words
		for _, f := range c.flags {
			words = append(words, "--"+f.name)
		}
		fmt.Fprintf(&b, "\t%s) words=%q ;;\n", c.name, strings.Join(words, " "))
	}
	b.WriteString(`	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -o filenames -F _sensorpub sensorpub
`)
	return b.String()
}

// zshCompletion writes a function for the compsys of zsh.
func zshCompletion(all []completed) string {
	quote := func(s string) string {
		return strings.NewReplacer(`'`, `'\''`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace(s)
	}
	var b strings.Builder
	b.WriteString("#compdef sensorpub\n\n_sensorpub() {\n\tlocal curcontext=$curcontext state line\n\tlocal -a commands=(\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\t\t'%s:%s'\n", c.name, quote(c.summary))
	}
	b.WriteString("\t)\n\t_arguments -C '(-c --config)'{-c,--config}'[read the configuration from FILE]:file:_files' \\\n" +
		"\t\t'--log-level[log at LEVEL and above]:level:(debug info warn error)' '--version[print the version]' \\\n" +
		"\t\t'1: :->command' '*:: :->rest'\n\tcase $state in\n\tcommand) _describe command commands ;;\n\trest)\n\t\tcase $line[1] in\n")
	for _, c := range all {
		fmt.Fprintf(&b, "\t\t%s) _arguments", c.name)
		for _, f := range c.flags {
			value := ""
			switch {
			case f.isFile():
				value = ":file:_files"
			case len(f.values) > 0:
				value = ":" + strings.ToLower(f.value) + ":(" + strings.Join(f.values, " ") + ")"
			case f.value != "":
				value = ":" + strings.ToLower(f.value) + ":"
			}
			fmt.Fprintf(&b, " '*--%s[%s]%s'", f.name, quote(f.usage), value)
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&b, " '1: :(%s)'", strings.Join(c.words, " "))
		}
		b.WriteString(" ;;\n")
	}
	b.WriteString("\t\tesac\n\t\t;;\n\tesac\n}\n\nif [ \"$funcstack[1]\" = _sensorpub ]; then\n\t_sensorpub \"$@\"\nelse\n\tcompdef _sensorpub sensorpub\nfi\n")
	return b.String()
}

// fishCompletion writes commands for the complete of fish.
func fishCompletion(all []completed) string {
	quote := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
	}
	var b strings.Builder
	b.WriteString("complete -c sensorpub -f\ncomplete -c sensorpub -s c -l config -r -F -d 'read the configuration from FILE'\n")
	for _, c := range all {
		fmt.Fprintf(&b, "complete -c sensorpub -n __fish_use_subcommand -a %s -d %s\n", c.name, quote(c.summary))
	}
	for _, c := range all {
		on := fmt.Sprintf("complete -c sensorpub -n '__fish_seen_subcommand_from %s'", c.name)
		for _, f := range c.flags {
			more := ""
			switch {
			case f.isFile():
				more = " -r -F"
			case len(f.values) > 0:
				more = " -x -a " + quote(strings.Join(f.values, " "))
			case f.value != "":
				more = " -x"
			}
			fmt.Fprintf(&b, "%s -l %s%s -d %s\n", on, f.name, more, quote(f.usage))
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&b, "%s -a %s\n", on, quote(strings.Join(c.words, " ")))
		}
	}
	return b.String()
}
