package main

import "testing"

func TestNetworkOfAnAddress(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:9110": "tcp4", "0.0.0.0:9110": "tcp4", "[::1]:9110": "tcp", "[::]:9110": "tcp", "localhost:9110": "tcp", ":9110": "tcp",
	} {
		if got := network(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
