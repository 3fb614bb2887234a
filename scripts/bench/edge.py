"""What it costs to publish a few readings all day: processor, memory, wake-ups,
system calls and bytes on the wire."""
import random
import signal
import subprocess
import time

import peers
from machine import Broker, program, wait_for

LOADS = {"1×1": (1, 1000), "10×10": (10, 100), "100×1": (100, 1000), "1,000×1": (1000, 1000)}  # sensors, ms
SECONDS = {"1×1": 20, "10×10": 8, "100×1": 10, "1,000×1": 8}
CALLS = 5  # seconds, for which system calls are counted
SETTLE = 3  # seconds from the start of the programs on; sensorpub subscribes after 2 s
ALL = (peers.OURS, peers.C, peers.RAW, peers.PUB, peers.PYTHON)


class Edge:
    """Runs all programs beside each other, started in random order, so that each
    has the same disturbances."""

    def __init__(self, folder, programs, quick):
        self.folder, self.programs, self.quick = folder, programs, quick
        self.loads = list(LOADS)[:2 if quick else None]
        self.broker = Broker(folder)

    def close(self):
        self.broker.end()

    def round(self):
        """Yields of each load and program what was measured."""
        for load in random.sample(self.loads, len(self.loads)):
            seconds = SECONDS[load] // (4 if self.quick else 1)
            yield from ((load, name, costs) for name, costs in self.measure(load, seconds).items())

    def _start(self, load):
        sensors, every = LOADS[load]
        running = {}
        for name in random.sample(ALL, len(ALL)):
            running[name] = self.programs.start(name, "edge", self.broker.port, sensors, every)
            time.sleep(random.random() / 5)
        return running

    def measure(self, load, seconds):
        """Returns the costs of one reading of each program, and its memory."""
        sensors, every = LOADS[load]
        running = self._start(load)
        try:
            links = {name: wait_for(lambda p=p: p.connection(self.broker.port), 10, f"{name} does not connect")
                     for name, p in running.items()}
            time.sleep(SETTLE)
            before = {name: count(p, links[name]) for name, p in running.items()}
            time.sleep(seconds)
            costs = {}
            for name, p in running.items():
                now, was = count(p, links[name]), before[name]
                took = now["at"] - was["at"]
                readings = (now["received"] - was["received"]) / 4  # a PUBACK each
                expected = sensors * took * 1000 / every
                if abs(readings - expected) > 0.2 * expected + sensors:
                    raise RuntimeError(f"{name} at {load} has {readings} PUBACKs, want {expected:.0f}")
                costs[name] = {
                    "cpu": (now["cpu"] - was["cpu"]) / 1000 / readings,  # µs
                    "wakeups": (now["wakeups"] - was["wakeups"]) / took,
                    "wire": (now["wire"] - was["wire"]) / readings,
                    "rss": p.rss()[0],
                }
            for c in links.values():
                c.close()
            return costs
        finally:
            for p in running.values():
                p.end()

    def calls(self, load):
        """Returns how many system calls a reading takes, counted by perf."""
        sensors, every = LOADS[load]
        running = self._start(load)
        try:
            time.sleep(SETTLE)
            readings = sensors * CALLS * 1000 / every
            return {name: calls / readings for name, calls in system_calls(running, CALLS).items()}
        finally:
            for p in running.values():
                p.end()

    def outage(self):
        """Returns how much memory each program has had at most, at 10×10, when the
        broker has been away for 20 s."""
        running = self._start("10×10")
        try:
            time.sleep(SETTLE)
            self.broker.end()
            time.sleep(5 if self.quick else 20)
            most = {name: p.rss()[1] for name, p in running.items() if p.popen.poll() is None}
            self.broker = Broker(self.folder)
            return most
        finally:
            for p in running.values():
                p.end()


def count(p, link):
    return {"at": time.monotonic(), "cpu": p.cpu(), "wakeups": p.wakeups(), "wire": link.wire(), "received": link.received()}


def system_calls(running, seconds):
    """Counts by the tracepoint raw_syscalls:sys_enter (perf-stat(1))."""
    counters = {name: subprocess.Popen([program("perf"), "stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", str(p.pid)],
                                       stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
                for name, p in running.items()}
    time.sleep(seconds)
    for perf in counters.values():
        perf.send_signal(signal.SIGINT)
    return {name: int(perf.communicate()[1].split(",")[0]) for name, perf in counters.items()}
