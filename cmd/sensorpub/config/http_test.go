package config

import (
	"os"
	"path/filepath"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestWhereThePageMayBeServed(t *testing.T) {
	for listen, remote := range map[string]bool{
		"": false, "127.0.0.1:9110": false, "127.8.0.1:1": false, "localhost:65535": false, "[::1]:9110": false,
		":9110": true, "0.0.0.0:9110": true, "[::]:9110": true, "192.168.1.5:80": true,
	} {
		c := parsed(t, "[http]\nallow_remote = true\nhosts = [\"garden.example\", \"10.0.0.1\"]\nlisten = \""+listen+"\""+fixture.OneSensor)
		if got := c.HTTP.Remote(); got != remote {
			t.Errorf("listen = %q: got remote %v, want %v", listen, got, remote)
		}
	}
}

func TestWhereThisMachineReachesThePage(t *testing.T) {
	for listen, want := range map[string]string{
		":9110": "localhost:9110", "0.0.0.0:1": "localhost:1", "[::]:2": "localhost:2", "localhost:3": "localhost:3",
		"127.0.0.1:9110": "127.0.0.1:9110", "[::1]:4": "[::1]:4", "192.168.1.5:80": "192.168.1.5:80",
	} {
		if got := (HTTP{Listen: listen}).Address(); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}

func TestPasswordOfThePage(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"http-password": "from systemd\n", "other": "from a file\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return "http.password_file = \"" + filepath.Join(dir, name) + "\"" }
	for _, c := range []struct{ name, credentials, text, want, err string }{
		{"there is none", t.TempDir(), "", "", ""},
		{"it is a credential", dir, "", "from systemd", ""},
		{"it is in a file, which goes before a credential", dir, file("other"), "from a file", ""},
		{"the file is empty", "", file("empty"), "", "read password file " + dir + "/empty: it is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conf, err := parseTest(map[string]string{"CREDENTIALS_DIRECTORY": c.credentials}, c.text+fixture.OneSensor)
			if err != nil {
				t.Fatal(err)
			}
			got, err := conf.HTTPPassword(t.Context())
			if got != c.want || errText(err) != c.err {
				t.Errorf("got %q, %v, want %q, %q", got, err, c.want, c.err)
			}
			if has := conf.HasHTTPPassword(); has != (c.want != "" || c.err != "") {
				t.Errorf("got HasHTTPPassword %v", has)
			}
		})
	}
}
