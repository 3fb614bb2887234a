//go:build paho

package mqtt

const throughLibrary = true
