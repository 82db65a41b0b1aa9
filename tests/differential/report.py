"""What a person wants to know: where two machines part, and what the sequences exercise."""

import collections

from encoding import INSTRUCTIONS, decode
from layout import CAPTURED_CSRS, CODE, DATA, LOG_ENTRY_WORDS, TABLES
from machines import tool
from reduction import instructions
from scene import MACHINE, SUPERVISOR_MODE, USER

MODES = {USER: "U", SUPERVISOR_MODE: "S", MACHINE: "M"}
CAUSES = {0: "fetch misaligned", 1: "fetch access fault", 2: "illegal instruction", 3: "breakpoint",
          4: "load misaligned", 5: "load access fault", 6: "store misaligned", 7: "store access fault",
          8: "ecall from U", 9: "ecall from S", 11: "ecall from M", 12: "fetch page fault", 13: "load page fault",
          15: "store page fault"}
INTERRUPT = 1 << 63


class Dump:
    """One sequence's line: the trap count, then of each group its letter and its words, or a digest of them."""

    def __init__(self, line):
        self.groups = collections.defaultdict(list)
        group = None
        for word in line.split()[1:]:
            if word[0] in "XFCLM":
                group, word = word[0], word[1:]
            self.groups[group].append(int(word, 16))

    def log(self):
        """Per trap: which handler's, cause, epc, tval, status."""
        words = self.groups["L"]
        for i in range(0, len(words), LOG_ENTRY_WORDS):
            first, *others = words[i:i + LOG_ENTRY_WORDS]
            yield "S" if first >> 52 & 1 else "M", first >> 48 & 15, first & (INTERRUPT | (1 << 48) - 1), *others

    def named(self):
        """Everything but the log, by name."""
        values = {f"x{i + 1}": value for i, value in enumerate(self.groups["X"])}
        values |= {f"f{i}" if i < 32 else "fcsr": value for i, value in enumerate(self.groups["F"])}
        values |= dict(zip(CAPTURED_CSRS, self.groups["C"]))
        values |= {place(CODE + 8 * i): value for i, value in enumerate(self.groups["M"])}
        return values


def place(address):
    for name, start in (("data", DATA), ("tables", TABLES), ("code", CODE)):
        if address >= start:
            return f"{name}+{address - start:#x} ({address:#x})"
    return f"{address:#x}"


def difference(machines, sequence, code, lines, folder):
    """Lines of text on one sequence that differs."""
    first, second = (Dump(line) for line in lines)
    names = [machine.name for machine in machines]
    scene = sequence.scene
    translation = "Sv39" if scene.sv39 else "bare"
    text = [f"--- sequence {sequence.index}: starts in {MODES[scene.mode]}, {translation}, at "
            f"{sequence.values['start']:#x}, medeleg {scene.csrs['medeleg']:#x}, mstatus {scene.mstatus:#x}"]
    for name, line in zip(names, lines):
        if not line:
            text.append(f"{name}: did not end")
    logs = [list(first.log()), list(second.log())]
    for i in range(max(map(len, logs))):
        entries = [log[i] if i < len(log) else None for log in logs]
        mark = "  " if entries[0] == entries[1] else "* "
        for name, entry in zip(names, entries if mark == "* " else entries[:1]):
            text.append(f"{mark}trap {i} {name if mark == '* ' else ''} {trap_text(entry)}")
    values = [first.named(), second.named()]
    if all(lines):
        for name in values[0]:
            if values[0][name] != values[1].get(name):
                text.append(f"* {name}: " + ", ".join(f"{n} {v[name]:#x}" for n, v in zip(names, values)))
    return "\n".join(text + [disassembly(sequence, code, folder)])


def trap_text(entry):
    if entry is None:
        return "none"
    handler, slot, cause, epc, tval, status = entry
    name = f"interrupt {cause & ~INTERRUPT}" if cause & INTERRUPT else CAUSES.get(cause, cause)
    return f"in {handler} by vector {slot}: {name}, epc {epc:#x}, tval {tval:#x}, status {status:#x}"


def disassembly(sequence, code, folder):
    """As the first mode sees it, without the nops of a reduction."""
    (folder / "code.bin").write_bytes(code)
    start = sequence.scene.base + sequence.program.offset
    text = tool(folder, "objdump", "-b", "binary", "-m", "riscv:rv64", "-M", "numeric,no-aliases", "-D",
                f"--adjust-vma={start:#x}", "code.bin")
    lines = [line for line in text.splitlines() if line.count("\t") >= 2]
    return "\n".join(line for line in lines if line.split("\t")[1].strip() not in ("00000013", "0001"))


class Statistics:
    """What sequences hold, and the traps they took."""

    def __init__(self):
        self.instructions = collections.Counter({name: 0 for name in INSTRUCTIONS})
        self.traps = collections.Counter()
        self.starts = collections.Counter()

    def add(self, sequence, line):
        code = sequence.program.code
        for offset, size in instructions(code):
            instruction = decode(int.from_bytes(code[offset:offset + size], "little"), size)
            self.instructions[instruction.name if instruction else "none"] += 1
        scene = sequence.scene
        self.starts[f"{MODES[scene.mode]} {'Sv39' if scene.sv39 else 'bare'}"] += 1
        if line:
            for handler, _, cause, *_, status in Dump(line).log():
                origin = MODES[status >> 11 & 3] if handler == "M" else MODES[status >> 8 & 1]
                name = f"interrupt {cause & ~INTERRUPT}" if cause & INTERRUPT else CAUSES.get(cause, cause)
                self.traps[f"{name}, from {origin} to {handler}"] += 1

    def text(self):
        lines = [f"{count:7} {name}" for name, count in sorted(self.instructions.items(), key=lambda item: item[1])]
        lines += [f"{count:7} start in {name}" for name, count in sorted(self.starts.items())]
        lines += [f"{count:7} {name}" for name, count in sorted(self.traps.items())]
        return "\n".join(lines)
