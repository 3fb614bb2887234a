package doctor

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// oneSensor is the smallest valid configuration.
const oneSensor = `
[[sensor]]
name = "outside"
driver = "mock"
options = { values = [28.4] }
`

// patience bounds every wait for something that will happen.
const patience = time.Minute

// writeFile writes a file to a temporary directory.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// machine makes a directory tree with these files and returns its root.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// goodPad is a w1_slave of 23.125 °C.
const goodPad = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"

// desk is a machine with a probe on each interface that can be read from files.
func desk(t *testing.T, more map[string]string) string {
	files := map[string]string{
		"sys/bus/w1/devices/w1_bus_master1/uevent":                        "",
		"sys/bus/w1/devices/28-0316a2794fff/w1_slave":                     goodPad,
		"sys/bus/w1/devices/28-0316a279aaaa/w1_slave":                     "",
		"sys/bus/iio/devices/iio:device0/name":                            "dht11@4\n",
		"sys/bus/iio/devices/iio:device0/in_temp_input":                   "-5200\n",
		"sys/bus/iio/devices/iio:device0/in_humidityrelative_input":       "61000\n",
		"sys/class/hwmon/hwmon0/name":                                     "sht3x\n",
		"sys/class/hwmon/hwmon0/temp1_input":                              "21500\n",
		"sys/class/hwmon/hwmon0/humidity1_input":                          "48000\n",
		"sys/class/thermal/thermal_zone0/type":                            "cpu-thermal\n",
		"sys/class/thermal/thermal_zone0/temp":                            "48312\n",
		"sys/bus/i2c/devices/i2c-1/name":                                  "bcm2835 (i2c@7e804000)\n",
		"dev/i2c-1":                                                       "",
		"dev/spidev0.0":                                                   "",
		"proc/1/cmdline":                                                  "/sbin/init\x00",
		"sys/fs/cgroup/system.slice/sensorpub.service/cgroup.controllers": "",
	}
	maps.Copy(files, more)
	return machine(t, files)
}
