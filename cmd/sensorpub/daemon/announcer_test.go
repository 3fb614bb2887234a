package daemon

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
)

// The sensor has as many quantities under its new name as under the old one, and they
// are read before the announcer looks.
func TestWhatARenamedDeviceHasIsAnnounced(t *testing.T) {
	root := fixture.Desk(t, nil)
	named := func(name string) *config.Config {
		t.Helper()
		c, err := parseOn(root, `
			[homeassistant]
			discovery = true
			form = "components"
			[[sensor]]
			name = "`+name+`"
			driver = "hwmon"
			options = { chip = "sht3x" }`)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	synctest.Test(t, func(t *testing.T) {
		d, b := newServedBy(t, named("greenhouse"))
		hup := make(chan os.Signal)
		d.HUP = hup
		d.Load = func(context.Context) (*config.Config, *mqtt.Client, error) { return named("conservatory"), d.mqtt, nil }
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			d.Run(ctx)
			close(ended)
		}()
		time.Sleep(12 * time.Second)
		hup <- nil
		time.Sleep(time.Minute)
		cancel()
		<-ended
		announced := make(map[string]bool)
		for _, m := range b.Messages() {
			announced[m.Topic] = len(m.Payload) > 0
		}
		for _, key := range []string{"conservatory__temperature", "conservatory__humidity"} {
			if topic := "homeassistant/sensor/sensorpub_garden-pi/" + key + "/config"; !announced[topic] {
				t.Errorf("got nothing on %s, want an announcement", topic)
			}
		}
	})
}
