"""Groups of privileged instructions. Each function adds one group to a program, or nothing where it does not fit."""

from assembly import Label
from encoding import INSTRUCTIONS
from layout import CODE, CSRS, DATA, PAGE, WORK
from scene import HIGH, L0_HIGH, L0_LOW, L1_LOW, LOW, OTHER_L0_LOW, PAGES_HIGH, PAGES_LOW
from scene import MACHINE, MPP_SHIFT, MPRV, R, SUPERVISOR_MODE, TVM, TW, USER

MACHINE_SOFTWARE_INTERRUPT = 0x2000000  # the CLINT's msip of hart 0
SUPERVISOR_INTERRUPTS = 0x222
MIE, SIE, SSI, MSI = 8, 2, 2, 8  # as immediates


def trap(program):
    """Instructions that trap in the mode, or do nothing."""
    choices = ["ecall", "ebreak", "c.ebreak", "sfence.vma"]
    if program.mode in (USER, SUPERVISOR_MODE):
        choices.append("mret")
    if program.mode == USER:
        choices += ["sret", "wfi"]
    if program.mode == SUPERVISOR_MODE and program.scene.mstatus & TW:
        choices.append("wfi")
    name = program.random.choice(choices)
    program.add(name, *[0 for _ in INSTRUCTIONS[name].operands])


def trap_return(program):
    """mret or sret to the next instruction, in the same or a lower mode."""
    if program.mode in (None, USER):
        return
    random, scene = program.random, program.scene
    prefix = "m" if program.mode == MACHINE and random.random() < 0.7 else "s"
    highest = program.mode if prefix == "m" else SUPERVISOR_MODE
    target = random.choice([mode for mode in (USER, SUPERVISOR_MODE, MACHINE) if mode <= highest])
    if target != program.mode and program.mode == MACHINE and not scene.may_leave_machine:
        return
    base = {MACHINE: CODE, SUPERVISOR_MODE: scene.supervisor_base, USER: scene.user_base}
    status, shift, mask = ("mstatus", MPP_SHIFT, 3) if prefix == "m" else ("sstatus", 8, 1)
    address, bits = program.spares(2)
    label = Label()
    program.add_address(address, label, base[target] - base[program.mode])
    program.add("csrrw", 0, address, CSRS[prefix + "epc"])
    program.add_immediate(bits, mask << shift)
    program.add("csrrc", 0, bits, CSRS[status])
    program.add_immediate(bits, target << shift)
    program.add("csrrs", 0, bits, CSRS[status])
    program.add(prefix + "ret")
    program.place(label)
    if target != program.mode:
        program.mode = None


# ---------------------------------------------------------------------------------------------------- interrupts
def interrupt(program):
    """Raises interrupts by software and opens the gate for them, where they are then taken."""
    if program.mode == MACHINE:
        program.add("csrrci", 0, MIE, CSRS["mstatus"])
        program.random.choice((raise_in_mip, raise_in_clint))(program)
        program.add("csrrsi", 0, MIE, CSRS["mstatus"])
        program.add("csrrci", 0, MIE, CSRS["mstatus"])
    elif program.mode == SUPERVISOR_MODE:
        for name, bit in program.random.sample((("sip", SSI), ("sie", SSI), ("sstatus", SIE)), 3):
            program.add("csrrsi", 0, bit, CSRS[name])
        program.add("csrrci", 0, SSI, CSRS["sip"])


def raise_in_mip(program):
    bits = program.spare()
    program.add_immediate(bits, program.random.getrandbits(12) & SUPERVISOR_INTERRUPTS)
    program.add("csrrs", 0, bits, CSRS["mie"])
    program.add("csrrs", 0, bits, CSRS["mip"])


def raise_in_clint(program):
    """And waits until it has arrived."""
    address, value = program.spares(2)
    program.add_immediate(address, MACHINE_SOFTWARE_INTERRUPT)
    program.add_immediate(value, 1)
    program.add("csrrsi", 0, MSI, CSRS["mie"])
    program.add("sw", address, value, 0)
    start = program.place(Label())
    program.add("csrrs", value, 0, CSRS["mip"])
    program.add("andi", value, value, MSI)
    program.add_relative("beq", start, value, 0)


def wait(program):
    """wfi with something pending that is not taken."""
    scene = program.scene
    if program.mode == MACHINE:
        bits = program.spare()
        program.add("csrrci", 0, MIE, CSRS["mstatus"])
        program.add_immediate(bits, SUPERVISOR_INTERRUPTS)
        program.add("csrrs", 0, bits, CSRS["mie"])
        program.add("csrrs", 0, bits, CSRS["mip"])
        program.add("wfi")
        program.add("csrrc", 0, bits, CSRS["mip"])
    elif program.mode == SUPERVISOR_MODE and scene.csrs["mideleg"] & SSI and not scene.mstatus & TW:
        program.add("csrrci", 0, SIE, CSRS["sstatus"])
        program.add("csrrsi", 0, SSI, CSRS["sie"])
        program.add("csrrsi", 0, SSI, CSRS["sip"])
        program.add("wfi")


# ---------------------------------------------------------------------------------------------------- translation
def modify_privilege(program):
    """Machine mode that accesses memory as a lower mode."""
    if program.mode != MACHINE:
        return
    random, scene = program.random, program.scene
    bits, address, result = program.spares(3)
    accesses = [("ld", result, address, 0), ("sd", address, bits, 0)]
    if scene.may_leave_machine:  # and so keeps satp
        accesses.append(("amoadd.d", result, address, bits, 0))
    program.add_immediate(address, scene.virtual_address())
    program.add_immediate(bits, 3 << MPP_SHIFT)
    program.add("csrrc", 0, bits, CSRS["mstatus"])
    program.add_immediate(bits, random.choice((USER, SUPERVISOR_MODE)) << MPP_SHIFT | MPRV)
    program.add("csrrs", 0, bits, CSRS["mstatus"])
    program.add(*random.choice(accesses))
    program.add_immediate(bits, MPRV)
    program.add("csrrc", 0, bits, CSRS["mstatus"])


def modify_translation(program):
    """A page table entry changes, and what is cached of it is dropped."""
    scene = program.scene
    if program.mode != SUPERVISOR_MODE or not scene.sv39 or scene.mstatus & TVM:
        return
    random = program.random
    if random.random() < 0.2:  # the second of the low window's 2 MiB pages
        entry_address, page = L1_LOW + 8 * 4, LOW + (4 << 21) + DATA - WORK
        leaf = scene.leaf(WORK, scene.leaf_flags() | R)
    else:
        table, base, pages = random.choice(((L0_LOW, LOW, PAGES_LOW), (OTHER_L0_LOW, LOW, PAGES_LOW),
                                            (L0_HIGH, HIGH, PAGES_HIGH)))
        number = random.randrange(1, pages)
        entry_address, page = table + 8 * number, base + number * PAGE
        leaf = scene.data_leaf(both_spaces=table == L0_HIGH)
    entry, value, address, result = program.spares(4)
    program.add_immediate(entry, entry_address)
    program.add_immediate(value, leaf)
    program.add_immediate(address, page + 8 * random.randrange(512))
    if random.random() < 0.5:  # so that the old entry is known
        program.add("lb", result, address, 0)
    program.add("sd", entry, value, 0)
    program.add("sfence.vma", random.choice((0, address)), 0)
    program.add(*random.choice((("ld", result, address, 0), ("sd", address, value, 0),
                                ("amoxor.d", result, address, value, 0))))
