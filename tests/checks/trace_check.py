#!/usr/bin/python3
"""Checks a file in the Trace Event JSON format: it is valid JSON, every slice has a name, a duration that is not negative
and a named process and thread, and the slices of one thread nest. Exit status: 0 if so, 1 if not."""

import collections
import decimal
import json
import sys


def read_events(file):
    with open(file, encoding="utf-8") as text:
        # Decimal: times are exact picoseconds, which float cannot hold.
        return json.load(text, parse_float=decimal.Decimal)["traceEvents"]


def names(events, kind):
    """{(pid, tid): name} of the metadata events of one kind."""
    return {
        (event["pid"], event.get("tid")): event["args"]["name"]
        for event in events
        if event["ph"] == "M" and event["name"] == kind
    }


def misnested(slices):
    """The first pair of (start, end, name) that overlap without one holding the other, or None."""
    open_slices = []
    for slice_ in sorted(slices, key=lambda s: (s[0], -s[1])):
        while open_slices and open_slices[-1][1] <= slice_[0]:
            open_slices.pop()
        if open_slices and slice_[1] > open_slices[-1][1]:
            return open_slices[-1], slice_
        open_slices.append(slice_)
    return None


def check(events):
    """(what is wrong, or None; slices; threads)"""
    processes = {pid for pid, _ in names(events, "process_name")}
    threads = names(events, "thread_name")
    slices = collections.defaultdict(list)
    for event in events:
        if event["ph"] != "X":
            continue
        thread = (event["pid"], event["tid"])
        if not event.get("name"):
            return f"a slice without a name: {event}", 0, 0
        if event["dur"] < 0 or event["ts"] < 0:
            return f"a slice with a negative time: {event}", 0, 0
        if event["pid"] not in processes or not threads.get(thread):
            return f"a slice whose process or thread has no name: {event}", 0, 0
        slices[thread].append((event["ts"], event["ts"] + event["dur"], event["name"]))
    for thread, of_thread in slices.items():
        pair = misnested(of_thread)
        if pair:
            return f"{threads[thread]}: {pair[0]} and {pair[1]} overlap without nesting", 0, 0
    return None, sum(map(len, slices.values())), len(slices)


def main(arguments):
    if len(arguments) != 1:
        print("Usage: trace_check.py TRACE", file=sys.stderr)
        return 2
    try:
        wrong, slices, threads = check(read_events(arguments[0]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        wrong = f"not a trace: {error!r}"
    if wrong:
        print(f"trace_check: {arguments[0]}: {wrong}", file=sys.stderr)
        return 1
    print(f"{arguments[0]}: {slices} slices on {threads} threads, named and nested")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
