package mqtt

import (
	"net"
	"strings"
	"testing"
)

const (
	wantForm     = "want mqtt://HOST:PORT, mqtts://HOST:PORT, ws://HOST:PORT/PATH or wss://HOST:PORT/PATH"
	wantScheme   = "want a scheme before the host, as in mqtt://HOST:1883"
	wantUserinfo = "want no user or password in a URL, but username and password_file"
	wantZone     = "want %25 for the % before an interface, as in mqtt://[fe80::1%25eth0]:1883"
	wantList     = `want a list of URLs, as in urls = ["mqtt://HOST:1883", "mqtt://OTHER:1883"]`
	wantName     = "want a host name of letters, digits, - and . (an international one in its form with xn--), or an address"
	wantPort     = "want a port from 1 to 65535"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ raw, want string }{
		{"mqtt://localhost", "mqtt://localhost:1883"},
		{"MQTTS://Broker.example/", "mqtts://Broker.example:8883"},
		{"ws://h", "ws://h:80"},
		{"wss://h:443/mqtt", "wss://h:443/***"},
		{"mqtt://my_broker.local.:1883", "mqtt://my_broker.local.:1883"},
		{"mqtt://[::1]", "mqtt://[::1]:1883"},
		{"mqtt://[2001:DB8::1]:1884", "mqtt://[2001:db8::1]:1884"},
		{"mqtt://[fe80::1%25eth0]:1883", "mqtt://[fe80::1%eth0]:1883"},
		{"mqtt://xn--brker-kva.example:1883", "mqtt://xn--brker-kva.example:1883"},
	} {
		u, err := ParseURL(c.raw)
		if err != nil {
			t.Errorf("%s: got %v, want %s", c.raw, err, c.want)
		} else if got := Display(u); got != c.want {
			t.Errorf("%s: got %s, want %s", c.raw, got, c.want)
		}
	}
}

func TestURLThatCannotBeDialledIsAnsweredWithTheRightForm(t *testing.T) {
	for _, c := range []struct{ raw, shown, want string }{
		{"mqtt://::1", "mqtt://::1", "want an IPv6 address in brackets: mqtt://[::1]"},
		{"mqtt://::1:24903", "mqtt://::1:24903", "want an IPv6 address in brackets: mqtt://[::1]:PORT"},
		{"wss://2001:db8::7:443/mqtt", "wss://2001:db8::7:443/***", "want an IPv6 address in brackets: wss://[2001:db8::7:443]"},
		{"mqtt://fe80::1", "mqtt://fe80::1", "want an IPv6 address in brackets and its interface, as in mqtt://[fe80::1%25eth0]:1883"},
		{"mqtt://fe80::1%eth0", "mqtt://fe80::1%eth0", "want an IPv6 address in brackets and its interface, as in mqtt://[fe80::1%25eth0]:1883"},
		{"mqtt://[fe80::1]", "mqtt://[fe80::1]", "want the interface of a link-local address, as in mqtt://[fe80::1%25eth0]:1883"},
		{"mqtt://[fe80::1%eth0]:1883", "mqtt://[fe80::1%eth0]:1883", wantZone},
		{"mqtt://[fe80::1%25]:1883", "mqtt://***", wantZone},
		{"mqtt://[::1", "mqtt://[::1", wantForm},
		{"mqtt://[::1]1883", "mqtt://***", wantForm},
		{"mqtt://[home]:1883", "mqtt://***", "want an IPv6 address in the brackets"},
		{"mqtt://[127.0.0.1]:1883", "mqtt://[127.0.0.1]:1883", "want an IPv4 address without brackets"},
		{"mqtt://127.0.0.1:24903,10.0.0.2:24903", "mqtt://127.0.0.1:24903,***", wantList},
		{"mqtt://a:1883,mqtt://b:1883", "mqtt://a:1883,***", wantList},
		{"ws://a/mqtt,ws://b/mqtt", "ws://a/***", wantList},
		{"mqtt://a:1883 mqtt://b:1883", "mqtt://a:***", "want a URL without spaces and control characters"},
		{" mqtt://a", "***", "want a URL without spaces and control characters"},
		{"tcp://h:1883", "tcp://h:1883", "want mqtt:// in place of tcp://"},
		{"SSL://h", "SSL://h", "want mqtts:// in place of ssl://"},
		{"http://h:9001/mqtt", "http://h:9001/***", "want ws:// in place of http://"},
		{"https://h", "https://h", "want wss:// in place of https://"},
		{"unix:///run/mosquitto.sock", "unix:/***", wantForm},
		{"localhost", "localhost", wantScheme},
		{"localhost:1883", "localhost:1883", wantScheme},
		{"192.168.1.5", "192.168.1.5", wantScheme},
		{"192.168.1.5:1883", "192.168.1.5:1883", wantScheme},
		{"[::1]:1883", "[::1]:1883", wantScheme},
		{"mqtt:localhost", "mqtt:***", wantForm},
		{"mqtt:/localhost", "mqtt:/***", wantForm},
		{"//localhost", "/***", wantForm},
		{"", "", wantForm},
		{"mqtt://", "mqtt://", wantForm},
		{"mqtt://:1883", "mqtt://:1883", wantForm},
		{"mqtt://h:0", "mqtt://h:0", wantPort},
		{"mqtt://h:65536", "mqtt://h:65536", wantPort},
		{"mqtt://h:", "mqtt://h:", wantPort},
		{"mqtts://h/mqtt", "mqtts://h/***", "want a URL without a path, which only ws:// and wss:// have"},
		{"mqtt://192.168.1", "mqtt://192.168.1", "want a host name, or an IPv4 address of four numbers from 0 to 255"},
		{"mqtt://192.168.1.256", "mqtt://192.168.1.256", "want a host name, or an IPv4 address of four numbers from 0 to 255"},
		{"mqtt://192.168.01.5", "mqtt://192.168.01.5", "want a host name, or an IPv4 address of four numbers from 0 to 255"},
		{"mqtt://224.0.0.1", "mqtt://224.0.0.1", "want the address of one machine"},
		{"mqtt://255.255.255.255", "mqtt://255.255.255.255", "want the address of one machine"},
		{"mqtt://bröker.example", "mqtt://***", wantName},
		{"mqtt://a..b", "mqtt://a..b", wantName},
		{"mqtt://-h", "mqtt://***", wantName},
		{"mqtt://" + strings.Repeat("a", 64), "mqtt://***", wantName},
		{"ws://h/%zz", "ws://h/***", wantForm},
		{"ws://h/mqtt?token=hunter2", "ws://h/***", "want a URL without ? and #"},
		{"mqtt://h#hunter2", "mqtt://h#***", "want a URL without ? and #"},
	} {
		_, err := ParseURL(c.raw)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %q", c.raw, err, c.want)
		}
		if got := Redact(c.raw); got != c.shown {
			t.Errorf("%s: is shown as %s, want %s", c.raw, got, c.shown)
		}
	}
}

func TestWhatMayBeAPasswordIsNeverShown(t *testing.T) {
	for _, raw := range []string{
		"mqtt://u:hunter2@h", "mqtt://u:hunter2%40h", "mqtt://u:hunter2＠h:1883", "mqtt://u:hunter2﹫h",
		"mqtt://u:hunter2", "mqtt://u:hunter2:1883", "mqtt://u:hunter2/", "mqtt://u:x@hunter2", "mqtt://u:x@hunter2@h",
		"u:hunter2@h", "u:hunter2", "mqtt:u:hunter2@h", "hunter2@h", "mqtt://u,hunter2@h", "mqtt://u;hunter2",
		"mqtt://[u:hunter2]:1883", "mqtt://[::1]:hunter2", "mqtt://::1:hunter2", "hunter2://h@x", "mqtt://u%3Ahunter2%40h",
		"ws://h/hunter2", "ws://h?hunter2", "ws://h/#hunter2", "mqtt://u:hunter2 @h", "mqtt://u:1/hunter2@h", "mqtt://u\\hunter2",
	} {
		if got := Redact(raw); strings.Contains(got, "hunter2") {
			t.Errorf("%s: is shown as %s", raw, got)
		}
		if u, err := ParseURL(raw); err != nil && strings.Contains(err.Error(), "hunter2") || err == nil && strings.Contains(Display(u), "hunter2") {
			t.Errorf("%s: got %v and %v", raw, u, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"mqtt://h:1", "ws://[fe80::1%25eth0]/p", "mqtt://u:p@h", "mqtt://::1", "tcp://h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		shown := Redact(raw)
		u, err := ParseURL(raw)
		if strings.ContainsAny(raw, "@＠") && (err == nil || !strings.HasSuffix(shown, hidden)) {
			t.Errorf("%q: got %v, shown as %q", raw, err, shown)
		}
		if err != nil {
			return
		}
		if _, _, err := net.SplitHostPort(u.Host); err != nil || u.Hostname() == "" {
			t.Errorf("%q: its host is %q: %v", raw, u.Host, err)
		}
		if again, err := ParseURL(u.String()); err != nil || again.Host != u.Host {
			t.Errorf("%q: %q is %v, %v the second time", raw, u, again, err)
		}
	})
}
