"""What an outage writes to the card."""
import os
import pathlib
import subprocess
import time

from machine import free_port

EVERY = 100  # ms from reading to reading; a batch is written each second
READINGS = 60


def bytes_per_reading(folder, programs):
    """Counts the sectors that reach a loop device with ext4, its journal included, or
    returns None without the rights for that. A file system so small would by default
    have smaller blocks than that of a card."""
    if os.geteuid() != 0:
        return None
    image, mount = pathlib.Path("/dev/shm") / f"card-{os.getpid()}", pathlib.Path(folder) / "card"
    mount.mkdir()
    with open(image, "wb") as f:
        f.truncate(64 << 20)
    try:
        subprocess.run(["mkfs.ext4", "-q", "-b", "4096", image], check=True)
        device = subprocess.run(["losetup", "-f", "--show", image], check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run(["mount", device, mount], check=True)
        try:
            return _measure(programs, device, mount)
        finally:
            subprocess.run(["umount", mount], check=True)
            subprocess.run(["losetup", "-d", device], check=True)
    finally:
        image.unlink()


def _measure(programs, device, mount):
    more = f'[spool]\ndir = "{mount}/spool"\nspill_after = "1s"\nflush_interval = "1s"\n'
    p = programs.sensorpub(free_port(), 1, EVERY, more, "k")
    try:
        time.sleep(2.5)  # the first batch has been written
        before = _written(device)
        time.sleep(READINGS * EVERY / 1000)
        return (_written(device) - before) / READINGS
    finally:
        p.end()


def _written(device):
    """Bytes, after a sync (Documentation/block/stat.rst)."""
    os.sync()
    stat = pathlib.Path(f"/sys/block/{os.path.basename(device)}/stat").read_text()
    return int(stat.split()[6]) * 512
