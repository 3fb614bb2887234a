package discovery

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

// id reduces a text to letters, digits, _ and -, which is all that Home Assistant
// takes. What had to be changed gets the beginning of its hash, and so does what
// looks as if it had, so that two texts do not become one. It depends on nothing
// but the text. An id has no two of _ and - in a row, and none at its ends, so
// that ids can be joined.
func id(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if !isPlain(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(r)
		gap = false
	}
	// A single _ or - between others stays as it is.
	if kept := b.String(); len(kept) == len(text) && strings.ReplaceAll(text, "-", "_") == kept && !isHashed(text) {
		return text
	}
	return strings.TrimPrefix(b.String()+"_"+hash(text), "_")
}

// hashed is the length of a hash in characters.
const hashed = 8

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:hashed/2])
}

// isHashed reports whether a text ends like an id that has a hash.
func isHashed(text string) bool {
	end := text[max(len(text)-hashed, 0):]
	rest := strings.TrimSuffix(text, end)
	return len(end) == hashed && strings.Trim(end, "0123456789abcdef") == "" && (rest == "" || strings.HasSuffix(rest, "_"))
}

// isPlain reports whether a character is an ASCII letter or digit.
func isPlain(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// join joins ids, so that other ids give another text.
func join(ids ...string) string { return strings.Join(ids, "__") }

// latin writes letters of European languages as Home Assistant does in its own
// entity ids.
var latin = strings.NewReplacer(
	"ä", "a", "ö", "o", "ü", "u", "ß", "ss", "à", "a", "á", "a", "â", "a", "ã", "a", "å", "a", "æ", "ae", "ç", "c",
	"è", "e", "é", "e", "ê", "e", "ë", "e", "ì", "i", "í", "i", "î", "i", "ï", "i", "ñ", "n", "ò", "o", "ó", "o",
	"ô", "o", "õ", "o", "ø", "o", "œ", "oe", "ù", "u", "ú", "u", "û", "u", "ý", "y", "ą", "a", "ć", "c", "č", "c",
	"ď", "d", "ę", "e", "ě", "e", "ğ", "g", "ı", "i", "ł", "l", "ń", "n", "ň", "n", "ő", "o", "ř", "r", "ś", "s",
	"š", "s", "ş", "s", "ť", "t", "ů", "u", "ű", "u", "ź", "z", "ž", "z", "ż", "z",
)

// slug returns what the entity of a sensor's quantity is to be called in its entity
// id: "outside_temperature". It need not be unique: Home Assistant adds a number.
func slug(sensor, quantity string) string {
	s := words(sensor)
	if s == "" {
		s = "sensor_" + hash(sensor) // of a script that has no such letters
	}
	return withQuantity(s, words(quantity), "_")
}

// words returns the words of a text in small letters and digits, joined with _.
func words(text string) string {
	text = latin.Replace(strings.ToLower(text))
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !isPlain(r) }), "_")
}

// withQuantity appends what is measured, unless the name ends with it.
func withQuantity(name, quantity, space string) string {
	lower, end := strings.ToLower(name), strings.ToLower(quantity)
	switch {
	case name == "":
		return quantity
	case quantity == "", lower == end, strings.HasSuffix(lower, space+end):
		return name
	}
	return name + space + quantity
}

// labels are how the quantities are called whose names are abbreviations.
var labels = map[string]string{"co2": "CO₂", "voc": "VOC", "pm1": "PM1", "pm25": "PM2.5", "pm10": "PM10", "ph": "pH"}

func label(quantity string) string {
	if l, ok := labels[quantity]; ok {
		return l
	}
	return strings.ReplaceAll(quantity, "_", " ")
}

// entityName returns the name of an entity: "Outside temperature". Home Assistant
// puts the device's name before it, and cuts that off a name that begins with it,
// within a word even.
func entityName(device, subject, what string) string {
	subject = strings.ReplaceAll(subject, "_", " ")
	plain := withQuantity(subject, what, " ")
	if rest, ok := cutName(plain, device); ok && strings.HasPrefix(rest, " ") {
		plain = strings.TrimSpace(rest)
	}
	for _, name := range []string{plain, strings.TrimSuffix(what+" of "+subject, " of "), "value: " + plain, "the " + plain} {
		if _, clash := cutName(name, device); !clash {
			return capital(name)
		}
	}
	return capital(plain)
}

// cutName cuts a name off the beginning of a text, in whichever case it is.
func cutName(text, name string) (rest string, ok bool) {
	if len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return text, false
	}
	return text[len(name):], true
}

// capital makes the first letter a capital, if the word has no capital yet: not
// that of pH.
func capital(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if strings.ContainsFunc(word, unicode.IsUpper) {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
