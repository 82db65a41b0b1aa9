#!/usr/bin/env python3
"""Request streams for `aqpim-vp replay`: the ones that the figures of dram_reference.csv were measured with.

    dram_streams.py KIND REQUESTS ROWS COLUMNS PSEUDO_CHANNELS BURST_BYTES [INTERVAL] > requests.txt

A request is one burst; there are four bank groups of four banks. An address holds, from its most significant field: row,
bank, bank group, column, pseudo-channel, byte of the burst. Request i arrives at cycle i * INTERVAL, or, with INTERVAL 0,
when the queue has room. The random kinds draw 64 bits a request from splitmix64 (Steele, Lea, Flood: Fast splittable
pseudorandom number generators, 2014). Pseudo-channels take turns but in the random kinds:

    seq       every bank group, then the columns, banks and rows in order
    mixseq    the same, read or written at random
    rowmajor  the columns of a row, then bank groups, banks and rows
    rand      any place
    mixrand   the same, read or written at random
    conf1     one bank, another row each time
    conf16    each of the banks in turn, another row each time
    pingpong  sixteen reads as in seq in two of the banks, then as many writes in the other two
"""

import argparse
import itertools
import sys
from typing import NamedTuple

import numpy as np

GROUPS = 4
BANKS = 4
SEED = 2026
GOLDEN_GAMMA = 0x9E3779B97F4A7C15
PINGPONG = 16  # requests of one kind in a row


class Shape(NamedTuple):
    rows: int
    columns: int
    pseudo_channels: int
    burst_bytes: int


class Places(NamedTuple):
    """One array entry for each request."""
    write: np.ndarray
    row: np.ndarray
    bank: np.ndarray
    group: np.ndarray
    column: np.ndarray
    pseudo_channel: np.ndarray


def splitmix64(count):
    """The first `count` numbers after the seed."""
    with np.errstate(over="ignore"):
        z = np.uint64(GOLDEN_GAMMA) * (np.uint64(SEED) + np.arange(1, count + 1, dtype=np.uint64))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def digits(number, *bases):
    """`number` as digits of these bases, the lowest first."""
    for base in bases:
        number, digit = np.divmod(number, base)
        yield digit


def is_high(random):
    return random >> np.uint64(63) != 0


def sequential(index, shape, mixed):
    pseudo_channel, rest = index % shape.pseudo_channels, index // shape.pseudo_channels
    group, column, bank, row = digits(rest, GROUPS, shape.columns, BANKS, shape.rows)
    write = is_high(splitmix64(len(index))) if mixed else np.zeros(len(index), bool)
    return Places(write, row, bank, group, column, pseudo_channel)


def row_major(index, shape):
    pseudo_channel, rest = index % shape.pseudo_channels, index // shape.pseudo_channels
    column, group, bank, row = digits(rest, shape.columns, GROUPS, BANKS, shape.rows)
    return Places(np.zeros(len(index), bool), row, bank, group, column, pseudo_channel)


def random_places(index, shape, mixed):
    random = splitmix64(len(index))

    def field(shift, count):
        return (random >> np.uint64(shift)) % np.uint64(count)

    write = is_high(random) if mixed else np.zeros(len(index), bool)
    return Places(write, field(8, shape.rows), field(2, BANKS), field(0, GROUPS), field(40, shape.columns),
                  field(4, shape.pseudo_channels))


def conflicts(index, shape, groups, banks):
    pseudo_channel, rest = index % shape.pseudo_channels, index // shape.pseudo_channels
    group, bank, row, column = digits(rest, groups, banks, shape.rows, shape.columns)
    return Places(np.zeros(len(index), bool), row, bank, group, column, pseudo_channel)


def ping_pong(index, shape):
    pseudo_channel, rest = index % shape.pseudo_channels, index // shape.pseudo_channels
    within, write, block = digits(rest, PINGPONG, 2, len(index))
    group, column, bank, row = digits(block * PINGPONG + within, GROUPS, shape.columns, 2, shape.rows)
    return Places(write != 0, row, bank + 2 * write, group, column, pseudo_channel)


KINDS = {
    "seq": lambda index, shape: sequential(index, shape, mixed=False),
    "mixseq": lambda index, shape: sequential(index, shape, mixed=True),
    "rowmajor": row_major,
    "rand": lambda index, shape: random_places(index, shape, mixed=False),
    "mixrand": lambda index, shape: random_places(index, shape, mixed=True),
    "conf1": lambda index, shape: conflicts(index, shape, 1, 1),
    "conf16": lambda index, shape: conflicts(index, shape, GROUPS, BANKS),
    "pingpong": ping_pong,
}


def addresses(places, shape):
    address = places.row.astype(np.uint64)
    for field, count in ((places.bank, BANKS), (places.group, GROUPS), (places.column, shape.columns),
                         (places.pseudo_channel, shape.pseudo_channels)):
        address = address * np.uint64(count) + field.astype(np.uint64)
    return address * np.uint64(shape.burst_bytes)


def stream(kind, requests, shape, interval=0):
    """The stream's text."""
    places = KINDS[kind](np.arange(requests, dtype=np.int64), shape)
    operations = np.where(places.write, "W", "R").tolist()
    lines = zip(operations, addresses(places, shape).tolist(), itertools.count(0, interval))
    if interval:
        return "".join(f"{operation} {address:x} {arrival}\n" for operation, address, arrival in lines)
    return "".join(f"{operation} {address:x}\n" for operation, address, _ in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    for name in ("requests", *Shape._fields):
        parser.add_argument(name, type=int)
    parser.add_argument("interval", type=int, nargs="?", default=0)
    given = parser.parse_args()
    shape = Shape(given.rows, given.columns, given.pseudo_channels, given.burst_bytes)
    sys.stdout.write(stream(given.kind, given.requests, shape, given.interval))


if __name__ == "__main__":
    main()
