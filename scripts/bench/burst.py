"""How fast a burst is acknowledged, by window and by where it waits."""
import pathlib
import random
import shutil
import signal
import tempfile
import time

import peers
from machine import Broker, wait_for

MESSAGES = {peers.RAW: 40_000, peers.C: 40_000, peers.PUB: 20_000, peers.PYTHON: 5_000}
WINDOWS = (1, 16, 1000)
LARGEST = 32  # window of sensorpub
SENSORS = 1000  # with ten readings a second each, of sensorpub, while its queue is filled

# Nothing but readings, all of them sent as they wait in an outage.
PLAIN = 'window = {window}\nack_timeout = "1m"\n[availability]\ntopic = ""\nsensor_topic = ""\n[queue]\ncapacity = {capacity}\n'


class Burst:
    """One broker that is held while a program gets ready, so that of each the
    time from its CONNACK on is measured."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        self.broker = Broker(folder)

    def close(self):
        self.broker.end()

    def round(self, quick):
        """Yields what was measured, with messages a second."""
        todo = [(name, window, "memory") for name in (*MESSAGES, peers.OURS) for window in WINDOWS]
        todo.append((peers.OURS, 16, "spool"))
        random.shuffle(todo)
        for name, window, source in todo:
            if name == peers.OURS:
                rate = self._drain(min(window, LARGEST), source, 1 if quick else 4)
            else:
                rate = self._peer(name, window, MESSAGES[name])
            yield (name, window, source), rate

    def _peer(self, name, window, messages):
        self.broker.hold()
        p = self.programs.start(name, "burst", self.broker.port, messages, window)
        try:
            return self._rate(p, messages, window)
        finally:
            p.end()

    def _drain(self, window, source, seconds):
        """Fills the queue of a daemon whose broker does not answer, then lets it."""
        runtime = pathlib.Path(tempfile.mkdtemp(dir="/dev/shm"))
        more = PLAIN.format(window=window, capacity=1_000_000 if source == "memory" else 1024)
        if source == "spool":
            more += f'[spool]\nruntime_dir = "{runtime}"\n'
        self.broker.hold()
        p = self.programs.sensorpub(self.broker.port, SENSORS, 100, more, "b")
        try:
            time.sleep(seconds)
            peers.write_config(self.programs.folder / "config-b.toml", self.broker.port, SENSORS, 3_600_000, more, "b")
            p.signal(signal.SIGHUP)
            time.sleep(0.3)
            self._settle(p)
            return self._rate(p, int(seconds * SENSORS * 8), window)
        finally:
            p.end()
            shutil.rmtree(runtime)

    @staticmethod
    def _settle(p):
        """Waits until a process does nothing for 0.2 s."""
        before = p.cpu()
        while True:
            time.sleep(0.2)
            if (now := p.cpu()) - before < 2_000_000:
                return
            before = now

    def _rate(self, p, least, window):
        """Lets the broker answer and returns messages a second, of the time in which
        the window can be full: when nothing is left to send, Mosquitto holds its last
        PUBACKs back for 40 ms, until the client's kernel acknowledges the first of them
        (Nagle's algorithm)."""
        c = wait_for(lambda: p.connection(self.broker.port), 30, f"{p.name} does not connect")
        try:
            self.broker.go_on()
            answers = [(time.perf_counter(), 0)]  # when, how many: the CONNACK and PUBACKs, of 4 bytes each
            while time.perf_counter() - answers[-1][0] < (0.5 if answers[-1][1] > least else 5):
                time.sleep(0.001)
                if (n := c.received() // 4) > answers[-1][1]:
                    answers.append((time.perf_counter(), n))
        finally:
            c.close()
        total = answers[-1][1]
        if total <= least:
            raise RuntimeError(f"{p.name} has {total - 1} PUBACKs, want {least} or more")
        full = [a for a in answers[1:] if a[1] <= total - window]
        return (full[-1][1] - full[0][1]) / (full[-1][0] - full[0][0])
