package daemon

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher"
)

func TestExplanationOfATopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := newServed(t, "http.listen = \"127.0.0.1:9110\"\n"+fixture.OneSensor+"interval = \"10s\"\n")
		served := make(chan struct{})
		d.Beside = []func(context.Context) error{func(ctx context.Context) error {
			<-ctx.Done()
			close(served)
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			d.Run(ctx)
			close(ended)
		}()
		time.Sleep(15 * time.Second)
		synctest.Wait()
		e, found := d.Explain(liveTopic)
		if !found || e.Route.Sensor != "outside" || len(e.Decisions) != 2 || e.Decisions[1].Fate != publisher.FateAcknowledged {
			t.Errorf("got %+v, %v, want two readings that were acknowledged", e, found)
		}
		if sensor, ok := e.Sensor("outside"); !ok || sensor.Good.IsZero() {
			t.Errorf("got the sensor %+v, %v", sensor, ok)
		}
		if n := e.Lateness.Counts[0]; n != 1 {
			t.Errorf("got %+v, want one reading in time, as the first is never late", e.Lateness)
		}
		if n := e.Acks.Counts[0]; n < 3 {
			t.Errorf("got %+v, want two readings and online acknowledged", e.Acks)
		}
		if _, found := d.Explain("temperature/else"); found {
			t.Error("got an explanation of a topic that nothing publishes to")
		}
		cancel()
		<-ended
		<-served
	})
}
