package config

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

// A badConfig is a configuration with the exact error that it must give.
type badConfig struct{ name, text, want string }

var badConfigs = slices.Concat(badKeys, badBrokers, badTopics, badHTTP, badSections, badQuantities, badSignals, badSyntax, badDiscovery)

func TestBadConfigurations(t *testing.T) {
	for _, c := range badConfigs {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseTest(nil, c.text)
			if got := errText(err); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNoErrorRepeatsASecret(t *testing.T) {
	for _, c := range badConfigs {
		if _, err := parseTest(nil, c.text); strings.Contains(errText(err), "hunter2") {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestSystemdCredentialCountsAsAPassword(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/mqtt-password", []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := parseTest(map[string]string{"CREDENTIALS_DIRECTORY": dir}, `broker.urls = ["mqtt://h"]`+fixture.OneSensor)
	want := `config.toml: 2 errors
  config.toml:1: broker: username = "": want a user name, because there is the systemd credential "mqtt-password"
  config.toml:1: broker: urls: "mqtt://h": want mqtts:// or wss:// to send a password, or allow_plaintext_password = true`
	if got := errText(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
