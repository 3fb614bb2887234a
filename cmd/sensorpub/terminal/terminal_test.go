package terminal

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"printed characters", "Wärme 28.4 °C 温度 🌱", "Wärme 28.4 °C 温度 🌱"},
		{"nothing", "", ""},
		{"an escape sequence", "\x1b[2J", `"\x1b[2J"`},
		{"another line", "a\nsensorpub: b", `"a\nsensorpub: b"`},
		{"back to the start of the line", "a\rb", `"a\rb"`},
		{"a control character of eight bits", "a\u009b31m", `"a\u009b31m"`},
		{"the other direction", "a\u202eb", `"a\u202eb"`},
		{"an invisible character", "a\u200bb", `"a\u200bb"`},
		{"bytes that are not text", "a\xff", `"a\xff"`},
	} {
		if got := Text(c.text); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if got, want := Lines("a: 2 errors\n  b\x1b\n  c"), "a: 2 errors\n  \"b\\x1b\"\n  c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHintsToRootDoWithoutSudo(t *testing.T) {
	const hint = "sudo modprobe w1-therm, then echo x | sudo tee y\x1b"
	if got, want := Hint(hint, false), `"sudo modprobe w1-therm, then echo x | sudo tee y\x1b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := Hint(hint, true), `"modprobe w1-therm, then echo x | tee y\x1b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWidth(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int
	}{
		{"Latin", "outside", 7},
		{"a letter with an accent", "é", 1},
		{"a letter and an accent", "e\u0301", 1},
		{"Chinese", "温度", 4},
		{"Korean", "온도", 4},
		{"fullwidth letters", "ＡＢ", 4},
		{"halfwidth kana", "ｱｲ", 2},
		{"an emoji", "🌱", 2},
		{"a sign that is shown as an emoji", "❤\ufe0f", 2},
		{"the same as a sign", "❤", 1},
		{"an emoji with the mark that it has anyway", "⚡\ufe0f", 2},
		{"degrees", "°C", 2},
	} {
		if got := Width(c.text); got != c.want {
			t.Errorf("%s: got %d columns, want %d", c.name, got, c.want)
		}
	}
	for i := range len(wide) - 1 {
		if wide[i][0] > wide[i][1] || wide[i][1] >= wide[i+1][0] {
			t.Errorf("got the range %x before %x, want them in order", wide[i], wide[i+1])
		}
	}
}

func TestTable(t *testing.T) {
	var table Table
	table.Add("温室", "temperature/温室", "QoS 1")
	table.Add("🌱", "temperature/x", "QoS 1", "every 10s")
	table.Add("evil\n", "x")
	table.Add("outside", "", "")
	want := "温室      temperature/温室  QoS 1\n" +
		"🌱        temperature/x     QoS 1  every 10s\n" +
		"\"evil\\n\"  x\n" +
		"outside\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestJSON(t *testing.T) {
	v := map[string]string{"<a>": "28.4 °C\n\u202e\u009b\xff\U000e0001"}
	if got, want := JSON(v), `{"<a>":"28.4 °C\n\u202e\u009b\ufffd\udb40\udc01"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestGuard(t *testing.T) {
	for _, c := range []struct {
		name   string
		writes []string
		want   string
	}{
		{"lines", []string{"28.4 °C\n", "a\tb\n"}, "28.4 °C\na\tb\n"},
		{"an escape sequence", []string{"a\x1b[2J\r\n"}, "a\\x1b[2J\\r\n"},
		{"a character in two writes", []string{"2\xc2", "\xb0C"}, "2°C"},
		{"part of a character", []string{"2\xc2", "C"}, "2\\xc2C"},
		{"the other direction", []string{"\u202e"}, "\\u202e"},
		{"nothing", []string{""}, ""},
	} {
		var b strings.Builder
		g := &Guard{W: &b}
		for _, w := range c.writes {
			if n, err := g.Write([]byte(w)); n != len(w) || err != nil {
				t.Errorf("%s: got %d, %v", c.name, n, err)
			}
		}
		if b.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, b.String(), c.want)
		}
	}
}
