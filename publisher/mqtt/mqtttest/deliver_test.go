package mqtttest

import (
	"testing"
)

func TestSubscribersGetMessagesAndRetainedOnes(t *testing.T) {
	b := Start(t)
	b.Publish(Message{Topic: "a/b", Payload: []byte("old"), Retain: true, QoS: 1})
	b.Publish(Message{Topic: "$SYS/x", Payload: []byte("hidden"), Retain: true})
	sub := connected(t, b, "sub")
	sub.send(encode(0x82, []byte{0, 5}, text("#"), []byte{1}, text("q0/+"), []byte{0})...)
	sub.expect(0x90, 4, 0, 5, 1, 0)
	id := sub.expectMessage(0x33, "a/b", "old")
	sub.send(ack(PUBACK, id)...)

	pub := connected(t, b, "pub")
	pub.publish("a/b", "new", 1, 1)
	pub.expect(0x40, 2, 0, 1)
	sub.send(ack(PUBACK, sub.expectMessage(0x32, "a/b", "new"))...)
	pub.publish("q0/x", "zero", 0, 0)
	sub.expectMessage(0x30, "q0/x", "zero")
	pub.publish("a/b", "", 1, 2)
	pub.expect(0x40, 2, 0, 2)
	sub.send(ack(PUBACK, sub.expectMessage(0x32, "a/b", ""))...)
	if topics := b.RetainedTopics(); len(topics) != 2 || topics[0] != "$SYS/x" || topics[1] != "q0/x" {
		t.Errorf("got retained topics %q, want $SYS/x and q0/x", topics)
	}

	sub.send(encode(0xa2, []byte{0, 6}, text("#"))...)
	sub.expect(0xb0, 2, 0, 6)
	pub.publish("a/c", "unseen", 1, 3)
	pub.expect(0x40, 2, 0, 3)
	sub.expectSilence()
}

func TestQoS2IsCompleteBothWays(t *testing.T) {
	b := Start(t)
	sub := connected(t, b, "sub")
	sub.send(encode(0x82, []byte{0, 1}, text("t"), []byte{2})...)
	sub.expect(0x90, 3, 0, 1, 2)
	pub := connected(t, b, "pub")
	pub.publish("t", "x", 2, 9)
	pub.expect(0x50, 2, 0, 9)
	if n := len(b.Acknowledged()); n != 0 {
		t.Errorf("got %d acknowledged before PUBCOMP, want 0", n)
	}
	again := publish(Message{Topic: "t", Payload: []byte("x"), QoS: 2, ID: 9, Retain: true, Dup: true})
	pub.send(again...)
	pub.expect(0x50, 2, 0, 9)
	pub.send(0x62, 2, 0, 9)
	pub.expect(0x70, 2, 0, 9)
	if n := len(b.Acknowledged()); n != 1 {
		t.Errorf("got %d acknowledged after PUBCOMP, want 1", n)
	}
	pub.send(0x62, 2, 0, 9)
	pub.expect(0x70, 2, 0, 9)

	id := sub.expectMessage(0x34, "t", "x")
	sub.send(ack(PUBREC, id)...)
	sub.expect(ack(PUBREL, id)...)
	sub.send(ack(PUBCOMP, id)...)
	sub.expectSilence() // the repetition is not delivered
}

func TestASessionOutlivesItsConnectionUnlessItIsClean(t *testing.T) {
	b := Start(t)
	persistent := connect("a")
	persistent[9] = 0
	b.Inject(On(PUBLISH, Drop))
	c := dial(t, b.Addr)
	c.send(persistent...)
	c.expect(0x20, 2, 0, 0)
	c.send(encode(0x82, []byte{0, 1}, text("sub"), []byte{0})...)
	c.expect(0x90, 3, 0, 1, 0)
	c.publish("t", "x", 1, 7)
	b.Await("the message", patience, func() bool { return len(b.Messages()) == 1 })
	b.Kill()
	b.Inject()
	b.Start(t)

	c = dial(t, b.Addr)
	c.send(persistent...)
	c.expect(0x20, 2, 1, 0)
	c.send(publish(Message{Topic: "t", Payload: []byte("x"), QoS: 1, ID: 7, Retain: true, Dup: true})...)
	c.expect(0x40, 2, 0, 7)
	b.Publish(Message{Topic: "sub", Payload: []byte("y")})
	c.expectMessage(0x30, "sub", "y")
	c.send(0xe0, 0)
	awaitEnd(b, 2)

	connected(t, b, "a").send(0xe0, 0)
	awaitEnd(b, 3)
	c = dial(t, b.Addr)
	c.send(persistent...)
	c.expect(0x20, 2, 0, 0)
}

func TestTopicFiltersSelectAsTheSpecificationSays(t *testing.T) {
	tests := []struct {
		filter, topic string
		want          bool
	}{
		{"a", "a", true},
		{"a", "b", false},
		{"a", "a/b", false},
		{"a/b", "a", false},
		{"a/#", "a", true},
		{"a/#", "a/b/c", true},
		{"#", "a/b", true},
		{"#", "$SYS/a", false},
		{"+/a", "$SYS/a", false},
		{"$SYS/#", "$SYS/a", true},
		{"+", "a", true},
		{"+", "/a", false},
		{"+/+", "/a", true},
		{"a/+", "a/", true},
		{"a/+/c", "a/b/c", true},
		{"a/+/c", "a/b/d", false},
		{"a/+", "a", false},
	}
	for _, test := range tests {
		if got := matches(test.filter, test.topic); got != test.want {
			t.Errorf("%q selects %q: got %v, want %v", test.filter, test.topic, got, test.want)
		}
	}
	for _, bad := range []string{"", "a#", "#/a", "a/b+", "+a", "##"} {
		if checkFilter(bad) == nil {
			t.Errorf("filter %q was accepted", bad)
		}
	}
}
