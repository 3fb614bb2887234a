package drivers

import "testing"

// The probes of a new configuration share with those of the old that go on.
func TestOneWireTakesOver(t *testing.T) {
	old, next, last := &OneWire{}, &OneWire{}, &OneWire{}
	old.add("28-000000000001")
	old.add("28-000000000002")
	next.TakeOver(old) // no sensor is on 1-Wire
	last.add("28-000000000002")
	last.add("28-000000000003")
	last.add("28-000000000004")
	last.TakeOver(next)
	if last.line != old.line {
		t.Error("got two states of the bus, want one")
	}
	if n := len(*old.line.known.Load()); n != 3 || (*old.line.known.Load())["28-000000000001"] {
		t.Errorf("got %d ids, want the 3 that are configured", n)
	}
}
