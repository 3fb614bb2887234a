package spool

import (
	"testing"
)

func benchSpool(b *testing.B) *Spool {
	s := testSpool(nil)
	s.Dir, s.RuntimeDir = "", b.TempDir()
	s.Clock = nil
	if _, err := s.Open(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return s
}

func BenchmarkAppend(b *testing.B) {
	s := benchSpool(b)
	r := testReading(1)
	for b.Loop() {
		s.Append(r)
	}
}

func BenchmarkAppendSettleCommit(b *testing.B) {
	s := benchSpool(b)
	r := testReading(1)
	for b.Loop() {
		p, _ := s.Append(r)
		s.Settle(p)
		s.Commit()
	}
}

func BenchmarkLoad1000(b *testing.B) {
	s := benchSpool(b)
	for range 5000 {
		s.Append(testReading(1))
	}
	for b.Loop() {
		if got := len(s.load(0, everything, 1000, false)); got != 1000 {
			b.Fatalf("got %d records, want 1000", got)
		}
	}
}
