"""Makes a sequence that differs as short as it gets: what the difference does not need becomes a nop."""

from encoding import encode

NOP = {2: encode("c.addi", 0, 0).to_bytes(2, "little"), 4: encode("addi", 0, 0, 0).to_bytes(4, "little")}

FIRST = 1_000_000  # number of the first candidate: none of those that run before
SECONDS = 5


def reduce(runner, before, sequence):
    """The code that is left. `before`: records that have to run first."""
    code = sequence.program.code
    kept = instructions(code)[:-1]  # not the ecall at the end
    chunk = max(1, len(kept) // 2)
    while True:
        chunks = [kept[i:i + chunk] for i in range(0, len(kept), chunk)]
        shorter = first_that_differs(runner, before, sequence, [without(code, chunk) for chunk in chunks])
        if shorter is not None:
            code = without(code, chunks[shorter])
            kept = [place for place in kept if place not in chunks[shorter]]
        elif chunk > 1:
            chunk //= 2
        if not kept or (shorter is None and len(chunks) == len(kept)):
            return code


def first_that_differs(runner, before, sequence, candidates):
    """Which of the candidates; one that does not end, as a loop without its counter, is passed over."""
    start = 0
    while start < len(candidates):
        records = [sequence.record(code=candidates[i], index=FIRST + i) for i in range(start, len(candidates))]
        (one, _), (other, _) = runner.run(before + records, "reduction", SECONDS)
        for i in range(start, len(candidates)):
            lines = one.get(FIRST + i), other.get(FIRST + i)
            start = i + 1
            if None in lines:
                break
            if lines[0] != lines[1]:
                return i
    return None


def instructions(code):
    """Offset and size of each."""
    places = []
    offset = 0
    while offset < len(code):
        size = 4 if code[offset] & 3 == 3 else 2
        places.append((offset, size))
        offset += size
    return places


def without(code, places):
    code = bytearray(code)
    for offset, size in places:
        code[offset:offset + size] = NOP[size]
    return bytes(code)
