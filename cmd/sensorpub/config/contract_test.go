package config

// contractExample has every section as documented.
const contractExample = `node = ""                                # default: the host name; used in topics and as identity

[broker]
urls       = ["mqtt://localhost:1883"]   # mqtt, mqtts, ws, wss; several: fail-over in order
client_id  = ""                          # default: stable per machine, safe on a cloned SD card
username   = ""
password_file = ""                       # or the systemd credential "mqtt-password"; never inline, never in the URL
allow_plaintext_password = false         # without it, a password over mqtt:// to anything but loopback is an error
keep_alive = "10s"
ack_timeout = "10s"                      # no PUBACK for that long: the connection is dropped and made anew
window     = 16                          # unacknowledged messages at a time, in order
[broker.tls]                             # ca_file, cert_file, key_file, server_name, min_version
[availability]
topic      = "sensorpub/{node}/status"   # retained "online"/"offline", also the will; "" turns it off

[publish]                                # each can be overridden per sensor
topic      = "{quantity}/{sensor}"       # {quantity} {sensor} {node} {driver}: gives temperature/outside
encoding   = "text"                      # text | binary | json
binary_format = ">d"                     # >d <d >f <f, the notation of Python's struct
qos        = 1                           # 0 | 1 | 2
retain     = true
precision  = 2                           # decimals kept

[queue]
capacity   = 1024                        # readings; the bounded channel between sensors and publisher
overflow   = "drop-oldest"               # drop-oldest | drop-newest | block
backlog    = "replay"                    # replay | latest | history: what an outage's readings become
max_age    = "0s"                        # 0s: no limit
grace      = "5s"                        # how long a stop may take to send what is queued
[spool]                                  # off unless dir is set; the systemd unit sets both
dir        = ""                          # on the card: written only in an outage, in batches
runtime_dir = ""                         # on tmpfs: survives kill -9, costs no card writes
spill_after = "10s"
flush_interval = "30s"
max_bytes  = 16777216

[homeassistant]
discovery  = false
prefix     = "homeassistant"

[http]
listen     = ""                          # "127.0.0.1:9110": status page, /metrics, /healthz
allow_remote = false                     # listen on anything but loopback
hosts      = []                          # further names by which the page may be asked for
password_file = ""                       # HTTP Basic, user "sensorpub"

[[sensor]]
name       = "outside"
driver     = "mock"
interval   = "10s"
options    = { values = [28.4] }         # the driver's own options
[sensor.filter]                          # min, max, max_step, confirmations, median, ema, deadband, heartbeat
[sensor.calibration]                     # offset, gain, or points = [[raw, true], ...]
`
