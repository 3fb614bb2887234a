"""Writes docs/performance.md."""
from peers import OURS
from results import COLUMNS, rows

BEGIN, END = "<!-- notes: written by hand, kept by the script -->\n", "<!-- end of notes -->\n"

INTRO = """# Performance

Written by `make bench`, which starts the programs below against one Mosquitto on one machine, in random order, and
compares them round by round. Only the section [Where the time goes](#where-the-time-goes) is written by hand.

![Ratios](performance.svg)

"""

EXPLAINED = """
Figures are medians of {rounds} rounds. A ratio is that of sensorpub to the program named, the median of the ratios of all
rounds, with the lower and upper quartile in brackets. The aims for CPU time relative to the C program hold for measurements
in which the quartiles of its own are at most 20% of the median apart; others are marked as noisy. N×R is N sensors with R
readings a second each, at QoS 1 and retained, with a payload of four bytes.

| program | is |
|---|---|
| sensorpub | the daemon with mock sensors and default settings, without a spool unless it says so |
| raw socket | [scripts/bench/raw.c](../scripts/bench/raw.c): C without a library, one write for all that is due |
| libmosquitto | [scripts/bench/libmosquitto.c](../scripts/bench/libmosquitto.c): one thread, one loop |
| mosquitto_pub -l | one line a message, all to one topic; `-M` is its window |
| asyncio-mqtt | [scripts/bench/asynciomqtt.py](../scripts/bench/asynciomqtt.py): one task for each sensor |

* Burst: the broker is stopped (SIGSTOP) while the program gets ready, for sensorpub until the readings of 1,000 sensors
  wait, some 40,000. It then goes on, and the PUBACKs are counted from outside, in the kernel's `TCP_INFO` of the program's
  own socket, from the first ones until less than a window is left: Mosquitto holds the last few back for 40 ms, until the
  client's kernel has acknowledged the one before them (Nagle's algorithm and a delayed acknowledgement), whatever the
  program. These messages are not retained. sensorpub keeps the last place of its window for a live reading.
* CPU time, wake-ups, memory and bytes: all programs run side by side, so that each meets the same disturbances.
  CPU time is that of all threads by the scheduler (`schedstat`), wake-ups are voluntary context switches. Bytes on the wire are the
  TCP payload both ways and 52 bytes for each segment, from `TCP_INFO`. With many readings a second, a program that falls
  behind sends more at a time, and so pays less for each.
* System calls are counted by perf, in a separate run.
* In the outage the broker is down for 20 s. asyncio-mqtt exits when it loses the connection.
* The first PUBACK is timed at a subscriber, to which Mosquitto sends the message at the moment it acknowledges it.
* The card is a loop device with ext4, its journal included, after a sync. Ten readings are what one probe with a reading
  a second has for a batch with `flush_interval = "10s"`.
"""


def table(results):
    """Returns the lines of the table."""
    lines = ["| | unit | " + " | ".join(COLUMNS) + " | ratio | aim | reached |", "|---|---|" + "---:|" * len(COLUMNS) + "---|---|---|"]
    for row in rows():
        if results.median(row.measure, OURS) is not None:
            lines.append("| " + " | ".join(cells(results, row)) + " |")
    return lines


def cells(results, row):
    medians = [results.median(row.measure, name) for name in COLUMNS]
    shown = ["" if m is None else f"{m:,.{row.digits}f}" for m in medians]
    ratios = []
    for name in row.to:
        low, middle, high = results.ratio(row.measure, OURS, name, row.of)
        ratios.append(f"{middle:.2f} × {name} ({low:.2f}–{high:.2f})")
    aims = [verdict(results, row, a) for a in row.aims]
    return [row.title, row.unit, *shown, ", ".join(ratios), ", ".join(str(a) for a in row.aims), ", ".join(aims)]


def verdict(results, row, aim):
    """Says whether an aim is reached, and if the measurement was too noisy for it."""
    said = "yes" if aim.reached(value_of(results, row, aim)) else "**no**"
    if aim.calm and (unrest := results.unrest(row.measure, aim.to)) > aim.calm:
        return f"{said} (noisy: {aim.to} varies by {unrest:.0%})"
    return said


def value_of(results, row, aim):
    """What an aim bounds, rounded as it is shown."""
    if aim.to:
        return round(results.ratio(row.measure, OURS, aim.to, row.of)[1], 2)
    return round(results.median(row.measure, OURS), row.digits)


def size_table(total, code):
    lines = ["| code of | bytes |", "|---|---:|"]
    lines += [f"| {part} | {n:,} |" for part, n in code.most_common()]
    lines.append(f"| everything else: type and line tables, data | {total - sum(code.values()):,} |")
    lines.append(f"| **the program** | **{total:,}** |")
    return lines


def write(path, results, rounds, machine, size):
    text = INTRO + "\n".join(table(results)) + "\n" + EXPLAINED.format(rounds=rounds)
    text += f"\nMeasured on {machine}.\n"
    text += "\n## Where the time goes\n\n" + BEGIN + notes(path) + END
    if size:
        text += "\n## Size of the program\n\nFor ARMv6, stripped, as it is in the package.\n\n" + "\n".join(size_table(*size)) + "\n"
    path.write_text(text)


def notes(path):
    """Returns what was written by hand."""
    if path.exists() and BEGIN in (old := path.read_text()):
        return old.split(BEGIN)[1].split(END)[0]
    return "\n"
