package main

import (
	"slices"
	"testing"
	"time"
)

func TestOutageEndsWithTheFirstConnectionAndTheFirstPuback(t *testing.T) {
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	var m member
	m.connect(at(0))
	m.ack(at(1))
	m.lose(at(10), "one", true)
	m.connect(at(12))
	m.lose(at(14), "two", true) // before the first PUBACK
	m.connect(at(16))
	m.ack(at(17))
	m.ack(at(18))
	m.down() // killed
	m.connect(at(30))
	want := []outage{{"one", at(10), at(12), at(17)}}
	if got := m.allOutages(); !slices.Equal(got, want) || !m.isConnected() {
		t.Errorf("got %v, connected %t, want %v", got, m.isConnected(), want)
	}
	m.lose(at(40), "one", true)
	if got := m.allOutages(); len(got) != 2 || m.isConnected() {
		t.Errorf("got %v, connected %t, want two outages", got, m.isConnected())
	}
}

func TestProcessDoesNotSayWhenItHadAPuback(t *testing.T) {
	var m member
	for range 2 {
		m.lose(noon, "one", false)
		m.connect(noon)
	}
	if got := m.allOutages(); len(got) != 2 || !got[0].acked.IsZero() {
		t.Errorf("got %v, want two outages", got)
	}
}
