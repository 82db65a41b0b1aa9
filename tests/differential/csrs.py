"""Accesses to CSRs. What is written is limited to bits in which implementations have no freedom; README.md says why."""

from encoding import encode
from layout import CSRS, DATA, PMPADDRS
from scene import ALL, MACHINE, MPP_SHIFT, MXR, SUM, TSR, TVM, TW, integer

EVEN = ALL & ~1
STATUS_SUPERVISOR = 1 << 1 | 1 << 5 | 1 << 6 | 1 << 8 | 3 << 15 | SUM | MXR
STATUS_MACHINE = STATUS_SUPERVISOR | 1 << 3 | 1 << 7 | TVM | TW | TSR | 3 << 36

# The bits that may be set or cleared.
WRITABLE = {
    "fflags": 0x1f, "frm": 7, "fcsr": 0xff,
    "sstatus": STATUS_SUPERVISOR, "sie": 0x222, "sip": 0x222, "scounteren": 7, "senvcfg": 1, "sepc": EVEN,
    "scause": ALL, "stval": ALL,
    "mstatus": STATUS_MACHINE, "misa": ALL, "mie": 0xaaa, "mip": 0x222, "mideleg": 0x222, "mcounteren": 7,
    "mcountinhibit": 0, "menvcfg": 1, "mepc": EVEN, "mcause": ALL, "mtval": ALL,
}
# Only where the sequence never leaves machine mode.
MACHINE_ONLY = {"medeleg": 0xb3ff}
READ_ONLY = ["mvendorid", "marchid", "mimpid", "mhartid", "mconfigptr"]
COUNTERS = ["cycle", "time", "instret"]
MACHINE_COUNTERS = ["mcycle", "minstret"]
SWAPPED = {"mscratch": ALL, "sscratch": ALL, "mtvec": ALL & ~2, "stvec": ALL & ~2}
# Numbers that are no CSR for QEMU as it is run here, nor in Privileged 1.12 as far as this hart implements it.
UNUSED = [0x000, 0x004, 0x040, 0x044, 0x0ff, 0x102, 0x103, 0x107, 0x110, 0x145, 0x181, 0x1ff, 0x283, 0x2ff, 0x307,
          0x345, 0x3a1, 0x3a3, 0x3ff, 0x400, 0x4ff, 0x5c0, 0x5ff, 0x6ff, 0x7c0, 0x7ff, 0x8ff, 0x9c0, 0xaff, 0xbff,
          0xcff, 0xdc0, 0xe00, 0xf00, 0xf10, 0xf16, 0xfc0, 0xfff]


def access(program):
    """One access, or one that is illegal."""
    random = program.random
    kind = random.random()
    if kind < 0.12:
        return program.add(random.choice(("csrrs", "csrrc")), 0, 0, CSRS[random.choice(COUNTERS)])
    if kind < 0.15:
        return program.add("csrrw", 0, random.randrange(32), CSRS[random.choice(MACHINE_COUNTERS)])
    if kind < 0.25:
        return _read(program, random.choice(READ_ONLY if random.random() < 0.5 else list(CSRS)))
    if kind < 0.35:
        return _illegal(program)
    if kind < 0.42:
        return _address_translation(program)
    stays = program.mode != MACHINE or not program.scene.may_leave_machine
    if kind < 0.5 and stays:
        return _protection(program)
    names = list(WRITABLE) + list(MACHINE_ONLY) * stays
    name = random.choice(names)
    if name == "mstatus" and program.mode == MACHINE and random.random() < 0.3:
        return _previous_privilege(program)
    mask = WRITABLE.get(name, MACHINE_ONLY.get(name))
    if name in ("sstatus", "mstatus") and random.random() < 0.15:
        return _float_state(program, name)
    return _write(program, name, mask)


def _write(program, name, mask):
    random = program.random
    form = random.choice(("csrrw", "csrrs", "csrrc"))
    if name in ("sstatus", "mstatus"):
        form = random.choice(("csrrs", "csrrc"))
    if random.random() < 0.3:
        program.add(form + "i", program.destination(), random.getrandbits(5) & mask, CSRS[name])
        return
    source = program.spare()
    program.add_immediate(source, integer(random) & mask or mask)  # 0 would not count as a write for QEMU
    program.add(form, program.destination(), source, CSRS[name])


def _read(program, name):
    """A read; of the read-only ones sometimes an attempt to write."""
    random = program.random
    if name in COUNTERS + MACHINE_COUNTERS:
        return
    if name in READ_ONLY and random.random() < 0.4:
        program.add("csrrw", program.destination(), random.randrange(32), CSRS[name])
    elif name in READ_ONLY and random.random() < 0.3:
        source = program.spare()
        program.add_immediate(source, integer(random) or 1)
        program.add(random.choice(("csrrs", "csrrc")), program.destination(), source, CSRS[name])
    else:
        program.add(random.choice(("csrrs", "csrrc", "csrrsi", "csrrci")), program.destination(), 0, CSRS[name])


def _illegal(program):
    random = program.random
    form = random.choice(("csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci"))
    program.emit(encode(form, random.randrange(32), random.randrange(32), random.choice(UNUSED)))


def _address_translation(program):
    """satp: one of two address spaces, which needs no fence, or a mode that does not exist and changes nothing."""
    random, scene = program.random, program.scene
    source = program.spare()
    choices = [random.choice((1, 2, 5, 7, 11, 13, 15)) << 60 | random.getrandbits(60)]
    if scene.sv39:
        choices += [scene.address_space(other) for other in (0, 1)]
    if program.mode == MACHINE and not scene.may_leave_machine:
        choices.append(0)
    program.add_immediate(source, random.choice(choices))
    program.add("csrrw", program.destination(), source, CSRS["satp"])
    if random.random() < 0.3:
        program.add("sfence.vma", 0, 0)


def _protection(program):
    """Eight PMP entries, none locked, none write-only; or an address, after which the entries are written again."""
    random = program.random
    source = program.spare()
    if random.random() < 0.5:
        config = bytes(random.choice((0, 1, 3, 4, 5, 7)) | random.randrange(4) << 3 for _ in range(8))
        program.add_immediate(source, int.from_bytes(config, "little"))
        program.add("csrrw", program.destination(), source, CSRS[random.choice(("pmpcfg0", "pmpcfg2"))])
    else:
        address = random.choice((integer(random), DATA >> 2 | random.getrandbits(random.randint(1, 14))))
        program.add_immediate(source, address & (1 << 54) - 1 or 1)
        program.add("csrrw", program.destination(), source, CSRS[random.choice(PMPADDRS)])
        for name in ("pmpcfg0", "pmpcfg2"):
            program.add("csrrs", source, 0, CSRS[name])
            program.add("csrrw", 0, source, CSRS[name])
    program.add("sfence.vma", 0, 0)


def _previous_privilege(program):
    source = program.spare()
    program.add_immediate(source, 3 << MPP_SHIFT)
    program.add("csrrc", program.destination(), source, CSRS["mstatus"])
    program.add_immediate(source, program.random.choice((0, 1, 3)) << MPP_SHIFT)
    program.add("csrrs", program.destination(), source, CSRS["mstatus"])


def _float_state(program, name):
    """Off or dirty."""
    source = program.spare()
    program.add_immediate(source, 3 << 13)
    program.add(program.random.choice(("csrrs", "csrrc")), program.destination(), source, CSRS[name])


def swap(program):
    """Exchanges a register that the trap handlers need, and exchanges it back at once."""
    random = program.random
    name = random.choice(list(SWAPPED))
    value, old, new = program.spares(3)
    program.add_immediate(value, integer(random) & SWAPPED[name])
    program.add("csrrw", old, value, CSRS[name])
    program.add("csrrw", new, old, CSRS[name])
