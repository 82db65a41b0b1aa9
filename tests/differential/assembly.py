"""Code under construction: instructions and labels, and which registers hold what."""

from encoding import INSTRUCTIONS, OPERANDS, encode, load_immediate
from layout import CODE, PAGE
from scene import POINTER_REGISTERS

X_DESTINATIONS = ("rd", "crd", "rd'", "rd2'")


class Label:
    """An address that is known when all is laid out."""
    address = None


class Assembly:
    """After lay_out: `code`, its `offset` from CODE, and the labels' addresses as machine mode sees them."""

    def __init__(self, random, scene):
        self.random = random
        self.scene = scene
        self.pointers = dict(scene.pointers)  # registers that still hold what they started with
        self.protected = {0}  # registers not to be overwritten now
        self.items = []  # labels, and pairs of size and a function from the address to the encoding
        self.pending = []  # labels to place after so many groups

    # ------------------------------------------------------------------------------------------------ instructions
    def emit(self, bits, size=4):
        """An encoding; what it overwrites is the caller's business."""
        self.items.append((size, lambda address: bits))

    def add(self, name, *values):
        self._follow(name, values)
        self.emit(encode(name, *values), INSTRUCTIONS[name].size)

    def add_relative(self, name, target, *values):
        """A branch or jump, whose last operand is the distance to a label."""
        self._follow(name, values)
        self.items.append((INSTRUCTIONS[name].size, lambda address: encode(name, *values, target.address - address)))

    def add_immediate(self, register, value):
        self.kill(register)
        for bits in load_immediate(register, value):
            self.emit(bits)

    def add_address(self, register, target, delta=0):
        """The address of a label as the program counter sees it, plus a constant."""
        start = self.place(Label())
        self.add("auipc", register, 0)
        self.items.append((4, lambda address: encode("addi", register, register, target.address - start.address)))
        if delta:
            other = self.spare(register)
            self.add_immediate(other, delta)
            self.add("add", register, register, other)

    def _follow(self, name, values):
        for operand, value in zip(INSTRUCTIONS[name].operands, values):
            if operand in X_DESTINATIONS:
                self.kill(value)

    # ------------------------------------------------------------------------------------------------ labels
    def place(self, label):
        self.items.append(label)
        return label

    def later(self):
        """A label behind one of the next groups."""
        label = Label()
        self.pending.append([self.random.randint(1, 4), label])
        return label

    def end_group(self):
        for entry in list(self.pending):
            entry[0] -= 1
            if entry[0] == 0:
                self.place(entry[1])
                self.pending.remove(entry)

    def lay_out(self):
        """The code starts in the first page, often so that it runs into the second."""
        size = sum(item[0] for item in self.items if isinstance(item, tuple))
        assert size < PAGE
        first = PAGE - size if self.random.random() < 0.6 else 0
        self.offset = self.random.randrange(first, PAGE) & ~1
        address = CODE + self.offset
        for item in self.items:
            if isinstance(item, Label):
                item.address = address
            else:
                address += item[0]
        self.code = b""
        for item in self.items:
            if isinstance(item, tuple):
                self.code += item[1](CODE + self.offset + len(self.code)).to_bytes(item[0], "little")

    # ------------------------------------------------------------------------------------------------ registers
    def kill(self, register):
        """It no longer holds a pointer."""
        self.pointers.pop(register, None)

    def destination(self, choices=range(32)):
        """A register to overwrite: mostly not a pointer, never protected."""
        free = [r for r in choices if r not in self.protected or r == 0]
        plain = [r for r in free if r not in self.pointers]
        return self.random.choice(plain if plain and self.random.random() < 0.97 else free)

    def spare(self, *others, compressed=False):
        """A register to work with: not zero, never a pointer, none of the others."""
        return self.spares(1, *others, choices=range(8, 16) if compressed else range(1, 32))[0]

    def spares(self, count, *others, choices=range(1, 32)):
        return self.random.sample([r for r in choices if r not in self.protected and r not in others and
                                   r not in POINTER_REGISTERS], count)

    def value_for(self, operand):
        """A random operand."""
        random, kind = self.random, OPERANDS[operand]
        if operand in X_DESTINATIONS:
            return self.destination(range(kind.low, kind.high + 1))
        if operand == "rm":
            return random.choices(range(8), (4, 4, 4, 4, 4, 0.3, 0.3, 8))[0]
        if kind.step == 1 and kind.high > 64 and random.random() < 0.3:
            return random.choice((kind.low, kind.high, 0, 1))
        return random.randrange(kind.low, kind.high + 1, kind.step)
