"""The disassembler against GNU objdump, line by line: both print the same raw instructions at the same address.

Comments (" # 0x80002278") are left out: objdump follows the contents of registers for them. Encodings of more than 32
bits are not generated: the hart knows none.
"""

import os
import pathlib
import random
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

DISASSEMBLE = os.environ["DISASSEMBLE"]
OBJDUMP = os.environ["OBJDUMP"]
OBJCOPY = os.environ["OBJCOPY"]
FIRMWARE = os.environ.get("FIRMWARE")
ADDRESS = 0x80000000
FILLS = 300
RANDOM_WORDS = 100_000

# CSRs that objdump names though they are none of Privileged 1.12.
LATER_CSRS = {
    # Smaia and Ssaia
    0x114, 0x150, 0x151, 0x154, 0x15c, 0x214, 0x250, 0x251, 0x254, 0x25c, 0x308, 0x309, 0x313, 0x314, 0x318, 0x319,
    0x350, 0x351, 0x354, 0x35c, 0x608, 0x609, 0x613, 0x618, 0x646, 0x647, 0x655, 0x656, 0x657, 0xdb0, 0xeb0, 0xfb0,
    # Smstateen
    *range(0x10c, 0x110), *range(0x30c, 0x310), *range(0x31c, 0x320), *range(0x60c, 0x610), *range(0x61c, 0x620),
    # Sscofpmf
    *range(0x723, 0x740), 0xda0,
    # Sstc
    0x14d, 0x15d, 0x24d, 0x25d,
    # Debug 1.0
    0x7a4, 0x7a5, 0x7aa,
}


def names_a_later_csr(word, theirs, ours):
    """They differ in the CSR only, which we print as a number."""
    pattern = re.escape(ours).replace(f"{word >> 20:#x}", "[a-z]+[0-9]*h?")
    return word & 0x7f == 0x73 and word >> 20 in LATER_CSRS and re.fullmatch(pattern, theirs)


def is_unknown_to_objdump(theirs):
    return theirs.startswith(".4byte\t")


# Where the two may differ, and why: (reason, condition on the encoding and the two texts).
EXCEPTIONS = (
    ("fence and fence.i with fields that a hart ignores (Unprivileged ISA 20191213, 2.7 and chapter 3)",
     lambda word, theirs, ours: word & 0x607f == 0x0f and is_unknown_to_objdump(theirs) and ours.startswith("fence")),
    ("objdump knows exact conversions with rounding mode 0 only; the field may hold others (12.5)",
     lambda word, theirs, ours: is_unknown_to_objdump(theirs) and word >> 12 & 7 != 0 and
     re.match("fcvt\\.d\\.(s|wu?)\t", ours)),
    ("uret, hret, dret and sfence.vm are of other or former extensions",
     lambda word, theirs, ours: re.match("([uhd]ret|sfence\\.vm)\\b", theirs) and ours == f".4byte\t{word:#x}"),
    ("c.addi16sp by 0 is reserved (16.5)",
     lambda word, theirs, ours: (word, theirs, ours) == (0x6101, "add\tsp,sp,0", ".2byte\t0x6101")),
    ("CSRs of later extensions", names_a_later_csr),
)


def run(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100, check=True).stdout


def is_compressed(word):
    return word & 3 != 3


def is_longer_than_32_bits(word):
    return word & 0x1f == 0x1f


class Disassembly(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="aqpim-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.random = random.Random(1)

    def compare(self, code, address=ADDRESS):
        """Checks each line of the raw instructions `code`; returns the reasons of the exceptions met."""
        file = self.folder / "code.bin"
        file.write_bytes(code)
        listing = run(OBJDUMP, "-D", "-z", "-b", "binary", "-m", "riscv:rv64", f"--adjust-vma={address:#x}", file)
        lines = [line for line in listing.splitlines() if re.match(" *[0-9a-f]+:\t", line)]
        theirs = [re.sub(" # 0x[0-9a-f]+$", "", line) for line in lines]
        ours = run(DISASSEMBLE, file, f"{address:x}").splitlines()
        self.assertEqual(len(theirs), len(ours))
        self.assertGreater(len(ours), 0)
        met = set()
        wrong = []
        for their_line, our_line in zip(theirs, ours):
            if their_line != our_line:
                reason = self.reason(their_line, our_line)
                met.add(reason)
                if reason is None:
                    wrong.append(f"objdump: {their_line}\nours:    {our_line}")
        if wrong:
            self.fail(f"{len(wrong)} differences, the first:\n" + "\n".join(wrong[:10]))
        return met

    def reason(self, theirs, ours):
        their_address, their_bytes, their_text = theirs.split("\t", 2)
        our_address, our_bytes, our_text = ours.split("\t", 2)
        if (their_address, their_bytes) == (our_address, our_bytes):
            word = int(our_bytes, 16)
            for reason, holds in EXCEPTIONS:
                if holds(word, their_text, our_text):
                    return reason
        return None

    def compare_words(self, words):
        return self.compare(b"".join(struct.pack("<I", word) for word in words))

    def fill(self, match, mask):
        """An encoding of a table line: random bits, with fields that aliases look at often at their edges."""
        word = self.random.getrandbits(32)
        for low, count in ((7, 5), (12, 3), (15, 5), (20, 5), (20, 12), (25, 2)):
            if self.random.random() < 0.3:
                ones = (1 << count) - 1
                word = word & ~(ones << low) | self.random.choice((0, 1, 2, ones)) << low
        if self.random.random() < 0.1:
            word = word & ~(0x1f << 20) | (word >> 15 & 0x1f) << 20
        return match | word & ~mask

    def test_every_compressed_encoding(self):
        halves = [half for half in range(0x10000) if is_compressed(half)]
        self.compare(b"".join(struct.pack("<H", half) for half in halves))

    def test_every_line_of_the_table(self):
        table = [line.split() for line in run(DISASSEMBLE, "--table").splitlines()]
        self.assertGreater(len(table), 150)
        self.compare_words([self.fill(int(match, 16), int(mask, 16)) for _, match, mask in table for _ in range(FILLS)])

    def test_every_csr_by_every_instruction(self):
        # Each number with registers that aliases look for and with others.
        self.compare_words([number << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x73 for number in range(4096)
                            for funct3 in (1, 2, 3, 5, 6, 7) for rs1 in (0, 9) for rd in (0, 10)])

    def test_every_system_instruction_without_registers(self):
        self.compare_words([funct12 << 20 | rs1 << 15 | 0x73 for funct12 in range(4096) for rs1 in (0, 1)])

    def test_every_set_of_a_fence(self):
        self.compare_words([funct12 << 20 | opcode for funct12 in range(4096) for opcode in (0x0f, 0x100f)])

    def test_random_words(self):
        words = [self.random.getrandbits(32) | 3 for _ in range(RANDOM_WORDS)]
        self.compare_words([word for word in words if not is_longer_than_32_bits(word)])

    def test_addresses(self):
        # Columns by the number of digits; branches across both ends of the address space.
        code = b"".join(struct.pack("<I", word) for word in (0xfe000ee3, 0x800000ef, 0x7ffff06f, 0x00000013))
        for address in (0, 0x1000, 0xffff00, 0x7000000, 0x10000000, 0x400000000, 0xfff000000000, 0x1000000000000,
                        0xffffffff80000000, 0xfffffffffffff000):
            with self.subTest(address=hex(address)):
                self.compare(code, address)

    def test_no_exception_is_out_of_date(self):
        met = set()
        for words in ([0x1000000f], [0x42007053], [0x00200073, 0x7b200073, 0x10400073], [0x6101], [0x15052573]):
            met |= self.compare_words(words)
        self.assertEqual(met, {reason for reason, _ in EXCEPTIONS})

    @unittest.skipUnless(FIRMWARE, "built without firmware")
    def test_code_of_a_real_program(self):
        elf = pathlib.Path(FIRMWARE) / "decode.elf"
        functions = re.findall("^([0-9a-f]+) .{6}F \\.text\t([0-9a-f]+) ", run(OBJDUMP, "-t", elf), re.MULTILINE)
        start = int(re.search(" \\.text +[0-9a-f]+ +([0-9a-f]+) ", run(OBJDUMP, "-h", elf))[1], 16)
        # Constants follow the last function.
        end = max(int(address, 16) + int(size, 16) for address, size in functions)
        text = self.folder / "text.bin"
        run(OBJCOPY, "-O", "binary", "-j", ".text", elf, text)
        self.compare(text.read_bytes()[:end - start], start)


if __name__ == "__main__":
    unittest.main()
