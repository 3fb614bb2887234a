package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDoctorWithAMosquittoThatDropsOrCloses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		acl    string
		broker []string
		sensor []string
		want   []string // lines of the doctor's, each with what follows
		arrive bool     // what the daemon publishes reaches a subscriber
	}{
		{
			name: "its access list forbids the topic",
			acl:  "topic readwrite sensorpub/#\n",
			want: []string{"ok    publish  ", "FAIL  topic          temperature/outside (QoS 1, retained, 4 bytes): acknowledged, but not delivered\n"},
		},
		{
			name:   "the message is too large",
			broker: []string{"max_packet_size 120"},
			sensor: []string{`encoding = "json"`},
			want:   []string{"FAIL  publish  ", "FAIL  topic          temperature/outside (QoS 1, retained, 152 bytes): connection lost: "},
		},
		{
			name:   "it takes no retained messages",
			broker: []string{"retain_available false"},
			want:   []string{"FAIL  login  ", "hint: the broker accepts the connection without a retained will"},
		},
		{
			name: "its access list allows the topic",
			acl:  "topic readwrite sensorpub/#\ntopic readwrite temperature/#\n",
			want: []string{"ok    topics         2 of 2 topics: a message came back\n"}, arrive: true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			extra := c.broker
			if c.acl != "" {
				acl := filepath.Join(t.TempDir(), "acl")
				if err := os.WriteFile(acl, []byte(c.acl), 0o600); err != nil {
					t.Fatal(err)
				}
				extra = append(extra, "acl_file "+acl)
			}
			m := startMosquitto(t, extra...)
			config := configFile(t, brokerConfig(m.tcp())+once("outside", 28.4, c.sensor...))
			got := invoke(t, "", "doctor", "--config", config, "--reads", "1")
			for _, want := range c.want {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("got\n%s\nwant %q in it", got.stdout, want)
				}
			}
			if (got.code == 0) != c.arrive {
				t.Errorf("got exit code %d, want a failure unless messages arrive", got.code)
			}
			if left := retained(t, m.addr, "#"); len(left) != 0 {
				t.Errorf("got %v retained afterwards, want nothing", left)
			}
		})
	}
}
