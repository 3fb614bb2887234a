package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	secret, spool := filepath.Join(dir, "password"), filepath.Join(dir, "spool")
	if err := os.WriteFile(secret, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	files := fmt.Sprintf("[broker]\nusername = \"u\"\npassword_file = %q\n[spool]\ndir = %q\n", secret, spool)
	tests := []struct {
		name             string
		password, direct os.FileMode
		text             string
		memory           int64
		want             string
	}{
		{"only the owner can use the files", 0o600, 0o700, files, ServiceMemory, ""},
		{"the group can, too", 0o660, 0o770, files, ServiceMemory, ""},
		{"everybody can read the password", 0o644, 0o700, files, ServiceMemory, `broker.password_file "DIR/password": every user of this machine can read it (mode 0644)`},
		{"everybody can write the password", 0o602, 0o700, files, ServiceMemory, `broker.password_file "DIR/password": every user of this machine can write it (mode 0602)`},
		{"everybody can use the spool", 0o600, 0o777, files, ServiceMemory, `spool.dir "DIR/spool": every user of this machine can read and write it (mode 0777)`},
		{"files that are missing", 0o644, 0o777, strings.ReplaceAll(files, dir, dir+"/missing"), ServiceMemory, ""},
		{"a queue that fits", 0, 0, "queue.capacity = 75000", ServiceMemory, ""},
		{"a queue that does not fit", 0, 0, "queue.capacity = 250000", ServiceMemory, "queue.capacity = 250000 and the number of sensors, 1, may need 177 MB; the service has 64 MB"},
		{"a queue that fits into more", 0, 0, "queue.capacity = 250000", 256 << 20, ""},
		{"a page for this machine alone", 0, 0, `http.listen = "127.0.0.1:9110"`, 0, ""},
		{
			"a page for everyone", 0, 0, "[http]\nallow_remote = true\nlisten = \":9110\"", 0,
			`http.listen = ":9110": everyone on the network can read the page, which asks for no password`,
		},
		{
			"a page for those who know the password", 0o600, 0o700,
			fmt.Sprintf("[http]\nallow_remote = true\nlisten = \":9110\"\npassword_file = %q", secret), 0, "",
		},
		{"as many levels as Mosquitto allows", 0, 0, "publish.topic = \"" + strings.Repeat("x/", 200) + "y\"", 0, ""},
		{
			"more levels than Mosquitto allows", 0, 0, "publish.topic = \"" + strings.Repeat("x/", 201) + "{quantity}\"", 0,
			`sensor 1 ("outside"): a topic with 202 levels: Mosquitto closes the connection at more than 201`,
		},
		{
			"a level more in history", 0, 0, "queue.backlog = \"history\"\npublish.topic = \"" + strings.Repeat("x/", 200) + "{quantity}\"", 0,
			`sensor 1 ("outside"): a topic with 202 levels: Mosquitto closes the connection at more than 201`,
		},
		{"no limit", 0, 0, "queue.capacity = 1000000", 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod(secret, tt.password); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(spool, tt.direct); err != nil {
				t.Fatal(err)
			}
			c, err := parseTest(nil, tt.text+fixture.OneSensor)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range c.Warnings(t.Context(), tt.memory) {
				got = append(got, strings.ReplaceAll(w.Finding, dir, "DIR"))
			}
			if strings.Join(got, "\n") != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A hint never says to change the mode of what is not sensorpub's.
func TestNoWarningSaysToCloseWhatOthersNeed(t *testing.T) {
	shared := filepath.Join(t.TempDir(), "tmp")
	if err := os.Mkdir(shared, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	c := &Config{Spool: Spool{Dir: shared}, HTTP: HTTP{PasswordFile: shared}, Broker: Broker{PasswordFile: os.DevNull}}
	got := c.Warnings(t.Context(), 0)
	if len(got) != 1 || got[0].Hint != "name a directory that only the service uses" {
		t.Errorf("got %+v, want one warning, about the spool, without chmod", got)
	}
}

func TestSensorsThatDoNotFitIntoTheService(t *testing.T) {
	c := &Config{Sensors: make([]Sensor, 5000), Queue: Queue{Capacity: 1024}}
	if got := c.Warnings(t.Context(), ServiceMemory); len(got) != 1 || got[0].About != "memory" {
		t.Errorf("got %v, want a warning about memory", got)
	}
}
