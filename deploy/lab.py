"""What scripts/check-deploy starts and looks at: processes, ports, a certificate
authority, a link that can be cut, and a subscriber that sees everything."""

import contextlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time


def fail(message):
    sys.exit(f"check-deploy: {message}")


def wait(what, condition, timeout=60):
    """Returns the first true value of condition; exits after timeout seconds."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            fail(f"{what}: not within {timeout} s")
        time.sleep(0.05)
    return value


candidates = iter(random.sample(range(22000, 23000), 1000))


def port():
    """Returns a free port, below those that the system gives to connections, and
    never the same one twice."""
    for number in candidates:
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", number))
            return number
    fail("no free port from 22000 to 22999")


def replace(text, pairs):
    """Replaces each old text, which must be there, by the new one."""
    for old, new in pairs.items():
        if old not in text:
            fail(f"configuration has no {old!r} any more")
        text = text.replace(old, new)
    return text


class Lab:
    """A directory, and the processes that were started in it."""

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="check-deploy-")
        os.chmod(self.dir, 0o755)  # Mosquitto gives up root and reads it as another user
        self.running = []
        return self

    def __exit__(self, *_):
        for p in self.running:
            if p.poll() is None:
                p.kill()
                p.wait()
        if os.environ.get("KEEP"):
            print(f"kept: {self.dir}", file=sys.stderr)
        else:
            shutil.rmtree(self.dir)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def start(self, name, *command, env=None, cwd=None):
        """Starts a process whose output is appended to NAME.log."""
        with open(self.path(name + ".log"), "ab") as log:
            p = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                 cwd=cwd or self.dir, env={**os.environ, **(env or {})})
        self.running.append(p)
        return p

    def run(self, *command, check=True, **more):
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.dir, **more)
        if check and r.returncode:
            fail(f"{' '.join(command)}: exit code {r.returncode}\n{r.stdout}")
        return r

    def authority(self):
        """Makes ca.crt and a certificate for 127.0.0.1, node.crt and node.key."""
        ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        self.run("openssl", "req", "-x509", *ec, "-days", "2", "-subj", "/CN=check-deploy CA", "-keyout", "ca.key", "-out", "ca.crt")
        self.run("openssl", "req", *ec, "-subj", "/CN=127.0.0.1", "-keyout", "node.key", "-out", "node.csr")
        self.write("node.ext", "subjectAltName=IP:127.0.0.1\n")
        self.run("openssl", "x509", "-req", "-in", "node.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "2", "-extfile", "node.ext", "-out", "node.crt")


class Link:
    """A TCP relay to a port. While cut it takes everything and passes on nothing,
    like a route that swallows packets; mending it resets those connections."""

    def __init__(self, target):
        self.target, self.cut, self.open = target, False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            self.open += [near, far]
            threading.Thread(target=self.pump, args=(near, far), daemon=True).start()
            threading.Thread(target=self.pump, args=(far, near), daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.cut:
                    sink.sendall(data)
        while self.cut:  # the end of a connection does not get through either
            time.sleep(0.1)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.cut = False
        for s in self.open:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.open = []


class Witness:
    """A subscriber to everything, with a session that outlives its connection."""

    def __init__(self, lab, *arguments):
        lab.start("witness", "stdbuf", "-oL", "mosquitto_sub", *arguments, "-i", "witness", "-c", "-q", "1", "-t", "#", "-F", "%U %t %p")
        self.log, self.seen, self.rest = open(lab.path("witness.log"), "rb"), [], b""

    def messages(self):
        """Returns (time of arrival, topic, payload) of all messages so far."""
        *lines, self.rest = (self.rest + self.log.read()).split(b"\n")
        for line in lines:
            if re.match(rb"\d+\.\d+ ", line):  # not what mosquitto_sub itself has to say
                at, topic, payload = line.decode().split(" ", 2)
                self.seen.append((float(at), topic, payload))
        return self.seen

    def payload(self, topic):
        """Returns the last payload of a topic, or None."""
        return next((p for _, t, p in reversed(self.messages()) if t == topic), None)

    def series(self, prefix):
        """Returns, for each topic of JSON readings below prefix, [(time, seq)]."""
        found = {}
        for at, topic, payload in self.messages():
            if topic.startswith(prefix) and payload.startswith("{") and '"seq"' in payload:
                found.setdefault(topic, []).append((at, json.loads(payload)["seq"]))
        return found

    def complete(self, prefix):
        """Exits if a seq is missing below prefix, or the last of a topic is not its
        newest. Returns how many readings came, and how many of them twice."""
        total = repeats = 0
        for topic, points in self.series(prefix).items():
            seqs = [seq for _, seq in points]
            if missing := sorted(set(range(1, max(seqs) + 1)) - set(seqs)):
                fail(f"{topic}: {len(missing)} readings lost, the first is seq {missing[0]} of {max(seqs)}")
            if seqs[-1] != max(seqs):
                fail(f"{topic}: ends with seq {seqs[-1]}, the newest is {max(seqs)}")
            total, repeats = total + len(set(seqs)), repeats + len(seqs) - len(set(seqs))
        return total, repeats
