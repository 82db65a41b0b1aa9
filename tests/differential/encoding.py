"""Encodings of RV64IMAFDC, Zicsr, Zifencei and the privileged instructions (Unprivileged ISA 20191213, chapters 24 and
16; Privileged ISA 1.12, chapter 5), and a decoder made from the same table.

One line is one instruction: mnemonic, operands, bit pattern. An operand's name says where it goes: x and f registers
are `rd`, `rs1`, ... and `fd`, `fs1`, ...; a quote marks the eight registers of the compressed formats; immediates are
named after their format and scaling.
"""

import collections

Instruction = collections.namedtuple("Instruction", "name kind operands mask match size")


def _scatter(*places):
    """A packer from (top, bottom, position) triples: bits top to bottom of the value go to `position` upwards."""
    def pack(value):
        return sum((value >> bottom & ((1 << top - bottom + 1) - 1)) << position for top, bottom, position in places)
    return pack


Operand = collections.namedtuple("Operand", "pack low high step")


def _register(position, compressed=False):
    if compressed:
        return Operand(lambda value: (value - 8) << position, 8, 15, 1)
    return Operand(lambda value: value << position, 0, 31, 1)


OPERANDS = {
    "rd": _register(7), "rs1": _register(15), "rs2": _register(20),
    "fd": _register(7), "fs1": _register(15), "fs2": _register(20), "fs3": _register(27),
    "rm": Operand(lambda value: value << 12, 0, 7, 1),
    "aqrl": Operand(lambda value: value << 25, 0, 3, 1),
    "csr": Operand(lambda value: value << 20, 0, 4095, 1),
    "zimm": Operand(lambda value: value << 15, 0, 31, 1),
    "shamt6": Operand(lambda value: value << 20, 0, 63, 1),
    "shamt5": Operand(lambda value: value << 20, 0, 31, 1),
    "i12": Operand(_scatter((11, 0, 20)), -2048, 2047, 1),
    "s12": Operand(_scatter((11, 5, 25), (4, 0, 7)), -2048, 2047, 1),
    "b13": Operand(_scatter((12, 12, 31), (10, 5, 25), (4, 1, 8), (11, 11, 7)), -4096, 4094, 2),
    "u20": Operand(_scatter((19, 0, 12)), 0, 0xfffff, 1),
    "j21": Operand(_scatter((20, 20, 31), (10, 1, 21), (11, 11, 20), (19, 12, 12)), -(1 << 20), (1 << 20) - 2, 2),
    "fence": Operand(lambda value: value << 20, 0, 0xfff, 1),
    # Compressed
    "crd": _register(7), "crs2": _register(2), "cfd": _register(7), "cfs2": _register(2),
    "rd'": _register(7, True), "rd2'": _register(2, True), "rs1'": _register(7, True), "rs2'": _register(2, True),
    "fd2'": _register(2, True), "fs2'": _register(2, True),
    "ci6": Operand(_scatter((5, 5, 12), (4, 0, 2)), -32, 31, 1),
    "cu6": Operand(_scatter((5, 5, 12), (4, 0, 2)), 0, 63, 1),
    "c16sp": Operand(_scatter((9, 9, 12), (4, 4, 6), (6, 6, 5), (8, 7, 3), (5, 5, 2)), -512, 496, 16),
    "c4spn": Operand(_scatter((5, 4, 11), (9, 6, 7), (2, 2, 6), (3, 3, 5)), 4, 1020, 4),
    "cw7": Operand(_scatter((5, 3, 10), (2, 2, 6), (6, 6, 5)), 0, 124, 4),
    "cd8": Operand(_scatter((5, 3, 10), (7, 6, 5)), 0, 248, 8),
    "clwsp": Operand(_scatter((5, 5, 12), (4, 2, 4), (7, 6, 2)), 0, 252, 4),
    "cldsp": Operand(_scatter((5, 5, 12), (4, 3, 5), (8, 6, 2)), 0, 504, 8),
    "cswsp": Operand(_scatter((5, 2, 9), (7, 6, 7)), 0, 252, 4),
    "csdsp": Operand(_scatter((5, 3, 10), (8, 6, 7)), 0, 504, 8),
    "cb9": Operand(_scatter((8, 8, 12), (4, 3, 10), (7, 6, 5), (2, 1, 3), (5, 5, 2)), -256, 254, 2),
    "cj12": Operand(_scatter((11, 11, 12), (4, 4, 11), (9, 8, 9), (10, 10, 8), (6, 6, 7), (7, 7, 6), (3, 1, 3),
                             (5, 5, 2)), -2048, 2046, 2),
}

# In a section, kinds that the generator treats alike. `compute` touches registers only.
TABLE = """
[compute]
lui        rd u20             .................... ..... 0110111
auipc      rd u20             .................... ..... 0010111
addi       rd rs1 i12         ............ ..... 000 ..... 0010011
slti       rd rs1 i12         ............ ..... 010 ..... 0010011
sltiu      rd rs1 i12         ............ ..... 011 ..... 0010011
xori       rd rs1 i12         ............ ..... 100 ..... 0010011
ori        rd rs1 i12         ............ ..... 110 ..... 0010011
andi       rd rs1 i12         ............ ..... 111 ..... 0010011
slli       rd rs1 shamt6      000000 ...... ..... 001 ..... 0010011
srli       rd rs1 shamt6      000000 ...... ..... 101 ..... 0010011
srai       rd rs1 shamt6      010000 ...... ..... 101 ..... 0010011
add        rd rs1 rs2         0000000 ..... ..... 000 ..... 0110011
sub        rd rs1 rs2         0100000 ..... ..... 000 ..... 0110011
sll        rd rs1 rs2         0000000 ..... ..... 001 ..... 0110011
slt        rd rs1 rs2         0000000 ..... ..... 010 ..... 0110011
sltu       rd rs1 rs2         0000000 ..... ..... 011 ..... 0110011
xor        rd rs1 rs2         0000000 ..... ..... 100 ..... 0110011
srl        rd rs1 rs2         0000000 ..... ..... 101 ..... 0110011
sra        rd rs1 rs2         0100000 ..... ..... 101 ..... 0110011
or         rd rs1 rs2         0000000 ..... ..... 110 ..... 0110011
and        rd rs1 rs2         0000000 ..... ..... 111 ..... 0110011
addiw      rd rs1 i12         ............ ..... 000 ..... 0011011
slliw      rd rs1 shamt5      0000000 ..... ..... 001 ..... 0011011
srliw      rd rs1 shamt5      0000000 ..... ..... 101 ..... 0011011
sraiw      rd rs1 shamt5      0100000 ..... ..... 101 ..... 0011011
addw       rd rs1 rs2         0000000 ..... ..... 000 ..... 0111011
subw       rd rs1 rs2         0100000 ..... ..... 000 ..... 0111011
sllw       rd rs1 rs2         0000000 ..... ..... 001 ..... 0111011
srlw       rd rs1 rs2         0000000 ..... ..... 101 ..... 0111011
sraw       rd rs1 rs2         0100000 ..... ..... 101 ..... 0111011
mul        rd rs1 rs2         0000001 ..... ..... 000 ..... 0110011
mulh       rd rs1 rs2         0000001 ..... ..... 001 ..... 0110011
mulhsu     rd rs1 rs2         0000001 ..... ..... 010 ..... 0110011
mulhu      rd rs1 rs2         0000001 ..... ..... 011 ..... 0110011
div        rd rs1 rs2         0000001 ..... ..... 100 ..... 0110011
divu       rd rs1 rs2         0000001 ..... ..... 101 ..... 0110011
rem        rd rs1 rs2         0000001 ..... ..... 110 ..... 0110011
remu       rd rs1 rs2         0000001 ..... ..... 111 ..... 0110011
mulw       rd rs1 rs2         0000001 ..... ..... 000 ..... 0111011
divw       rd rs1 rs2         0000001 ..... ..... 100 ..... 0111011
divuw      rd rs1 rs2         0000001 ..... ..... 101 ..... 0111011
remw       rd rs1 rs2         0000001 ..... ..... 110 ..... 0111011
remuw      rd rs1 rs2         0000001 ..... ..... 111 ..... 0111011
fence      rd rs1 fence       ............ ..... 000 ..... 0001111
fence.i    rd rs1 i12         ............ ..... 001 ..... 0001111
c.addi4spn rd2' c4spn         000 ........ ... 00
c.addi     crd ci6            000 . ..... ..... 01
c.addiw    crd ci6            001 . ..... ..... 01
c.li       crd ci6            010 . ..... ..... 01
c.addi16sp c16sp              011 . 00010 ..... 01
c.lui      crd ci6            011 . ..... ..... 01
c.srli     rd' cu6            100 . 00 ... ..... 01
c.srai     rd' cu6            100 . 01 ... ..... 01
c.andi     rd' ci6            100 . 10 ... ..... 01
c.sub      rd' rs2'           100 0 11 ... 00 ... 01
c.xor      rd' rs2'           100 0 11 ... 01 ... 01
c.or       rd' rs2'           100 0 11 ... 10 ... 01
c.and      rd' rs2'           100 0 11 ... 11 ... 01
c.subw     rd' rs2'           100 1 11 ... 00 ... 01
c.addw     rd' rs2'           100 1 11 ... 01 ... 01
c.slli     crd cu6            000 . ..... ..... 10
c.mv       crd crs2           100 0 ..... ..... 10
c.add      crd crs2           100 1 ..... ..... 10

[float]
fadd.s     fd fs1 fs2 rm      0000000 ..... ..... ... ..... 1010011
fsub.s     fd fs1 fs2 rm      0000100 ..... ..... ... ..... 1010011
fmul.s     fd fs1 fs2 rm      0001000 ..... ..... ... ..... 1010011
fdiv.s     fd fs1 fs2 rm      0001100 ..... ..... ... ..... 1010011
fsqrt.s    fd fs1 rm          0101100 00000 ..... ... ..... 1010011
fsgnj.s    fd fs1 fs2         0010000 ..... ..... 000 ..... 1010011
fsgnjn.s   fd fs1 fs2         0010000 ..... ..... 001 ..... 1010011
fsgnjx.s   fd fs1 fs2         0010000 ..... ..... 010 ..... 1010011
fmin.s     fd fs1 fs2         0010100 ..... ..... 000 ..... 1010011
fmax.s     fd fs1 fs2         0010100 ..... ..... 001 ..... 1010011
fmadd.s    fd fs1 fs2 fs3 rm  ..... 00 ..... ..... ... ..... 1000011
fmsub.s    fd fs1 fs2 fs3 rm  ..... 00 ..... ..... ... ..... 1000111
fnmsub.s   fd fs1 fs2 fs3 rm  ..... 00 ..... ..... ... ..... 1001011
fnmadd.s   fd fs1 fs2 fs3 rm  ..... 00 ..... ..... ... ..... 1001111
fcvt.s.w   fd rs1 rm          1101000 00000 ..... ... ..... 1010011
fcvt.s.wu  fd rs1 rm          1101000 00001 ..... ... ..... 1010011
fcvt.s.l   fd rs1 rm          1101000 00010 ..... ... ..... 1010011
fcvt.s.lu  fd rs1 rm          1101000 00011 ..... ... ..... 1010011
fmv.w.x    fd rs1             1111000 00000 ..... 000 ..... 1010011
fadd.d     fd fs1 fs2 rm      0000001 ..... ..... ... ..... 1010011
fsub.d     fd fs1 fs2 rm      0000101 ..... ..... ... ..... 1010011
fmul.d     fd fs1 fs2 rm      0001001 ..... ..... ... ..... 1010011
fdiv.d     fd fs1 fs2 rm      0001101 ..... ..... ... ..... 1010011
fsqrt.d    fd fs1 rm          0101101 00000 ..... ... ..... 1010011
fsgnj.d    fd fs1 fs2         0010001 ..... ..... 000 ..... 1010011
fsgnjn.d   fd fs1 fs2         0010001 ..... ..... 001 ..... 1010011
fsgnjx.d   fd fs1 fs2         0010001 ..... ..... 010 ..... 1010011
fmin.d     fd fs1 fs2         0010101 ..... ..... 000 ..... 1010011
fmax.d     fd fs1 fs2         0010101 ..... ..... 001 ..... 1010011
fmadd.d    fd fs1 fs2 fs3 rm  ..... 01 ..... ..... ... ..... 1000011
fmsub.d    fd fs1 fs2 fs3 rm  ..... 01 ..... ..... ... ..... 1000111
fnmsub.d   fd fs1 fs2 fs3 rm  ..... 01 ..... ..... ... ..... 1001011
fnmadd.d   fd fs1 fs2 fs3 rm  ..... 01 ..... ..... ... ..... 1001111
fcvt.s.d   fd fs1 rm          0100000 00001 ..... ... ..... 1010011
fcvt.d.s   fd fs1 rm          0100001 00000 ..... ... ..... 1010011
fcvt.d.w   fd rs1 rm          1101001 00000 ..... ... ..... 1010011
fcvt.d.wu  fd rs1 rm          1101001 00001 ..... ... ..... 1010011
fcvt.d.l   fd rs1 rm          1101001 00010 ..... ... ..... 1010011
fcvt.d.lu  fd rs1 rm          1101001 00011 ..... ... ..... 1010011
fmv.d.x    fd rs1             1111001 00000 ..... 000 ..... 1010011

[float_to_integer]
fcvt.w.s   rd fs1 rm          1100000 00000 ..... ... ..... 1010011
fcvt.wu.s  rd fs1 rm          1100000 00001 ..... ... ..... 1010011
fcvt.l.s   rd fs1 rm          1100000 00010 ..... ... ..... 1010011
fcvt.lu.s  rd fs1 rm          1100000 00011 ..... ... ..... 1010011
fmv.x.w    rd fs1             1110000 00000 ..... 000 ..... 1010011
fclass.s   rd fs1             1110000 00000 ..... 001 ..... 1010011
feq.s      rd fs1 fs2         1010000 ..... ..... 010 ..... 1010011
flt.s      rd fs1 fs2         1010000 ..... ..... 001 ..... 1010011
fle.s      rd fs1 fs2         1010000 ..... ..... 000 ..... 1010011
fcvt.w.d   rd fs1 rm          1100001 00000 ..... ... ..... 1010011
fcvt.wu.d  rd fs1 rm          1100001 00001 ..... ... ..... 1010011
fcvt.l.d   rd fs1 rm          1100001 00010 ..... ... ..... 1010011
fcvt.lu.d  rd fs1 rm          1100001 00011 ..... ... ..... 1010011
fmv.x.d    rd fs1             1110001 00000 ..... 000 ..... 1010011
fclass.d   rd fs1             1110001 00000 ..... 001 ..... 1010011
feq.d      rd fs1 fs2         1010001 ..... ..... 010 ..... 1010011
flt.d      rd fs1 fs2         1010001 ..... ..... 001 ..... 1010011
fle.d      rd fs1 fs2         1010001 ..... ..... 000 ..... 1010011

[load]
lb         rd rs1 i12         ............ ..... 000 ..... 0000011
lh         rd rs1 i12         ............ ..... 001 ..... 0000011
lw         rd rs1 i12         ............ ..... 010 ..... 0000011
ld         rd rs1 i12         ............ ..... 011 ..... 0000011
lbu        rd rs1 i12         ............ ..... 100 ..... 0000011
lhu        rd rs1 i12         ............ ..... 101 ..... 0000011
lwu        rd rs1 i12         ............ ..... 110 ..... 0000011
flw        fd rs1 i12         ............ ..... 010 ..... 0000111
fld        fd rs1 i12         ............ ..... 011 ..... 0000111
c.lw       rd2' rs1' cw7      010 ... ... .. ... 00
c.ld       rd2' rs1' cd8      011 ... ... .. ... 00
c.fld      fd2' rs1' cd8      001 ... ... .. ... 00
c.lwsp     crd clwsp          010 . ..... ..... 10
c.ldsp     crd cldsp          011 . ..... ..... 10
c.fldsp    cfd cldsp          001 . ..... ..... 10

[store]
sb         rs1 rs2 s12        ....... ..... ..... 000 ..... 0100011
sh         rs1 rs2 s12        ....... ..... ..... 001 ..... 0100011
sw         rs1 rs2 s12        ....... ..... ..... 010 ..... 0100011
sd         rs1 rs2 s12        ....... ..... ..... 011 ..... 0100011
fsw        rs1 fs2 s12        ....... ..... ..... 010 ..... 0100111
fsd        rs1 fs2 s12        ....... ..... ..... 011 ..... 0100111
c.sw       rs2' rs1' cw7      110 ... ... .. ... 00
c.sd       rs2' rs1' cd8      111 ... ... .. ... 00
c.fsd      fs2' rs1' cd8      101 ... ... .. ... 00
c.swsp     crs2 cswsp         110 ...... ..... 10
c.sdsp     crs2 csdsp         111 ...... ..... 10
c.fsdsp    cfs2 csdsp         101 ...... ..... 10

[amo]
amoswap.w  rd rs1 rs2 aqrl    00001 .. ..... ..... 010 ..... 0101111
amoadd.w   rd rs1 rs2 aqrl    00000 .. ..... ..... 010 ..... 0101111
amoxor.w   rd rs1 rs2 aqrl    00100 .. ..... ..... 010 ..... 0101111
amoand.w   rd rs1 rs2 aqrl    01100 .. ..... ..... 010 ..... 0101111
amoor.w    rd rs1 rs2 aqrl    01000 .. ..... ..... 010 ..... 0101111
amomin.w   rd rs1 rs2 aqrl    10000 .. ..... ..... 010 ..... 0101111
amomax.w   rd rs1 rs2 aqrl    10100 .. ..... ..... 010 ..... 0101111
amominu.w  rd rs1 rs2 aqrl    11000 .. ..... ..... 010 ..... 0101111
amomaxu.w  rd rs1 rs2 aqrl    11100 .. ..... ..... 010 ..... 0101111
amoswap.d  rd rs1 rs2 aqrl    00001 .. ..... ..... 011 ..... 0101111
amoadd.d   rd rs1 rs2 aqrl    00000 .. ..... ..... 011 ..... 0101111
amoxor.d   rd rs1 rs2 aqrl    00100 .. ..... ..... 011 ..... 0101111
amoand.d   rd rs1 rs2 aqrl    01100 .. ..... ..... 011 ..... 0101111
amoor.d    rd rs1 rs2 aqrl    01000 .. ..... ..... 011 ..... 0101111
amomin.d   rd rs1 rs2 aqrl    10000 .. ..... ..... 011 ..... 0101111
amomax.d   rd rs1 rs2 aqrl    10100 .. ..... ..... 011 ..... 0101111
amominu.d  rd rs1 rs2 aqrl    11000 .. ..... ..... 011 ..... 0101111
amomaxu.d  rd rs1 rs2 aqrl    11100 .. ..... ..... 011 ..... 0101111

[reservation]
lr.w       rd rs1 aqrl        00010 .. 00000 ..... 010 ..... 0101111
lr.d       rd rs1 aqrl        00010 .. 00000 ..... 011 ..... 0101111
sc.w       rd rs1 rs2 aqrl    00011 .. ..... ..... 010 ..... 0101111
sc.d       rd rs1 rs2 aqrl    00011 .. ..... ..... 011 ..... 0101111

[branch]
beq        rs1 rs2 b13        ....... ..... ..... 000 ..... 1100011
bne        rs1 rs2 b13        ....... ..... ..... 001 ..... 1100011
blt        rs1 rs2 b13        ....... ..... ..... 100 ..... 1100011
bge        rs1 rs2 b13        ....... ..... ..... 101 ..... 1100011
bltu       rs1 rs2 b13        ....... ..... ..... 110 ..... 1100011
bgeu       rs1 rs2 b13        ....... ..... ..... 111 ..... 1100011
jal        rd j21             .................... ..... 1101111
c.j        cj12               101 ........... 01
c.beqz     rs1' cb9           110 ... ... ..... 01
c.bnez     rs1' cb9           111 ... ... ..... 01

[jump]
jalr       rd rs1 i12         ............ ..... 000 ..... 1100111
c.jr       crd                100 0 ..... 00000 10
c.jalr     crd                100 1 ..... 00000 10

[csr]
csrrw      rd rs1 csr         ............ ..... 001 ..... 1110011
csrrs      rd rs1 csr         ............ ..... 010 ..... 1110011
csrrc      rd rs1 csr         ............ ..... 011 ..... 1110011
csrrwi     rd zimm csr        ............ ..... 101 ..... 1110011
csrrsi     rd zimm csr        ............ ..... 110 ..... 1110011
csrrci     rd zimm csr        ............ ..... 111 ..... 1110011

[system]
ecall      -                  000000000000 00000 000 00000 1110011
ebreak     -                  000000000001 00000 000 00000 1110011
c.ebreak   -                  100 1 00000 00000 10
sret       -                  000100000010 00000 000 00000 1110011
mret       -                  001100000010 00000 000 00000 1110011
wfi        -                  000100000101 00000 000 00000 1110011
sfence.vma rs1 rs2            0001001 ..... ..... 000 00000 1110011
"""


def _parse(table):
    kind = None
    for line in table.split("\n"):
        if line.startswith("["):
            kind = line.strip("[]")
        elif line:
            name, *operands, pattern = line.split(None, 1)[0], *_columns(line)
            bits = pattern.replace(" ", "")
            assert len(bits) in (16, 32), line
            mask = int("".join("0" if bit == "." else "1" for bit in bits), 2)
            match = int(bits.replace(".", "0"), 2)
            yield Instruction(name, kind, tuple(operands), mask, match, len(bits) // 8)


def _columns(line):
    """The operands and the pattern: what consists of bits and dots is the pattern."""
    words = line.split()[1:]
    first = next(i for i, word in enumerate(words) if not word.strip("01."))
    return [word for word in words[:first] if word != "-"] + [" ".join(words[first:])]


INSTRUCTIONS = {instruction.name: instruction for instruction in _parse(TABLE)}


def of_kind(kind):
    return [instruction for instruction in INSTRUCTIONS.values() if instruction.kind == kind]


def encode(name, *values):
    """The encoding as an integer; operands in the table's order."""
    instruction = INSTRUCTIONS[name]
    bits = instruction.match
    for operand, value in zip(instruction.operands, values, strict=True):
        kind = OPERANDS[operand]
        assert kind.low <= value <= kind.high and (value - kind.low) % kind.step == 0, (name, operand, value)
        bits |= kind.pack(value)
    return bits


def decode(bits, size):
    """The instruction whose pattern an encoding fits, or None; of several (c.mv and c.jr) the most special."""
    found = [i for i in INSTRUCTIONS.values() if i.size == size and bits & i.mask == i.match]
    return max(found, key=lambda i: bin(i.mask).count("1"), default=None)


def reserved(bits, instruction):
    """Whether an encoding is none, though it may match `instruction`, which decode() found for it, or None."""
    if instruction is None:
        return True
    if instruction.name in ("c.lwsp", "c.ldsp", "c.addiw", "c.jr"):
        return bits >> 7 & 31 == 0
    if instruction.name in ("c.lui", "c.addi16sp"):
        return bits >> 2 & 31 == 0 and bits >> 12 & 1 == 0
    return instruction.name == "c.addi4spn" and bits >> 5 & 255 == 0


def load_immediate(register, value):
    """Instructions (as integers) that set an x register to a 64-bit value."""
    value = (value + (1 << 63)) % (1 << 64) - (1 << 63)
    if -2048 <= value < 2048:
        return [encode("addi", register, 0, value)]
    low = (value + 2048) % 4096 - 2048
    if -(1 << 31) <= value < (1 << 31):
        code = [encode("lui", register, (value - low) >> 12 & 0xfffff)]
        # addiw, because lui sign-extends 0x7ffff800 and above to a negative number
        return code + ([encode("addiw", register, register, low)] if low else [])
    rest = (value - low) >> 12
    shift = 12
    while rest % 2 == 0:
        rest //= 2
        shift += 1
    code = load_immediate(register, rest) + [encode("slli", register, register, shift)]
    return code + ([encode("addi", register, register, low)] if low else [])
