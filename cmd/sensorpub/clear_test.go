package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher/spool"

	"sensorpub/publisher/mqtt/mqtttest"
)

// clear asks whether the daemon is running, and continues whatever the answer.
func TestClearWarnsOfARunningDaemon(t *testing.T) {
	t.Parallel()
	refuse := func(c *mqtttest.Conn, answer []byte) {
		answer[len(answer)-1] = 0x80
		c.Send(answer)
	}
	for _, c := range []struct {
		name, status string
		fault        mqtttest.Action // at SUBSCRIBE
		warns        bool
	}{
		{"it is online", "online", mqtttest.Answer, true},
		{"it is offline", "offline", mqtttest.Answer, false},
		{"there is no status", "", mqtttest.Answer, false},
		{"the broker refuses the subscription", "online", refuse, false},
		{"the broker closes the connection at the subscription", "online", mqtttest.Close, false},
		{"the broker does not answer the subscription", "online", mqtttest.Drop, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := mqtttest.Start(t)
			b.Inject(mqtttest.On(mqtttest.SUBSCRIBE, c.fault))
			config := fixture.WriteFile(t, "config.toml", `broker.urls = ["`+b.URL()+`"]`+fixture.OneSensor)
			const warning = "sensorpub/garden-pi/status" + " is online: the daemon is running"
			var got result
			var warned bool
			for range 10 { // a busy machine may take longer than clear waits
				b.Publish(mqtttest.Message{Topic: "temperature/outside", Payload: []byte("28.4"), Retain: true})
				if c.status != "" {
					b.Publish(mqtttest.Message{Topic: "sensorpub/garden-pi/status", Payload: []byte(c.status), Retain: true})
				}
				start := time.Now()
				got = sensorpub(t, nil, "clear", "--yes", "--config", config)
				if took := time.Since(start); took > clearWait/2 {
					t.Errorf("it took %v, want half a second", took)
				}
				if warned = strings.Contains(got.stderr, warning); warned == c.warns {
					break
				}
			}
			if got.code != 0 || got.stdout != "temperature/outside\n"+"sensorpub/garden-pi/status"+"\n" || warned != c.warns {
				t.Errorf("got %+v, want exit code 0, both topics and a warning: %v", got, c.warns)
			}
			if left := b.RetainedTopics(); len(left) > 0 {
				t.Errorf("got %q left, want nothing", left)
			}
		})
	}
}

func TestClearNamesTheAccessListWhenTheBrokerDisconnects(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	b.Inject(mqtttest.After(1, mqtttest.On(mqtttest.PUBLISH, mqtttest.Close)))
	got := sensorpub(t, nil, "clear", "--yes", "--config", fixture.WriteFile(t, "config.toml", `broker.urls = ["`+b.URL()+`"]`+fixture.OneSensor))
	// The kernel has two names for the end of a connection.
	want := regexp.MustCompile("^sensorpub: clear " + "sensorpub/garden-pi/status" +
		": connection lost: (closed by the broker|read: connection reset by peer)\nhint: the broker's access list may forbid")
	if got.code != 1 || got.stdout != "temperature/outside\n" || !want.MatchString(got.stderr) {
		t.Errorf("got %+v, want exit code 1 and %s", got, want)
	}
}

// What others retain on a topic to which this configuration publishes without
// the retain flag is not deleted, unless it is named.
func TestClearSkipsWhatIsNotRetained(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	config := fixture.WriteFile(t, "config.toml", `broker.urls = ["`+b.URL()+`"]`+fixture.OneSensor+"retain = false\n")
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, "sensorpub/garden-pi/status\n"},
		{[]string{"--topic", "temperature/outside"}, "temperature/outside\n"},
	} {
		got := sensorpub(t, nil, append([]string{"clear", "--yes", "--config", config}, c.flags...)...)
		if got.code != 0 || got.stdout != c.want {
			t.Errorf("clear %q: got exit code %d and %q, want %q", c.flags, got.code, got.stdout, c.want)
		}
	}
}

// A command on the configuration of the service finds the service's memory.
func TestWhereTopicsAreRemembered(t *testing.T) {
	root := t.TempDir()
	service := filepath.Join(root, serviceDir)
	own := t.TempDir()
	for _, dir := range []string{service, own} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := (&spool.Lines{Dir: dir}).Save(nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, file, dir, state, want string
	}{
		{"the service's", defaultConfig, "", "", service},
		{"another configuration has none", "config.toml", "", "", ""},
		{"a directory of its own", defaultConfig, own, "", own},
		{"within the service, which has turned it off", defaultConfig, "", "/var/lib/sensorpub", ""},
		{"nothing is remembered there", "config.toml", t.TempDir(), "", ""},
	} {
		e := testEnv(map[string]string{"SENSORPUB_ROOT": root, "STATE_DIRECTORY": c.state})
		e.file = c.file
		got := e.topicMemory(&config.Config{Spool: config.Spool{Dir: c.dir}})
		if c.want == "" && got != nil || c.want != "" && (got == nil || got.Dir != c.want) {
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}

// What a damaged memory has lost is deleted if the configuration has it.
func TestClearWithADamagedMemory(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	m := &spool.Lines{Dir: t.TempDir()}
	if err := m.Save([]string{"state old/topic", "state temperature/outside", "status sensorpub/garden-pi/status"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(m.Path())
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(text), "temperature", "tamperature", 1)
	if err := os.WriteFile(m.Path(), []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"old/topic", "temperature/outside", "sensorpub/garden-pi/status"} {
		b.Publish(mqtttest.Message{Topic: topic, Payload: []byte("28.4"), Retain: true})
	}
	config := fixture.WriteFile(t, "config.toml", `broker.urls = ["`+b.URL()+`"]`+"\nspool.dir = \""+m.Dir+"\""+fixture.OneSensor)
	got := sensorpub(t, nil, "clear", "--yes", "--config", config)
	if left := b.RetainedTopics(); len(left) > 0 || !strings.Contains(got.stderr, "topics may be missing") {
		t.Errorf("got %+v and %q left, want a warning and nothing left", got, left)
	}
}

// A writerFunc is a function that is called for each write.
type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestClearEndsAtASignalWhileItAsks(t *testing.T) {
	t.Parallel()
	ctx, signalled := context.WithCancel(t.Context())
	stdin, nobody := io.Pipe()
	var stderr bytes.Buffer
	e := testEnv(nil)
	e.stdin, e.args = stdin, []string{"clear", "--config", fixture.WriteFile(t, "config.toml", fixture.OneSensor)}
	e.stderr = writerFunc(func(p []byte) (int, error) {
		signalled()
		time.AfterFunc(5*time.Second, func() { nobody.Close() }) // or it would hang
		return stderr.Write(p)
	})
	err := execute(ctx, e)
	if err != nil || !strings.HasSuffix(stderr.String(), "[y/N] \nnothing was deleted\n") {
		t.Errorf("got %v and %q, want no error, and that nothing was deleted", err, stderr.String())
	}
}

// The service's user must not get a file of root by a link in its directory.
func TestKeepOwnerDoesNotFollowALink(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the owner of a file")
	}
	of := func(name string) uint32 {
		info, err := os.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	service, secret := fixture.WriteFile(t, "topics", ""), fixture.WriteFile(t, "shadow", "")
	if err := os.Chown(service, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(service)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(service), os.Symlink(secret, service), keepOwner(service, before)); err != nil {
		t.Fatal(err)
	}
	if of(secret) != 0 || of(service) != 12345 {
		t.Errorf("got the owners %d and %d, want 0 of the file and 12345 of the link", of(secret), of(service))
	}
}
