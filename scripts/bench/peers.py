"""The programs that are compared, each started the same way."""
import pathlib
import subprocess
import threading
import time

from machine import Process, program

HERE = pathlib.Path(__file__).parent
OURS, RAW, C, PUB, PYTHON = "sensorpub", "raw socket", "libmosquitto", "mosquitto_pub -l", "asyncio-mqtt"


def build(folder):
    """Compiles the peers that are written in C."""
    for name, libraries in (("raw", []), ("libmosquitto", ["-lmosquitto"])):
        subprocess.run([program("gcc"), "-O2", "-Wall", "-o", f"{folder}/{name}", HERE / f"{name}.c", *libraries], check=True)


class Peers:
    """Starts programs. folder has what build has built, binary is sensorpub's."""

    def __init__(self, folder, binary):
        self.folder, self.binary = pathlib.Path(folder), binary

    def start(self, name, what, port, a, b):
        """Starts a peer for "burst" (messages, window) or "edge" (sensors, ms)."""
        words = [what, str(port), str(a), str(b)]
        if name == PUB:
            return Lines(what, port, a, b)
        if name == PYTHON:
            return Process(name, ["/usr/bin/python3", HERE / "asynciomqtt.py", *words])
        if name == OURS:
            return self.sensorpub(port, a, b)
        return Process(name, [self.folder / {RAW: "raw", C: "libmosquitto"}[name], *words])

    def sensorpub(self, port, sensors, every, more="", prefix="s"):
        """Starts the daemon with mock sensors; more goes before them."""
        path = self.folder / f"config-{prefix}.toml"
        write_config(path, port, sensors, every, more, prefix)
        return Process(OURS, [self.binary, "run", "--config", path])


def write_config(path, port, sensors, every, more="", prefix="s"):
    text = f'[broker]\nurls = ["mqtt://127.0.0.1:{port}"]\nclient_id = "bench-{prefix}"\n{more}'
    for n in range(sensors):
        text += (f'[[sensor]]\nname = "{prefix}{n}"\ndriver = "mock"\ninterval = "{every}ms"\n'
                 "options = { values = [28.4, 28.5] }\n")
    pathlib.Path(path).write_text(text)


class Lines(Process):
    """mosquitto_pub -l, which sends all to one topic, and who writes its lines."""

    def __init__(self, what, port, a, b):
        window = b if what == "burst" else 20
        super().__init__(PUB, [program("mosquitto_pub"), "-p", str(port), "-q", "1", "-l", "-M", str(window),
                               "-t", "temperature/m0", *(["-r"] if what == "edge" else [])], subprocess.PIPE)
        write = self._write_all if what == "burst" else self._write_on_time
        threading.Thread(target=write, args=(a, b), daemon=True).start()

    def _write_all(self, messages, _):
        self._write(messages)
        self.popen.stdin.close()

    def _write_on_time(self, sensors, every):
        due = time.monotonic()
        while self._write(sensors):
            due += every / 1000
            time.sleep(max(0, due - time.monotonic()))

    def _write(self, lines):
        try:
            self.popen.stdin.write(b"28.4\n" * lines)
            self.popen.stdin.flush()
            return True
        except (BrokenPipeError, ValueError):
            return False
