"""What a sequence starts with: privilege mode, translation and protection, registers, and pointers worth following."""

import collections

from layout import CODE, DATA, DATA_PAGES, LOCK_AREA, LOCK_PAGES, PAGE, PMPADDRS, TABLE_PAGES, TABLES, WORK, WORK_BYTES

USER, SUPERVISOR_MODE, MACHINE = 0, 1, 3
ALL = (1 << 64) - 1

# mstatus (Privileged 1.12, 3.1.6)
SIE, MIE, SPIE, MPIE, SPP = (1 << bit for bit in (1, 3, 5, 7, 8))
MPRV, SUM, MXR, TVM, TW, TSR = (1 << bit for bit in (17, 18, 19, 20, 21, 22))
FS = 3 << 13
MPP_SHIFT = 11

# Page table entries (4.4.1)
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))

# Virtual windows: one below and one above the hole. As physical addresses both are empty, so that machine mode may
# stray there. Each has a page of 4 KiB pages; the low one also superpages.
LOW = 0x2_0000_0000
HIGH = ALL + 1 - LOW
PAGES_LOW = 16
PAGES_HIGH = 8
MEGAPAGE = LOW + (2 << 20)
MISALIGNED_MEGAPAGE = LOW + (4 << 20)
RESERVED_POINTER = LOW + (6 << 20)  # a pointer to a table with bits that only leaves may have
OTHER_MEGAPAGE = LOW + (8 << 20)
GIGAPAGE = LOW + (1 << 30)
MISALIGNED_GIGAPAGE = LOW + (2 << 30)
INVALID_GIGAPAGE = LOW + (3 << 30)
SUPERVISOR_CODE = LOW + 32 * PAGE
USER_CODE = LOW + 34 * PAGE
USER_CODE_WRITABLE = LOW + 36 * PAGE
NOT_EXECUTABLE = LOW + 40 * PAGE
UNMAPPED = LOW + 44 * PAGE
NOT_CANONICAL = 1 << 45  # added to an address that is; as a physical address empty

# The other address space differs in the low window's data pages only.
(ROOT, L1_LOW, L1_HIGH, L1_IDENTITY, L0_LOW, L0_HIGH, OTHER_ROOT, OTHER_L1_LOW, OTHER_L0_LOW) = (
    TABLES + i * PAGE for i in range(TABLE_PAGES))

EDGES = [0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7ff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
         0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, ALL, ALL - 1,
         ALL - 0x7f, ALL - 0x7fffffff, ALL - 0x80000000, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa]
SINGLES = [0, 1, 0x007fffff, 0x00800000, 0x3f800000, 0x3f000000, 0x40000000, 0x4b000000, 0x4f000000, 0x5f000000,
           0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff, 0x33800000, 0x3f7fffff, 0x4effffff]
DOUBLES = [0, 1, 0x000fffffffffffff, 0x0010000000000000, 0x3ff0000000000000, 0x3fe0000000000000, 0x4000000000000000,
           0x4330000000000000, 0x41e0000000000000, 0x43e0000000000000, 0x7fefffffffffffff, 0x7ff0000000000000,
           0x7ff0000000000001, 0x7ff8000000000000, 0x7fffffffffffffff, 0x3ca0000000000000, 0x36a0000000000000,
           0x380fffffe0000000, 0x47efffffe0000000]
BOX = 0xffffffff00000000

# Registers that start as pointers: some of those that compressed instructions reach, and some others.
POINTER_REGISTERS = (2, 8, 9, 10, 11, 14, 20, 28)

# An address, and what accesses relative to it must stay between.
Pointer = collections.namedtuple("Pointer", "address low high")


def integer(random):
    """A value for an x register: often one at an edge."""
    kind = random.random()
    if kind < 0.45:
        return random.choice(EDGES)
    if kind < 0.6:
        return (random.choice(EDGES) + random.randint(-3, 3)) & ALL
    if kind < 0.75:
        return random.getrandbits(random.randint(1, 64))
    return random.getrandbits(64)


def floating(random):
    """A value for an f register: boxed singles, doubles, and singles that are not boxed."""
    kind = random.random()
    if kind < 0.35:
        return BOX | random.choice(SINGLES) | random.getrandbits(1) << 31
    if kind < 0.45:
        return BOX | random.getrandbits(32)
    if kind < 0.75:
        return random.choice(DOUBLES) | random.getrandbits(1) << 63
    if kind < 0.85:  # near one another, so that sums cancel
        return random.choice((0x3ff, 0x400, 0xbff)) << 52 | random.getrandbits(52)
    return random.getrandbits(64)


class Scene:
    """One sequence's start. `lock`: a PMP entry to lock, which stays so for the machine's life."""

    def __init__(self, random, lock=None):
        self.random = random
        self.lock = lock
        self.mode = random.choices((USER, SUPERVISOR_MODE, MACHINE), (1, 1, 1 if lock is None else 4))[0]
        self.sv39 = random.random() < 0.65
        self.may_leave_machine = random.random() < 0.5
        self.entries = {}  # of page tables, by address
        self.boundaries = []  # where PMP entries begin and end
        self.csrs = collections.defaultdict(int)
        self.restricted = lock is not None or random.random() < 0.4  # PMP entries before the last
        self.supervisor_base = self.user_base = CODE
        if self.sv39:
            self._map()
        self._protect()
        self._choose_csrs()
        self._choose_registers()

    @property
    def base(self):
        """Where the sequence's first mode sees the code."""
        return {USER: self.user_base, SUPERVISOR_MODE: self.supervisor_base, MACHINE: CODE}[self.mode]

    @property
    def translated(self):
        return self.sv39 and self.mode != MACHINE

    def writable_code(self):
        """Where the first mode may write to the code."""
        return USER_CODE_WRITABLE if self.translated and self.mode == USER else CODE

    def reaches_memory(self, address):
        """Not physically empty, whatever protection says."""
        return self.translated or WORK <= address < WORK + WORK_BYTES

    def good_address(self):
        """An aligned address that the first mode may read and write."""
        base = LOW if self.translated and self.mode == USER else DATA
        return base + 0x100 + 8 * self.random.randrange(0x180)

    # ------------------------------------------------------------------------------------------------ translation
    def leaf(self, physical, flags):
        return physical >> 12 << 10 | flags

    def set_entry(self, table, index, entry):
        self.entries[table + 8 * index] = entry

    def leaf_flags(self, both_spaces=False):
        """Of a data page: usually one that the mode may use. Only what both address spaces share may be global."""
        random = self.random
        lowest = USER if self.mode == MACHINE and random.random() < 0.5 else self.mode
        if random.random() < 0.6:
            flags = V | R | W | A | D | (U if lowest == USER else 0) | random.choice((0, X, G, X | G))
            if random.random() < 0.3:
                flags &= ~random.choice((D, A | D))
        else:
            flags = random.getrandbits(10)
            if random.random() < 0.8:
                flags |= V
        if self.restricted or self.mode == MACHINE and not self.may_leave_machine:  # which may change PMP entries
            flags |= A | D
        if random.random() < 0.03:
            flags |= 1 << random.randint(54, 63)
        return flags if both_spaces else flags & ~G

    def data_leaf(self, both_spaces=False):
        return self.leaf(DATA + self.random.randrange(1, DATA_PAGES) * PAGE, self.leaf_flags(both_spaces))

    def _map(self):
        random = self.random
        supervisor = V | R | W | X | A | D
        self.set_entry(ROOT, LOW >> 30, self.leaf(L1_LOW, V))
        self.set_entry(ROOT, HIGH >> 30 & 511, self.leaf(L1_HIGH, V))
        self.set_entry(ROOT, WORK >> 30, self.leaf(L1_IDENTITY, V))
        self.set_entry(L1_IDENTITY, WORK >> 21 & 511, self.leaf(WORK, supervisor))
        self.set_entry(L1_LOW, 0, self.leaf(L0_LOW, V))
        self.set_entry(L1_HIGH, 0, self.leaf(L0_HIGH, V))

        mega_user, giga_user = random.choice((0, U)), random.choice((0, U))
        self.set_entry(L1_LOW, 1, self.leaf(WORK, supervisor | mega_user))
        self.set_entry(L1_LOW, 2, self.leaf(WORK + PAGE, supervisor | U))
        self.set_entry(L1_LOW, 3, self.leaf(L0_LOW, V | random.choice((A, D, U))))
        self.set_entry(L1_LOW, 4, self.leaf(WORK, self.leaf_flags()))
        self.set_entry(ROOT, GIGAPAGE >> 30, self.leaf(WORK >> 30 << 30, supervisor | giga_user))
        self.set_entry(ROOT, MISALIGNED_GIGAPAGE >> 30, self.leaf(WORK, supervisor | U))

        self.set_entry(L0_LOW, 0, self.leaf(DATA, V | R | W | U | A | D))
        for page in range(1, PAGES_LOW):
            self.set_entry(L0_LOW, page, self.data_leaf())
        for page in range(PAGES_HIGH):
            self.set_entry(L0_HIGH, page, self.data_leaf(both_spaces=True))
        code_in_gigapage = GIGAPAGE + CODE % (1 << 30)
        self.supervisor_base = self._map_code(SUPERVISOR_CODE, 0, [CODE] + [MEGAPAGE] * (not mega_user) +
                                              [code_in_gigapage] * (not giga_user))
        self.user_base = self._map_code(USER_CODE, U, [MEGAPAGE] * bool(mega_user) +
                                        [code_in_gigapage] * bool(giga_user))
        for page in range(2):
            self.set_entry(L0_LOW, 36 + page, self.leaf(CODE + page * PAGE, V | R | W | U | A | D))
        self.set_entry(L0_LOW, 40, self.leaf(DATA, V | R | W | U | A | D))
        self._map_other_space()

    def _map_other_space(self):
        for table, copy in ((ROOT, OTHER_ROOT), (L1_LOW, OTHER_L1_LOW), (L0_LOW, OTHER_L0_LOW)):
            for address, entry in list(self.entries.items()):
                if table <= address < table + PAGE:
                    self.entries[address - table + copy] = entry
        self.set_entry(OTHER_ROOT, LOW >> 30, self.leaf(OTHER_L1_LOW, V))
        self.set_entry(OTHER_L1_LOW, 0, self.leaf(OTHER_L0_LOW, V))
        for page in range(1, PAGES_LOW):
            self.set_entry(OTHER_L0_LOW, page, self.data_leaf())

    def address_space(self, other):
        """satp: the two spaces never share an ASID."""
        return 8 << 60 | self.random.choice((0, 2, 0x1fe, 0xfffe)) + other << 44 | (OTHER_ROOT if other else ROOT) >> 12

    def _map_code(self, address, user, others):
        random = self.random
        for page in range(2):
            flags = V | X | user | random.choice((0, R, R | W)) | random.choice((0, A | D)) | self.restricted * (A | D)
            if page and random.random() < 0.06:  # what runs into it stops there
                flags ^= random.choice((V, X, U))
            self.set_entry(L0_LOW, (address - LOW) // PAGE + page, self.leaf(CODE + page * PAGE, flags))
        return random.choice([address, address] + others)

    # ------------------------------------------------------------------------------------------------ protection
    def _protect(self):
        """The last entry opens the working area or everything; those before it restrict parts of the data pages."""
        random = self.random
        config = [0] * 16
        everything = (1 << 54) - 1
        self.csrs["pmpaddr15"] = random.choice((everything, napot(WORK, WORK_BYTES)))
        config[15] = 3 << 3 | 7
        for entry in range(random.randint(1, 7) if self.restricted else 0):
            address = DATA + DATA_PAGES // 2 * PAGE + random.randrange(DATA_PAGES // 2 * PAGE)
            self._set_entry(config, entry, address, 8)
        if self.lock is not None:
            self._set_entry(config, self.lock, LOCK_AREA + random.randrange(LOCK_PAGES * PAGE), PAGE // 4)
            config[self.lock] |= 1 << 7
        for entry, name in enumerate(PMPADDRS):  # a top of range is never 0
            self.csrs.setdefault(name, entry + 1)
        self.csrs["pmpcfg0"] = int.from_bytes(bytes(config[:8]), "little")
        self.csrs["pmpcfg2"] = int.from_bytes(bytes(config[8:]), "little")

    def _set_entry(self, config, entry, address, smallest):
        """An entry near `address`, of `smallest` bytes or more if it is NAPOT. A top of range counts from the entry
        before."""
        random = self.random
        matching = random.randint(1 if entry else 2, 3)
        size = smallest << random.randint(0, (PAGE // smallest).bit_length() - 1)
        aligned = napot(address // size * size, size)
        self.csrs[f"pmpaddr{entry}"] = {1: address >> 2, 2: address >> 2, 3: aligned}[matching]
        if matching == 1:
            self.csrs.setdefault(f"pmpaddr{entry - 1}", (address >> 2) - random.randrange(256))
        config[entry] = matching << 3 | random.choice((0, 1, 3, 4, 5, 7))
        start = address // size * size
        self.boundaries += {1: [address], 2: [address, address + 4], 3: [start, start + size]}[matching]

    # ------------------------------------------------------------------------------------------------ registers
    def _choose_csrs(self):
        random = self.random
        csrs = self.csrs
        delegable = 0xb1ff
        csrs["medeleg"] = random.choice((0, delegable, random.getrandbits(16) & delegable))
        csrs["mideleg"] = random.choice((0, 0x222, random.getrandbits(16) & 0x222))
        if random.random() < 0.3:
            csrs["mie"] = random.getrandbits(12) & 0xaaa
            csrs["mip"] = random.getrandbits(12) & 0x222
        for name in ("mcounteren", "scounteren"):
            csrs[name] = random.getrandbits(3)
        for name in ("mcause", "mtval", "scause", "stval"):
            csrs[name] = integer(random)
        csrs["sepc"] = integer(random) & ~1
        csrs["menvcfg"], csrs["senvcfg"] = random.getrandbits(1), random.getrandbits(1)
        if self.sv39:
            csrs["satp"] = self.address_space(other=0)

        fs = random.choices((3, 0, 1, 2), (14, 2, 2, 2))[0]
        self.float_state_clean = fs in (1, 2)
        self.mstatus = self.mode << MPP_SHIFT | fs << 13 | (2 << 32) | (2 << 34)
        self.mstatus |= random.getrandbits(64) & (SIE | SPIE | MPIE | SPP | SUM | MXR)
        for bit in (TVM, TW, TSR):
            self.mstatus |= bit if random.random() < 0.12 else 0
        self.fcsr = random.getrandbits(5) | random.choices(range(8), (8, 8, 8, 8, 8, 1, 1, 1))[0] << 5

    def _choose_registers(self):
        random = self.random
        self.x = [0] + [integer(random) for _ in range(31)]
        self.f = [floating(random) for _ in range(32)]
        self.pointers = {register: self._pointer() for register in POINTER_REGISTERS}
        for register, pointer in self.pointers.items():
            self.x[register] = pointer.address

    def _pointer(self):
        random = self.random
        if random.random() < 0.08:
            address = random.choice(self._faulting())
            return Pointer(address, address - 0x800, address + 0x800)
        if self.boundaries and random.random() < 0.4:
            return self._pointer_to_boundary()
        base, pages = self._region()
        address = base + random.randrange(pages) * PAGE + random.choice((0x800, 0xff8, random.randrange(PAGE)))
        address = min(max(address, base + 8), base + pages * PAGE - 8)
        if random.random() < 0.7 or self.restricted:
            address &= ~7
        else:
            address = (address & ~7) + random.randrange(8)
        return Pointer(address & ALL, base, base + pages * PAGE)

    def _pointer_to_boundary(self):
        random = self.random
        physical = random.choice(self.boundaries) & ~7
        base, pages = (LOCK_AREA, LOCK_PAGES) if physical >= LOCK_AREA else (DATA, DATA_PAGES)
        shift = random.choice((0, MEGAPAGE - WORK, GIGAPAGE - (WORK >> 30 << 30))) if self.translated else 0
        address = min(max(physical, base), base + pages * PAGE - 8)
        return Pointer(address + shift, base + shift, base + pages * PAGE + shift)

    def _region(self):
        """A contiguous stretch of pages to point into: its first address and how many."""
        data = (DATA + PAGE, DATA_PAGES - 1)
        if self.lock is not None and self.random.random() < 0.5:
            return LOCK_AREA, LOCK_PAGES
        if not self.translated:
            return data
        offset = data[0] - WORK
        return self.random.choice([(LOW, PAGES_LOW)] * 5 + [(HIGH, PAGES_HIGH)] * 2 + [
            data, (MEGAPAGE + offset, 7), (OTHER_MEGAPAGE + offset, 7), (GIGAPAGE + data[0] % (1 << 30), 7)])

    def virtual_address(self):
        """For machine mode that accesses memory as a lower mode."""
        random = self.random
        page = DATA + random.randrange(DATA_PAGES) * PAGE
        if self.sv39:
            page = random.choice((LOW + random.randrange(PAGES_LOW) * PAGE, HIGH + PAGE, page, MEGAPAGE + page - WORK))
        return page + 8 * random.randrange(0x180)

    def _faulting(self):
        if not self.translated:
            return [0, LOW, NOT_CANONICAL + DATA, ALL - 0xfff]
        pages = (MISALIGNED_MEGAPAGE, RESERVED_POINTER, MISALIGNED_GIGAPAGE, INVALID_GIGAPAGE)
        return [0, UNMAPPED, ALL - 0xfff, LOW - PAGE, (1 << 38) + PAGE] + [page + PAGE for page in pages] + [
            NOT_CANONICAL + address for address in (LOW, DATA, MEGAPAGE + DATA - WORK)]

    def not_executable(self):
        """An address that no fetch succeeds at."""
        return self.random.choice([0, UNMAPPED, NOT_CANONICAL + self.base, ALL - 0xfff, HIGH + (1 << 21)] +
                                  [NOT_EXECUTABLE, MISALIGNED_MEGAPAGE] * self.translated)

    def record(self, setup_csrs):
        """The record's fields that the scene decides."""
        return {"code_base": self.supervisor_base, "user_base": self.user_base, "mstatus": self.mstatus,
                "mtvec_mode": self.random.getrandbits(1), "stvec_mode": self.random.getrandbits(1), "fcsr": self.fcsr,
                "csrs": [self.csrs[name] for name in setup_csrs], "x": self.x, "f": self.f,
                "seed": self.random.getrandbits(64) | 1}


def napot(address, size):
    """pmpaddr for a naturally aligned region of at least 8 bytes (3.7.1)."""
    return address >> 2 | size // 8 - 1
