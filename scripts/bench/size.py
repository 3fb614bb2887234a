"""How large the program for ARMv6 is, and whose its code is."""
import collections
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]

# The first that a package's path begins with.
PARTS = [
    ("sensorpub", ("sensorpub", "main.")),
    ("paho.mqtt.golang", ("github.com/eclipse/paho",)),
    ("gorilla/websocket", ("github.com/gorilla",)),
    ("BurntSushi/toml", ("github.com/BurntSushi",)),
    ("periph", ("periph.io",)),
    ("golang.org/x and go-systemd", ("golang.org/x", "github.com/coreos")),
    ("TLS, X.509 and cryptography (standard library)", ("crypto", "vendor/golang.org/x/crypto", "encoding/asn1", "math/big")),
    ("network and HTTP (standard library)", ("net", "vendor/golang.org/x", "mime")),
    ("runtime and all other of the standard library", ("",)),
]


def measure(folder):
    """Returns the bytes of the stripped program and those of the code of each part."""
    def build(name, flags):
        env = os.environ | {"DIST": str(folder), "STRIP": flags}
        subprocess.run([ROOT / "scripts" / "cross", "armv6"], check=True, env=env, stdout=subprocess.DEVNULL)
        return (pathlib.Path(folder) / "sensorpub_linux_armv6").rename(pathlib.Path(folder) / name)

    total = build("stripped", "-s -w").stat().st_size
    symbols = subprocess.run(["go", "tool", "nm", "-size", build("symbols", "-w")], check=True, capture_output=True, text=True)
    code = collections.Counter()
    for line in symbols.stdout.splitlines():
        columns = line.split(maxsplit=3)
        if len(columns) == 4 and columns[2] in "Tt":
            code[next(part for part, starts in PARTS if columns[3].startswith(starts))] += int(columns[1])
    return total, code
