package main

import (
	"fmt"
	"strings"
)

const copyrightHead = `sensorpub is licensed under the Apache License, Version 2.0, by its authors.
On Debian systems its text is in /usr/share/common-licenses/Apache-2.0.

The program is one static binary. Below are the licences and notices of everything
that is linked into it, as sensorpub version --licenses prints them. The text of the
Apache License, Version 2.0, is left out where a module has it unchanged.
`

// copyright returns the licences of all that is in a package.
func copyright(sensorpub run) (string, error) {
	licences, err := sensorpub("version", "--licenses")
	if err != nil {
		return "", err
	}
	_, modules, found := strings.Cut(licences, "\n\n== ")
	if !found {
		return "", fmt.Errorf("version --licenses: no module in\n%.200s", licences)
	}
	var b strings.Builder
	b.WriteString(copyrightHead)
	for _, module := range strings.Split(modules, "\n== ") {
		files := strings.Split(module, "\n-- ")
		b.WriteString("\n== " + strings.TrimSpace(files[0]) + "\n")
		for _, file := range files[1:] {
			name, text, _ := strings.Cut(file, "\n")
			if strings.Contains(text, "Apache License\n") && strings.Contains(text, "END OF TERMS AND CONDITIONS") {
				text = "\nThe Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0\n"
			}
			b.WriteString("\n-- " + name + "\n" + text)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}
