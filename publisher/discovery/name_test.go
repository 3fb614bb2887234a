package discovery

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

func TestIDs(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a ROM id stays", "28-0316a2794fff", "28-0316a2794fff"},
		{"bus and address stay", "i2c-1-0x76", "i2c-1-0x76"},
		{"capitals stay", "Garden_Pi", "Garden_Pi"},
		{"a space gets a hash", "my pi", "my_pi_6fb9acaf"},
		{"other scripts are nothing but a hash", "外", "0e826095"},
		{"two lines in a row get a hash", "a--b", "a_b_90827a2e"},
		{"a line at the end gets a hash", "a-", "a_9baf4407"},
		{"what looks like a hash gets another", "a_29cde475", "a_29cde475_b16d2468"},
		{"and alone", "29cde475", "29cde475_f09a12e5"},
	} {
		if got := id(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Among short texts of difficult characters, and the ids of those, no two have
// the same id, and no two pairs the same joined id.
func TestNoTwoTextsHaveTheSameID(t *testing.T) {
	good := regexp.MustCompile(`^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$`)
	texts := make(map[string]bool)
	characters := []string{"a", "0", "-", "_", " ", "é", "b", ".", "\xff"}
	for range 20000 {
		s := ""
		for range 1 + rand.IntN(5) {
			s += characters[rand.IntN(len(characters))]
		}
		texts[s] = true
		texts[id(s)] = true
	}
	seen, joined := make(map[string]string), make(map[string][2]string)
	var last string
	for s := range texts {
		i := id(s)
		if other, twice := seen[i]; twice {
			t.Errorf("got %q for %q and %q", i, s, other)
		}
		seen[i] = s
		if !good.MatchString(i) {
			t.Errorf("got %q for %q, want letters and digits, with single lines between", i, s)
		}
		pair := [2]string{s, last}
		j := join(id(s), id(last+"x"))
		if other, twice := joined[j]; twice {
			t.Errorf("got %q for %q and %q", j, pair, other)
		}
		joined[j], last = pair, s
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, node, sensor, quantity, want, slug string }{
		{"sensor and quantity", "pi", "outside", "temperature", "Outside temperature", "outside_temperature"},
		{"words", "pi", "living_room", "dew_point", "Living room dew point", "living_room_dew_point"},
		{"an abbreviation", "pi", "attic", "pm25", "Attic PM2.5", "attic_pm25"},
		{"the quantity once", "pi", "Outside Temperature", "temperature", "Outside Temperature", "outside_temperature"},
		{"the quantity alone", "pi", "humidity", "humidity", "Humidity", "humidity"},
		{"no capital in pH", "pi", "pH", "ph", "pH", "ph"},
		{"without the device's name", "Pi", "pi cpu", "temperature", "Cpu temperature", "pi_cpu_temperature"},
		{"not cut within a word", "out", "outside", "temperature", "Temperature of outside", "outside_temperature"},
		{"whatever the device is called", "t", "tap", "temperature", "Value: tap temperature", "tap_temperature"},
		{"letters with marks", "pi", "Außen Süd", "temperature", "Außen Süd temperature", "aussen_sud_temperature"},
		{"another script", "pi", "外", "temperature", "外 temperature", "sensor_0e826095_temperature"},
	} {
		if got := entityName(c.node, c.sensor, label(c.quantity)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if got := slug(c.sensor, c.quantity); got != c.slug {
			t.Errorf("%s: got %q, want %q", c.name, got, c.slug)
		}
	}
}
