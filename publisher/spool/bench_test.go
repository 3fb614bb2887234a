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
		s.Settle(s.Append(r).Position)
		s.Commit()
	}
}

// BenchmarkDrain1000 reads and settles 1000 readings that are in files, and
// appends as many.
func BenchmarkDrain1000(b *testing.B) {
	s := benchSpool(b)
	r := testReading(1)
	for range 5000 {
		s.Append(r)
	}
	for b.Loop() {
		b.StopTimer()
		for range 1000 {
			s.Append(r)
		}
		b.StartTimer()
		for range 1000 {
			rec, ok, more := s.Next(0)
			if more && s.Load(0) {
				rec, ok, _ = s.Next(0)
			}
			if !ok {
				b.Fatal("got no reading")
			}
			s.Settle(rec.Position)
		}
		s.Commit()
	}
}
