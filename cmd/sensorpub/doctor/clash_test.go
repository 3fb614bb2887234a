package doctor

import (
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher/spool"
)

func TestDoctorNamesACopiedCard(t *testing.T) {
	dir := t.TempDir()
	on := func(id, serial string) string {
		return fixture.Machine(t, map[string]string{"etc/machine-id": id, "sys/firmware/devicetree/base/serial-number": serial + "\x00"})
	}
	lines, _ := config.CardOf(on("0123", "10000000abcdef")).Remember(nil)
	if err := (&spool.Lines{Dir: dir, Name: spool.BoardName}).Save(lines); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, root, want string }{
		{"the board on which it was", on("0123", "10000000abcdef"), ""},
		{"a copy with a machine id of its own", on("4567", "10000000abcdee"), ""},
		{"a copy", on("0123", "10000000abcdee"), "warn  card           used on board …cdef before this one (…cdee), with the same machine id\n      hint: " + ownIDs + "\n"},
	} {
		v := newVisit(t, c.root, "spool.dir = \""+dir+"\"\n"+fixture.OneSensor)
		v.checkConfig(t.Context())
		v.out.Reset()
		v.checkCard(t.Context())
		if got := v.out.String(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
