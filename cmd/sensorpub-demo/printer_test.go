package main

import "testing"

func TestPayloadText(t *testing.T) {
	for _, tt := range []struct{ name, payload, format, want string }{
		{"text", "28.4", "", "28.4"},
		{"json", `{"value":28.4,"unit":"°C"}`, "", `{"value":28.4,"unit":"°C"}`},
		{"binary", "@<ffffff", ">d", "28.4"},
		{"binary of a whole number", "\xbf\xf0\x00\x00\x00\x00\x00\x00", ">d", "-1.0"},
		{"binary that is not a number", "\x7f\xf8\x00\x00\x00\x00\x00\x00", ">d", `"\x7f\xf8\x00\x00\x00\x00\x00\x00"`},
		{"several lines from another client", "1\n2", "", `"1\n2"`},
		{"escape sequence from another client", "\x1b[2J", "", `"\x1b[2J"`},
		{"deleted", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := payloadText([]byte(tt.payload), tt.format); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
