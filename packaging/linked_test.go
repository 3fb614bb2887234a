package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

func TestApacheLicenceIsLeftOut(t *testing.T) {
	licences := "This program.\n\n== Go\n\n-- LICENSE\n\nBSD text\n\n== periph\n\n-- LICENSE\n\n  Apache License\n terms\nEND OF TERMS AND CONDITIONS\n\n-- NOTICE\n\nBy somebody.\n"
	got, err := copyright(func(...string) (string, error) { return licences, nil })
	want := copyrightHead + "\n== Go\n\n-- LICENSE\n\nBSD text\n\n== periph\n\n-- LICENSE\n\nThe Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0\n\n-- NOTICE\n\nBy somebody.\n"
	if err != nil || got != want {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, got, want)
	}
}

func TestBillOfMaterials(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := billOfMaterials(self, "0.2.0+git1", time.Unix(0, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	again, _ := billOfMaterials(self, "0.2.0+git1", time.Unix(0, 0).UTC())
	if again != text {
		t.Error("got two bills of one binary")
	}
	var got bom
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	main := got.Metadata.Component
	if main.PURL != "pkg:golang/sensorpub@0.2.0%2Bgit1" || len(main.Hashes) != 1 || len(main.Hashes[0].Content) != 64 {
		t.Errorf("got %+v", main)
	}
	if std := got.Components[0]; std.Name != "std" || !strings.HasPrefix(std.Version, "1.") {
		t.Errorf("got %+v, want the standard library", std)
	}
	if got.Metadata.Timestamp != "1970-01-01T00:00:00Z" || !strings.HasPrefix(got.SerialNumber, "urn:uuid:") {
		t.Errorf("got %s, %s", got.Metadata.Timestamp, got.SerialNumber)
	}
}

func TestDateOfTheSource(t *testing.T) {
	if got, err := sourceDate("1764354914"); err != nil || got.Format(time.DateOnly) != "2025-11-28" {
		t.Errorf("got %v, error %v", got, err)
	}
	if _, err := sourceDate(""); err == nil {
		t.Error("no date: got no error")
	}
}
