"""Processes, what the kernel counts of them, and the broker."""
import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
SYS_PIDFD_GETFD = 438  # on every architecture of Linux 5.6 and later
HEADERS = 20 + 32  # bytes of IPv4 and of TCP with timestamps


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.002)
    return found


class Process:
    """A program that is measured, or the broker."""

    def __init__(self, name, argv, stdin=subprocess.DEVNULL):
        self.name = name
        self.popen = subprocess.Popen(argv, stdin=stdin, **QUIET)
        self.pid = self.popen.pid

    def signal(self, number):
        self.popen.send_signal(number)

    def end(self):
        self.popen.kill()
        self.popen.wait()
        if self.popen.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.popen.stdin.close()

    def _tasks(self, file):
        for task in os.listdir(f"/proc/{self.pid}/task"):
            yield pathlib.Path(f"/proc/{self.pid}/task/{task}/{file}").read_text()

    def cpu(self):
        """Nanoseconds on a CPU, all threads (Documentation/scheduler/sched-stats.rst)."""
        return sum(int(text.split()[0]) for text in self._tasks("schedstat"))

    def wakeups(self):
        """How often a thread has slept (proc(5), voluntary_ctxt_switches)."""
        return sum(field(text, "voluntary_ctxt_switches") for text in self._tasks("status"))

    def rss(self):
        """Resident memory in MiB, and the most of it so far."""
        text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return field(text, "VmRSS") / 1024, field(text, "VmHWM") / 1024

    def connection(self, port):
        """The process's connection to a port of this machine, or None."""
        with open("/proc/net/tcp", encoding="ascii") as f:
            rows = [line.split() for line in f]
        inodes = {f"socket:[{r[9]}]" for r in rows if r[2] == f"0100007F:{port:04X}" and r[3] == "01"}
        for fd in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                if os.readlink(f"/proc/{self.pid}/fd/{fd}") in inodes:
                    return Connection(self.pid, int(fd))
            except FileNotFoundError:
                pass
        return None


def field(text, name):
    return int(text.split(f"\n{name}:")[1].split()[0])


class Connection:
    """A connection of another process, seen from outside: nothing is in its way."""

    def __init__(self, pid, fd):
        pidfd = os.pidfd_open(pid)
        libc = ctypes.CDLL(None, use_errno=True)
        own = libc.syscall(SYS_PIDFD_GETFD, pidfd, fd, 0)
        os.close(pidfd)
        if own < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        self.sock = socket.socket(fileno=own)

    def close(self):
        self.sock.close()

    def received(self):
        """Bytes of the stream that have come (struct tcp_info in linux/tcp.h)."""
        return struct.unpack_from("Q", self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), 128)[0]

    def wire(self):
        """Bytes of IP packets, both ways."""
        info = self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        received, out, into = struct.unpack_from("QII", info, 128)
        sent = struct.unpack_from("Q", info, 200)[0]
        return sent + received + HEADERS * (out + into)


class Broker(Process):
    """A Mosquitto of its own, on a port that was free."""

    def __init__(self, folder):
        self.port = free_port()
        self.config = pathlib.Path(folder) / f"mosquitto-{self.port}.conf"
        self.config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nlog_type error\n")
        super().__init__("mosquitto", [program("mosquitto"), "-c", self.config])
        wait_for(self._accepts, 10, "mosquitto does not accept connections")

    def _accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except ConnectionRefusedError:
            return False

    def hold(self):
        """Stops answering; the kernel still accepts connections."""
        self.signal(signal.SIGSTOP)

    def go_on(self):
        self.signal(signal.SIGCONT)


def program(name):
    for folder in (*os.environ["PATH"].split(":"), "/usr/sbin", "/usr/bin"):
        if os.access(f"{folder}/{name}", os.X_OK):
            return f"{folder}/{name}"
    raise FileNotFoundError(f"{name} is not installed")
