package option

import "unicode"

// BadInText reports whether a character must not appear in a string of MQTT:
// brokers close the connection at control characters and Unicode non-characters
// (MQTT 3.1.1, section 1.5.3).
func BadInText(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Noncharacter_Code_Point, r)
}
