"""How long it takes from the start of a program to its first reading at the broker."""
import random
import socket
import struct
import time

import peers
from machine import Broker

ALL = (peers.OURS, peers.C, peers.RAW, peers.PYTHON)
TOPICS = {peers.OURS: "temperature/f0", peers.C: "temperature/c0", peers.RAW: "temperature/r0", peers.PYTHON: "temperature/p0"}


class First:
    """Has a subscriber: Mosquitto hands it a message in the same moment in which it
    acknowledges it."""

    def __init__(self, folder, programs):
        self.programs = programs
        self.broker = Broker(folder)

    def close(self):
        self.broker.end()

    def round(self, quick):
        """Yields of each program milliseconds, the median of some starts."""
        took = {name: [] for name in ALL}
        for _ in range(1 if quick else 5):
            for name in random.sample(ALL, len(ALL)):
                took[name].append(self._start(name))
        for name, all_of_it in took.items():
            yield name, sorted(all_of_it)[len(all_of_it) // 2]

    def _start(self, name):
        self._clear(TOPICS[name])
        with self._subscribe(TOPICS[name]) as witness:
            begin = time.perf_counter()
            if name == peers.OURS:
                p = self.programs.sensorpub(self.broker.port, 1, 1000, prefix="f")
            else:
                p = self.programs.start(name, "edge", self.broker.port, 1, 1000)
            try:
                if not witness.recv(1):
                    raise RuntimeError("the broker has closed the witness's connection")
                return (time.perf_counter() - begin) * 1000
            finally:
                p.end()

    def _connect(self):
        s = socket.create_connection(("127.0.0.1", self.broker.port), 20)
        s.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00")
        if s.recv(4) != b"\x20\x02\x00\x00":
            raise RuntimeError("no CONNACK for the witness")
        return s

    def _subscribe(self, topic):
        s = self._connect()
        s.sendall(struct.pack(">BBHH", 0x82, 5 + len(topic), 1, len(topic)) + topic.encode() + b"\0")
        if s.recv(5) != b"\x90\x03\x00\x01\x00":
            raise RuntimeError("no SUBACK for the witness")
        time.sleep(0.06)  # this machine acknowledges the SUBACK after 40 ms; until then Mosquitto sends nothing (Nagle)
        return s

    def _clear(self, topic):
        """Deletes what is retained of the last start."""
        with self._connect() as s:
            s.sendall(struct.pack(">BBH", 0x33, 4 + len(topic), len(topic)) + topic.encode() + b"\0\1")
            s.recv(4)
