"""What generator and harness agree on: where things are in memory, and the record that describes one sequence."""

import struct

# The working area: one naturally aligned 2 MiB region, so that a superpage and one PMP entry cover it.
HARNESS = 0x80000000
WORK = 0x80400000
WORK_BYTES = 0x200000
PAGE = 0x1000
CODE = WORK
CODE_BYTES = 2 * PAGE
TABLES = CODE + CODE_BYTES
TABLE_PAGES = 9
DATA = TABLES + TABLE_PAGES * PAGE
DATA_PAGES = 8
DATA_END = DATA + DATA_PAGES * PAGE
SUPERVISOR = DATA_END  # code of the supervisor's trap handler
SHARED = SUPERVISOR + PAGE  # the trap log and the supervisor's context
LOCK_AREA = SHARED + PAGE  # what locked PMP entries may cover: the harness itself keeps off
LOCK_PAGES = 2
LOG_LIMIT = 48
LOG_ENTRY_WORDS = 4

CSRS = {
    "fflags": 0x001, "frm": 0x002, "fcsr": 0x003, "cycle": 0xc00, "time": 0xc01, "instret": 0xc02,
    "sstatus": 0x100, "sie": 0x104, "stvec": 0x105, "scounteren": 0x106, "senvcfg": 0x10a, "sscratch": 0x140,
    "sepc": 0x141, "scause": 0x142, "stval": 0x143, "sip": 0x144, "satp": 0x180,
    "mstatus": 0x300, "misa": 0x301, "medeleg": 0x302, "mideleg": 0x303, "mie": 0x304, "mtvec": 0x305,
    "mcounteren": 0x306, "menvcfg": 0x30a, "mcountinhibit": 0x320, "mscratch": 0x340, "mepc": 0x341, "mcause": 0x342,
    "mtval": 0x343, "mip": 0x344, "mcycle": 0xb00, "minstret": 0xb02, "mvendorid": 0xf11, "marchid": 0xf12,
    "mimpid": 0xf13, "mhartid": 0xf14, "mconfigptr": 0xf15, "pmpcfg0": 0x3a0, "pmpcfg2": 0x3a2,
    **{f"pmpaddr{i}": 0x3b0 + i for i in range(16)},
}

PMPADDRS = [f"pmpaddr{i}" for i in range(16)]
# Written in this order before a sequence.
SETUP_CSRS = ["medeleg", "mideleg", "mcounteren", "scounteren", "mcountinhibit", "menvcfg", "senvcfg", "mcause",
              "mtval", "sepc", "scause", "stval", *PMPADDRS, "pmpcfg0", "pmpcfg2", "satp", "mip", "mie"]
# Read after it.
CAPTURED_CSRS = ["mstatus", "sstatus", "mepc", "mcause", "mtval", "medeleg", "mideleg", "mie", "mip", "sie", "sip",
                 "mtvec", "stvec", "sepc", "scause", "stval", "sscratch", "satp", "mcounteren", "scounteren",
                 "mcountinhibit", "menvcfg", "senvcfg", "misa", "mvendorid", "marchid", "mimpid", "mhartid",
                 "mconfigptr", *PMPADDRS, "pmpcfg0", "pmpcfg2"]

# The record: doublewords, followed by `pokes` pairs of address and value.
FIELDS = [("index", 1), ("full", 1), ("seed", 1), ("code_base", 1), ("user_base", 1), ("start", 1), ("end_offset", 1),
          ("pokes", 1), ("mstatus", 1), ("mtvec_mode", 1), ("stvec_mode", 1), ("fcsr", 1), ("csrs", len(SETUP_CSRS)),
          ("x", 32), ("f", 32)]


def pack_record(values, pokes):
    """`values` holds every field but `pokes`: an integer, or a list of them."""
    words = []
    for name, count in FIELDS:
        value = len(pokes) if name == "pokes" else values[name]
        words += value if isinstance(value, list) else [value]
        assert len(words) == sum(c for n, c in FIELDS[:FIELDS.index((name, count)) + 1]), name
    for address, value in pokes:
        words += [address, value]
    return struct.pack(f"<{len(words)}Q", *(word % (1 << 64) for word in words))


def assembler_include():
    """layout.inc for the harness."""
    lines = [f".equ {name}, {globals()[name]:#x}" for name in (
        "CODE", "CODE_BYTES", "DATA", "DATA_END", "SHARED", "LOG_LIMIT")]
    offset = 0
    for name, count in FIELDS:
        lines.append(f".equ RECORD_{name.upper()}, {offset}")
        offset += 8 * count
    lines.append(f".equ RECORD_BYTES, {offset}")
    csrs = next(i for i, (name, _) in enumerate(FIELDS) if name == "csrs")
    first = 8 * sum(count for _, count in FIELDS[:csrs])
    for macro, names, start in (("setup", SETUP_CSRS, first), ("captured", CAPTURED_CSRS, 0)):
        lines.append(f".macro for_each_{macro}_csr action")
        lines += [f"\\action {CSRS[name]:#x}, {start + 8 * i}" for i, name in enumerate(names)]
        lines.append(".endm")
    lines.append(f".equ CAPTURED_CSRS, {len(CAPTURED_CSRS)}")
    return "\n".join(lines) + "\n"
