// Package mqtt is the connection to a broker: dialling, the session, writing,
// keep-alive, the pauses between attempts, and what the log says of it all. It
// speaks MQTT 3.1.1 by paho.mqtt.golang, which is used here and nowhere else.
//
// A [Client] makes one [Session] after the other. A session ends with its
// connection and stores nothing: what was not acknowledged is for its user to
// send again.
//
// The package does not know readings, queues or the configuration file.
// Neither it nor package publisher imports the other: whoever wires them makes
// a Session into what the publisher asks for.
package mqtt
