"""How fast a burst gets to its last PUBACK, by window and by where it waits."""
import pathlib
import random
import shutil
import signal
import tempfile
import time

import peers
from machine import Broker, wait_for

MESSAGES = {peers.RAW: 5_000, peers.C: 5_000, peers.PUB: 5_000, peers.PYTHON: 1_000}
WINDOWS = (1, 16, 1000)
LARGEST = 32  # window of sensorpub
SENSORS = 100  # with ten readings a second each, of sensorpub, while its queue is filled

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
                rate = self._drain(min(window, LARGEST), source, 1 if quick else 5)
            else:
                rate = self._peer(name, window, MESSAGES[name])
            yield (name, window, source), rate

    def _peer(self, name, window, messages):
        self.broker.hold()
        p = self.programs.start(name, "burst", self.broker.port, messages, window)
        try:
            return self._time(p, messages)
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
            return self._time(p, int(seconds * SENSORS * 8))
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

    def _time(self, p, least):
        """Lets the broker answer and returns messages a second, from the CONNACK,
        which has 4 bytes as a PUBACK has, to the last PUBACK."""
        c = wait_for(lambda: p.connection(self.broker.port), 30, f"{p.name} does not connect")
        try:
            self.broker.go_on()
            wait_for(lambda: c.received() >= 4, 30, f"{p.name} gets no CONNACK")
            start = end = time.perf_counter()
            got = 4
            while time.perf_counter() - end < (0.5 if got >= 4 * least else 5):
                time.sleep(0.001)
                if (now := c.received()) > got:
                    got, end = now, time.perf_counter()
            if got < 4 + 4 * least:
                raise RuntimeError(f"{p.name} has {got // 4 - 1} PUBACKs, want {least} or more")
            return (got // 4 - 1) / (end - start)
        finally:
            c.close()
