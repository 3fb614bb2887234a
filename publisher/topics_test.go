package publisher

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatIsRemovedIsDeletedInOrder(t *testing.T) {
	announced := retainedBy("a", "b")
	announced.Announcements = []Announcement{{Topic: "discovery/1", Payload: []byte("1")}, {Topic: "discovery/2", Payload: []byte("2")}}
	changed := retainedBy("a")
	changed.Announcements = []Announcement{{Topic: "discovery/1", Payload: []byte("1, without b")}}
	bare, renamed, taken := retainedBy("a", "b"), retainedBy("a", "b"), retainedBy("a")
	bare.Routes[1].Retain = false
	renamed.Routes[1].Topic = "pond"
	taken.Routes[0].Topic = "temperature/b"
	elsewhere := retainedBy("a", "b")
	elsewhere.Availability = "elsewhere"
	for _, c := range []struct {
		name          string
		before, after Retained
		want          []string
	}{
		{"nothing has changed", announced, announced, nil},
		{"a sensor is added", retainedBy("a"), retainedBy("a", "b"), nil},
		{"a sensor is removed", retainedBy("a", "b"), retainedBy("a"), []string{"b/status offline", "temperature/b", "b/status"}},
		{"a sensor has another topic", retainedBy("a", "b"), renamed, []string{"temperature/b"}},
		{"its messages are no longer retained", retainedBy("a", "b"), bare, []string{"temperature/b"}},
		{"its messages were not retained", bare, retainedBy("a"), []string{"b/status offline", "b/status"}},
		{"another sensor uses its topic now", retainedBy("a", "b"), taken, []string{"b/status offline", "temperature/a", "b/status"}},
		{"the node has another name", retainedBy("a", "b"), elsewhere, []string{"status offline", "status"}},
		{
			"a sensor that was announced is removed", announced, changed,
			[]string{"discovery/1 1, without b", "discovery/2", "b/status offline", "temperature/b", "b/status"},
		},
		{"discovery is turned off", announced, retainedBy("a", "b"), []string{"discovery/1", "discovery/2"}},
	} {
		for _, restart := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				memory := &testMemory{}
				topics, _ := newTestTopics(memory)
				topics.Configure(c.before)
				sendAll(topics, nil)
				want := c.want
				if restart {
					topics, _ = newTestTopics(memory)
					if slices.Equal(linesOf(c.before), linesOf(c.after)) { // the first connection of a process
						for _, a := range c.after.Announcements {
							want = append(want, a.Topic+" "+string(a.Payload))
						}
					}
				}
				time.Sleep(announcementGap)
				topics.Configure(c.after)
				if got := sendAll(topics, nil); !slices.Equal(got, want) {
					t.Errorf("%s, restart %v: sent %q, want %q", c.name, restart, got, want)
				}
				if got, want := memory.lines, linesOf(c.after); !slices.Equal(got, want) {
					t.Errorf("%s, restart %v: remembers %q, want %q", c.name, restart, got, want)
				}
				expectSent(t, sendAll(topics, nil))
			})
		}
	}
}

func TestKeepRemoved(t *testing.T) {
	synctest.Test(t, testKeepRemoved)
}

func testKeepRemoved(t *testing.T) {
	memory := &testMemory{}
	topics, log := newTestTopics(memory)
	both, one := retainedBy("a", "b"), retainedBy("a")
	both.Announcements = []Announcement{{Topic: "discovery", Payload: []byte("1")}}
	one.KeepRemoved = true
	topics.Configure(both)
	sendAll(topics, nil)
	time.Sleep(announcementGap)
	topics.Configure(one)
	expectSent(t, sendAll(topics, nil), "discovery")
	want := `msg="retained messages that are no longer published stay on the broker" topics="b/status temperature/b" hint=`
	if n := strings.Count(log.String(), want); n != 1 {
		t.Errorf("got %q, want %q once", log.String(), want)
	}
	one.KeepRemoved = false
	topics.Configure(one)
	expectSent(t, sendAll(topics, nil), "b/status offline", "temperature/b", "b/status")
}

func TestWhatIsInUseIsNotDeleted(t *testing.T) {
	for _, c := range []struct {
		name string
		used []string
		held []string
		want []string
	}{
		{"readings of the sensor wait", []string{"temperature/b"}, nil, []string{"b/status offline", "c/status offline", "temperature/c"}},
		{"its status has yet to say offline", []string{"b/status"}, nil, []string{"c/status offline"}},
		{
			"the broker refuses its topic", nil,
			[]string{"temperature/b"},
			[]string{"b/status offline", "c/status offline", "temperature/c", "b/status", "c/status"},
		},
	} {
		topics, _ := newTestTopics(nil)
		topics.Configure(retainedBy("a", "b", "c"))
		topics.Configure(retainedBy("a"))
		used := make(map[string]bool)
		for _, topic := range c.used {
			used[topic] = true
		}
		if got := sendAll(topics, used, c.held...); !slices.Equal(got, c.want) {
			t.Errorf("%s: sent %q, want %q", c.name, got, c.want)
		}
		topics.Configure(retainedBy("a", "b", "c"))
		expectSent(t, sendAll(topics, nil))
	}
}

func TestSensorThatComesBackWhileItsTopicIsDeleted(t *testing.T) {
	memory := &testMemory{}
	topics, _ := newTestTopics(memory)
	topics.Configure(retainedBy("a", "b"))
	topics.Configure(retainedBy("a"))
	for range 2 { // offline, and the state
		if _, ok := topics.nextCleanup(nil, heldBack{}); !ok {
			t.Fatal("nothing is deleted")
		}
		if _, ok := topics.nextCleanup(nil, heldBack{}); ok {
			t.Error("sent another before that was acknowledged")
		}
		topics.Configure(retainedBy("a", "b"))
		topics.acknowledged()
		expectSent(t, sendAll(topics, nil))
		if want := linesOf(retainedBy("a", "b")); !slices.Equal(memory.lines, want) {
			t.Errorf("remembers %q, want %q", memory.lines, want)
		}
		topics.Configure(retainedBy("a"))
		topics.nextCleanup(nil, heldBack{})
		topics.lost() // with the connection
	}
	expectSent(t, sendAll(topics, nil), "b/status offline", "temperature/b", "b/status")
}

func TestAnnouncementIsSentWhenItHasChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := retainedBy("a")
		w.Announcements = []Announcement{{Topic: "x", Payload: []byte("1")}, {Topic: "diagnostics"}}
		topics, _ := newTestTopics(nil)
		topics.Configure(w)
		expectSent(t, sendAll(topics, nil), "x 1")
		topics.Announce("diagnostics", []byte("{}"))
		topics.Announce("unknown", []byte("{}"))
		topics.Announce("temperature/a", []byte("{}"))
		expectSent(t, sendAll(topics, nil), "diagnostics {}")
		w.Announcements[0].Payload = []byte("2")
		topics.Configure(w)
		expectSent(t, sendAll(topics, nil)) // within the same second
		if got := time.Until(topics.next()); got != announcementGap {
			t.Errorf("the next is due in %v, want %v", got, announcementGap)
		}
		time.Sleep(announcementGap)
		if _, ok := topics.nextAnnouncement(time.Now(), heldBack{}); !ok {
			t.Error("nothing is due")
		}
		topics.lost()
		time.Sleep(announcementGap)
		expectSent(t, sendAll(topics, nil), "x 2") // as that may not have arrived
		topics.again(5 * time.Second)
		topics.again(time.Second) // when it is due already
		time.Sleep(4 * time.Second)
		expectSent(t, sendAll(topics, nil))
		time.Sleep(time.Second)
		expectSent(t, sendAll(topics, nil), "x 2", "diagnostics {}")
		expectSent(t, sendAll(topics, nil))
	})
}

func TestPartsAreRememberedUntilAnAnnouncementWithoutThemIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := func(parts ...string) Retained {
			return Retained{Announcements: []Announcement{{Topic: "the device", Payload: []byte(strings.Join(parts, ",")), Parts: parts}}}
		}
		memory := &testMemory{}
		expect := func(topics *Topics, want ...string) {
			t.Helper()
			if got := topics.Parts("the device"); !slices.Equal(got, want) {
				t.Errorf("got parts %q, want %q", got, want)
			}
		}
		topics, _ := newTestTopics(memory)
		expect(topics)
		topics.Configure(w("b", "a"))
		sendAll(topics, nil)
		topics, _ = newTestTopics(memory)
		topics.Configure(w("b", "c"))
		expect(topics, "a", "b", "c")
		topics, _ = newTestTopics(memory) // killed before it was sent
		expect(topics, "a", "b", "c")
		topics.Configure(w("b", "c"))
		expectSent(t, sendAll(topics, nil)) // another process may have just sent it
		time.Sleep(announcementGap)
		expectSent(t, sendAll(topics, nil), "the device b,c")
		expect(topics, "b", "c")
		topics, _ = newTestTopics(memory)
		expect(topics, "b", "c")
	})
}

// Nothing is deleted, nor remembered, to which nothing was ever sent: it may be
// somebody else's.
func TestTopicsOfOptionalRoutes(t *testing.T) {
	memory := &testMemory{}
	w := retainedBy("a", "b", "c")
	for i := range w.Routes {
		w.Routes[i].Optional, w.Routes[i].Status = true, ""
	}
	topics, _ := newTestTopics(memory)
	topics.Configure(w)
	expect := func(want ...string) {
		t.Helper()
		if !slices.Equal(memory.lines, want) {
			t.Errorf("remembers %q, want %q", memory.lines, want)
		}
	}
	expect("status status")
	for range 2 {
		topics.sent("temperature/a")
		topics.sent("temperature/b")
		expectSent(t, sendAll(topics, nil))
	}
	expect("state temperature/a", "state temperature/b", "status status")
	topics.Configure(w)
	if memory.saves != 2 {
		t.Errorf("written %d times, want 2", memory.saves)
	}
	topics, _ = newTestTopics(memory)
	topics.Configure(w)
	expect("state temperature/a", "state temperature/b", "status status")
	w.Routes = w.Routes[:1]
	topics.Configure(w)
	topics.sent("temperature/c") // which was waiting
	expectSent(t, sendAll(topics, nil), "temperature/b", "temperature/c")
	expect("state temperature/a", "status status")
}
