"""Compares sensorpub with other programs that publish, and writes docs/performance.md
and docs/performance.svg.

Needs mosquitto, mosquitto-clients, libmosquitto-dev, gcc, python3-asyncio-mqtt and
linux-perf (Debian), and bin/sensorpub. As root it also measures what goes to the card.
"""
import argparse
import contextlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

import burst
import card
import edge
import first
import page
import peers
import plot
import results
import size

ROOT = pathlib.Path(__file__).parents[2]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="three short rounds, printed and not written")
    parser.add_argument("--only", default="burst,edge,first,calls,outage,card,size", help="some of these")
    parser.add_argument("--binary", default=ROOT / "bin" / "sensorpub", help="the program to measure")
    parser.add_argument("--json", help="a file for all that was measured")
    args = parser.parse_args()
    parts = args.only.split(",")
    rounds = 3 if args.quick else args.rounds
    with tempfile.TemporaryDirectory() as folder:
        peers.build(folder)
        programs = peers.Peers(folder, args.binary)
        measured = results.Results()
        for n in range(rounds):
            say(f"round {n + 1} of {rounds}")
            one_round(measured, folder, programs, parts, args.quick)
        once(measured, folder, programs, parts, args.quick)
        sizes = size.measure(folder) if "size" in parts else None
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(measured.values, ensure_ascii=False))
    if args.quick or args.only != parser.get_default("only"):
        print("\n".join(page.table(measured) + (page.size_table(*sizes) if sizes else [])))
        return
    page.write(ROOT / "docs" / "performance.md", measured, rounds, machine(), sizes)
    plot.write(ROOT / "docs" / "performance.svg", measured)


def one_round(measured, folder, programs, parts, quick):
    if "burst" in parts:
        with contextlib.closing(burst.Burst(folder, programs)) as b:
            for (name, window, source), rate in b.round(quick):
                measured.add(f"{'spool' if source == 'spool' else 'burst'} {window}", name, rate)
    if "edge" in parts:
        with contextlib.closing(edge.Edge(folder, programs, quick)) as e:
            for load, name, costs in e.round():
                for what, cost in costs.items():
                    measured.add(f"{what} {load}", name, cost)
    if "first" in parts:
        with contextlib.closing(first.First(folder, programs)) as f:
            for name, ms in f.round(quick):
                measured.add("first", name, ms)


def once(measured, folder, programs, parts, quick):
    with contextlib.closing(edge.Edge(folder, programs, quick)) as e:
        if "calls" in parts:
            for load in e.loads:
                say(f"system calls at {load}")
                for name, calls in e.calls(load).items():
                    measured.add(f"calls {load}", name, calls)
        if "outage" in parts:
            say("outage")
            for name, mib in e.outage().items():
                measured.add("rss outage", name, mib)
    if "card" in parts and not quick:
        say("card")
        if (written := card.bytes_per_reading(folder, programs)) is not None:
            measured.add("card", peers.OURS, written)


def machine():
    """What it was measured on."""
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        models = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    version = subprocess.run([peers.program("mosquitto"), "-h"], capture_output=True, text=True).stdout.split()[2]
    return (f"{time.strftime('%Y-%m-%d')}: {len(os.sched_getaffinity(0))} cores of {model}, Linux {platform.release().split('-')[0]}, "
            f"Mosquitto and libmosquitto {version}")


def say(text):
    print(text, file=sys.stderr, flush=True)


main()
