"""Groups of unprivileged instructions. Each function adds one group to a program, or nothing where it does not fit."""

from assembly import Label
from encoding import INSTRUCTIONS, OPERANDS, decode, encode, of_kind, reserved
from scene import integer

BRANCHES = [i.name for i in of_kind("branch") if i.name not in ("jal", "c.j")]
LOAD_RESERVED = [INSTRUCTIONS["lr.w"], INSTRUCTIONS["lr.d"]]
SIZES = {"b": 1, "h": 2, "w": 4, "d": 8}

# Reserved encodings of 16 bits (Unprivileged ISA 20191213, tables 16.5 to 16.7).
RESERVED = [
    lambda random: 0x0000,
    lambda random: random.getrandbits(3) << 2,  # c.addi4spn with 0
    lambda random: 0x8000 | random.getrandbits(11) << 2,  # quadrant 0, 100
    lambda random: 0x2001 | random.getrandbits(5) << 2 | random.getrandbits(1) << 12,  # c.addiw x0
    lambda random: 0x6001 | random.getrandbits(5) << 7,  # c.lui, c.addi16sp with 0
    lambda random: 0x9c41 | random.getrandbits(3) << 7 | random.getrandbits(4) << 2,  # beside c.subw and c.addw
    lambda random: 0x4002 | random.getrandbits(5) << 2 | random.getrandbits(1) << 12,  # c.lwsp x0
    lambda random: 0x6002 | random.getrandbits(5) << 2 | random.getrandbits(1) << 12,  # c.ldsp x0
    lambda random: 0x8002,  # c.jr x0
]


def access_size(instruction):
    """Bytes, from the mnemonic: c.fldsp, amoadd.w, lhu."""
    name = instruction.name
    if instruction.kind in ("amo", "reservation"):
        return SIZES[name[-1]]
    return SIZES[name.removeprefix("c.").removesuffix("sp").removeprefix("f")[1]]


# ---------------------------------------------------------------------------------------------------- computation
def random_instruction(program, kind):
    """One of a kind that touches registers only."""
    instruction = program.random.choice(of_kind(kind))
    values = [program.value_for(operand) for operand in instruction.operands]
    bits = encode(instruction.name, *values)
    moves_stack = instruction.name == "c.addi16sp"
    if moves_stack or decode(bits, instruction.size) is not instruction or reserved(bits, instruction):
        return random_instruction(program, kind)
    return program.add(instruction.name, *values)


def compute(program):
    random_instruction(program, "compute")


def adjust_stack(program):
    program.kill(2)
    program.add("c.addi16sp", program.random.choice([v for v in range(-512, 512, 16) if v]))


def immediate(program):
    program.add_immediate(program.spare(), integer(program.random))


def floating(program):
    random_instruction(program, "float")


def float_to_integer(program):
    if not program.scene.float_state_clean:
        random_instruction(program, "float_to_integer")


# ---------------------------------------------------------------------------------------------------- memory
def memory(program):
    random, scene = program.random, program.scene
    instruction = random.choice(of_kind(random.choice(("load", "store"))))
    register = base_register(program, instruction)
    if register not in program.pointers:
        return
    pointer = program.pointers[register]
    size = access_size(instruction)
    aligned_only = scene.restricted or not scene.reaches_memory(pointer.address)
    fitting = [offset for offset in some_offsets(random, OPERANDS[instruction.operands[-1]])
               if pointer.low <= pointer.address + offset <= pointer.high - size and
               not (aligned_only and (pointer.address + offset) % size)]
    if not fitting:
        return
    values = [register if operand in ("rs1", "rs1'") else program.value_for(operand)
              for operand in instruction.operands[:-1]] + [random.choice(fitting)]
    if not reserved(encode(instruction.name, *values), instruction):
        program.add(instruction.name, *values)


def base_register(program, instruction):
    """A pointer that the instruction can use."""
    if "rs1" in instruction.operands:
        return program.random.choice(list(program.pointers) or [None])
    if "rs1'" in instruction.operands:
        return program.random.choice([r for r in program.pointers if 8 <= r < 16] or [None])
    return 2


def some_offsets(random, kind):
    return [random.randrange(kind.low, kind.high + 1, kind.step) for _ in range(4)] + [
        o for o in (-8, -4, -2, -1, 0, 0, 1, 2, 3, 4, 7, 8, 16) if kind.low <= o <= kind.high and o % kind.step == 0]


def atomic(program):
    """An AMO, or an LR by itself."""
    random, scene = program.random, program.scene
    instruction = random.choice(of_kind("amo") + LOAD_RESERVED)
    if not program.pointers:
        return
    register = random.choice(list(program.pointers))
    address = program.pointers[register].address
    if scene.reaches_memory(address) and not (scene.restricted and address % access_size(instruction)):
        program.add(instruction.name, *[register if operand == "rs1" else program.value_for(operand)
                                        for operand in instruction.operands])


def reservation(program):
    """LR and SC to addresses that the mode may access; often the SC has to fail."""
    if program.mode is None:
        return
    random, scene = program.random, program.scene
    width = random.choice("wd")
    first, second = program.spares(2)
    addresses = scene.good_address(), scene.good_address()
    program.add_immediate(first, addresses[0])
    program.add_immediate(second, addresses[1])
    results = [r for r in range(1, 32) if r not in {first, second} | program.protected and r not in program.pointers]
    program.add(f"lr.{width}", random.choice(results), first, random.randrange(4))
    for _ in range(random.randrange(3)):
        program.add("addi", random.choice(results), random.randrange(32), random.randint(-9, 9))
    bases = [second] * (random.random() < 0.3 and addresses[0] != addresses[1]) + [first, first]
    for base in bases:
        program.add(f"sc.{width}", random.choice(results), base, random.randrange(32), random.randrange(4))


# ---------------------------------------------------------------------------------------------------- control flow
def branch(program):
    random = program.random
    kind = random.random()
    if kind < 0.7:
        name = random.choice(BRANCHES)
        program.add_relative(name, program.later(), *map(program.value_for, INSTRUCTIONS[name].operands[:-1]))
    elif kind < 0.85:
        program.add_relative("jal", program.later(), program.destination())
    else:
        program.add_relative("c.j", program.later())


def loop(program):
    """A few groups, two to four times."""
    counter = program.spare(compressed=True)
    program.add_immediate(counter, program.random.randint(2, 4))
    outside = program.protected
    program.protected = outside | {counter} | set(program.pointers)  # which the next turn uses again
    start = program.place(Label())
    for _ in range(program.random.randint(1, 3)):
        program.random.choice((compute, memory, floating, atomic))(program)
    program.add("c.addi", counter, -1)
    if program.random.random() < 0.5:
        program.add_relative("bne", start, counter, 0)
    else:
        program.add_relative("c.bnez", start, counter)
    program.protected = outside


def jump(program):
    """Through a register, forward."""
    register = program.spare()
    program.add_address(register, program.later())
    name = program.random.choice(("jalr", "jalr", "c.jr", "c.jalr"))
    if name == "jalr":
        program.add("jalr", program.destination(), register, program.random.choice((0, 0, 1)))
    else:
        program.kill(1)
        program.emit(encode(name, register), 2)


def jump_into_nothing(program):
    """The trap handler goes on at ra."""
    register = program.spare(1)
    program.add_immediate(register, program.scene.not_executable())
    if program.random.random() < 0.5:
        program.add("jalr", 1, register, 2 * program.random.randint(-20, 20))
    else:
        program.kill(1)
        program.emit(encode("c.jalr", register), 2)


def modify_code(program):
    """Replaces an instruction further on, and fetches it anew."""
    if program.mode is None:
        return
    random, scene = program.random, program.scene
    target = Label()
    address = program.spare()
    program.add_address(address, target, scene.writable_code() - scene.base)
    word = program.spare(address)
    old, new = (encode("addi", program.spare(), random.randrange(32), random.randint(-2048, 2047)) for _ in range(2))
    program.add_immediate(word, new)
    program.add("sw", address, word, 0)
    program.add("fence.i", 0, 0, 0)
    program.place(target)
    program.emit(old)


# ---------------------------------------------------------------------------------------------------- encodings
def random_word(program):
    """Any bits that do not touch memory, CSRs or the program counter; most are illegal."""
    bits, size = some_bits(program.random)
    instruction = decode(bits, size)
    if not reserved(bits, instruction):
        if instruction.kind not in ("compute", "float", "float_to_integer"):
            return
        if instruction.kind == "float_to_integer" and program.scene.float_state_clean:
            return
        for register in (bits >> 7 & 31, 8 + (bits >> 7 & 7), 8 + (bits >> 2 & 7)):
            program.kill(register)
    program.emit(bits, size)


def some_bits(random):
    """An encoding of 16 or 32 bits and its size in bytes: at random, almost an instruction, or reserved."""
    kind = random.random()
    if kind < 0.3:
        bits, size = random.getrandbits(32) | 3, 4
    elif kind < 0.6:
        near = random.choice(list(INSTRUCTIONS.values()))
        size = near.size
        bits = near.match | random.getrandbits(8 * size) & ~near.mask
        for _ in range(random.randint(1, 2)):
            bits ^= 1 << random.randrange(2, 8 * size)
    elif kind < 0.7:
        bits, size = random.choice(RESERVED)(random), 2
    else:
        bits, size = random.getrandbits(14) << 2 | random.randrange(3), 2
    if size == 4 and bits & 0x1f == 0x1f:  # longer than 32 bits
        bits ^= 0x10
    return bits, size
