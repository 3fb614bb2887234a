"""What was measured, as rows of a table: medians, ratios of pairs, aims."""
import statistics
from collections import defaultdict

from peers import C, OURS, PUB, PYTHON, RAW

COLUMNS = (OURS, RAW, C, PUB, PYTHON)


class Results:
    """The values of each measure by program, one for each round."""

    def __init__(self):
        self.values = defaultdict(lambda: defaultdict(list))

    def add(self, measure, name, value):
        self.values[measure][name].append(value)

    def median(self, measure, name):
        """None if the program does not take part."""
        all_of_it = self.values[measure].get(name)
        return statistics.median(all_of_it) if all_of_it else None

    def ratio(self, measure, name, of, of_measure=None):
        """The ratios of one program to another, round by round."""
        return spread([a / b for a, b in zip(self.values[measure][name], self.values[of_measure or measure][of])])

    def unrest(self, measure, name):
        """The distance of the quartiles, as a part of the median."""
        low, middle, high = spread(self.values[measure][name])
        return (high - low) / middle


def spread(values):
    """Lower quartile, median and upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


class Aim:
    """A bound of a ratio to another program, or of the value itself (to is None). With
    calm, a measurement counts as noisy if the other's own quartiles are further apart."""

    def __init__(self, bound, to=None, at_least=False, calm=None):
        self.bound, self.to, self.at_least, self.calm = bound, to, at_least, calm

    def reached(self, value):
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self):
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}" + (f" of {self.to}" if self.at_least else f" × {self.to}" if self.to else "")


class Row:
    """A line of the table."""

    def __init__(self, measure, title, unit, aims=(), to=(), of=None, digits=0):
        self.measure, self.title, self.unit, self.aims, self.digits = measure, title, unit, aims, digits
        self.to = to or tuple(a.to for a in aims if a.to)  # ratios to these are shown
        self.of = of  # whose measure of another name the ratio is to


LOADS = ("1×1", "10×10", "100×1", "1,000×1")


def rows():
    yield Row("burst 1", "burst, window 1", "messages/s", to=(RAW,))
    yield Row("burst 16", "burst, window 16", "messages/s", [Aim(0.9, RAW, at_least=True)])
    yield Row("burst 1000", "burst, window 1,000 (sensorpub: 32)", "messages/s", to=(RAW,))
    yield Row("spool 16", "burst from the spool, window 16", "messages/s", to=(RAW,), of="burst 16")
    cpu = {"1×1": [Aim(3.2, C, calm=0.2)], "10×10": [Aim(1.9, C, calm=0.2), Aim(0.4, PYTHON)]}
    for load in LOADS:
        yield Row(f"cpu {load}", f"CPU time, {load}", "µs/reading", cpu.get(load, ()), (C, PYTHON), digits=1)
    for load in LOADS:
        yield Row(f"wakeups {load}", f"wake-ups, {load}", "per second", {"1×1": [Aim(7)], "10×10": [Aim(100)]}.get(load, ()), digits=1)
    for load in LOADS:
        yield Row(f"calls {load}", f"system calls, {load}", "per reading", digits=1)
    for load in LOADS:
        yield Row(f"wire {load}", f"on the wire, {load}", "bytes/reading")
    for load in LOADS:
        yield Row(f"rss {load}", f"memory (RSS), {load}", "MiB", {"1×1": [Aim(10)], "10×10": [Aim(12)]}.get(load, ()), digits=1)
    yield Row("rss outage", "memory at most, 10×10, after 20 s of outage", "MiB", [Aim(16)], digits=1)
    yield Row("first", "start to first PUBACK", "ms", [Aim(2, C)], (C, PYTHON), digits=1)
    yield Row("card", "written to the card in an outage, ten readings a batch", "bytes/reading")
