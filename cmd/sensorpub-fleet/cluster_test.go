package main

import (
	"strings"
	"testing"
)

func TestAllOrdersOfBrokersAreEquallyCommon(t *testing.T) {
	c := &cluster{port: 1000}
	seen := make(map[string]int)
	for node := range 60 {
		seen[strings.Join(c.urls(node), " ")]++
	}
	if len(seen) != 6 {
		t.Errorf("got %d orders of three brokers, want 6", len(seen))
	}
	for order, times := range seen {
		if times != 10 || strings.Count(order, "mqtts://127.0.0.1:10") != brokers {
			t.Errorf("got %s %d times, want three brokers, 10 times", order, times)
		}
	}
	for b := range brokers {
		if got, want := c.urls(b)[0], "mqtts://"+c.at(b+1, 2); got != want {
			t.Errorf("got %s as the first of node %d, want %s", got, b, want)
		}
	}
}
