"""Debian's OpenSBI and U-Boot, as they are, on the platform."""

import pathlib
import re
import unittest
import zlib

from console import UBoot
from runs import RunTest

OPENSBI = pathlib.Path("/usr/lib/riscv64-linux-gnu/opensbi/generic")
UBOOT = pathlib.Path("/usr/lib/u-boot")
S_MODE = UBOOT / "qemu-riscv64_smode"
M_MODE = UBOOT / "qemu-riscv64"
S_MODE_ADDRESS = "0x80200000"

FUNCTIONS = ("00.00.00   0xfffe     0x0001     Bridge device           0x00",
             "00.01.00   0xfffe     0x0002     Bridge device           0x04",  # root port
             "01.00.00   0xfffe     0x0003     Bridge device           0x04",  # switch
             "02.00.00   0xfffe     0x0004     Bridge device           0x04",
             "02.01.00   0xfffe     0x0004     Bridge device           0x04",
             "03.00.00   0xfffe     0x0010     Display controller      0x02",  # GPU
             "04.00.00   0xfffe     0x0020")                                   # PIM device


@unittest.skipUnless(OPENSBI.exists() and S_MODE.exists(), "the packages opensbi and u-boot-qemu are not installed")
class BootTest(RunTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "machine.cfg"
        self.config.write_text("[sim]\ntime_limit = 1000s\n")
        self.out = self.folder / "out"

    def arguments(self, *more):
        return (self.config, "--out", self.out, *more)

    def opensbi(self, firmware="fw_dynamic.bin", *more):
        return self.arguments("--firmware", OPENSBI / firmware,
                              "--load", f"{S_MODE / 'u-boot.bin'}@{S_MODE_ADDRESS}", *more)


class Opensbi(BootTest):
    def banner(self, *arguments):
        """What OpenSBI says of the machine, by name; U-Boot then ends the run."""
        # What is typed ahead is U-Boot's; it takes the first keys for its autoboot.
        (self.folder / "typed").write_text("\n\n\n\npoweroff\n")
        process = self.aqpim("run", *arguments, "--uart-input", self.folder / "typed")
        self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.assertIn("\nOpenSBI v", process.stdout)
        self.assertIn("\nU-Boot 20", process.stdout)
        return dict(re.findall(r"^([A-Z][\w ]*?) +: (.*?)\r?$", process.stdout, re.MULTILINE))

    def check_machine(self, banner, harts):
        expected = {"Platform Name": "aqpim-vp", "Platform HART Count": str(harts), "Platform IPI Device": "aclint-mswi",
                    "Platform Timer Device": "aclint-mtimer @ 10000000Hz", "Platform Console Device": "uart8250",
                    "Platform Reboot Device": "sifive_test", "Platform Shutdown Device": "sifive_test",
                    "Boot HART Priv Version": "v1.12", "Boot HART Base ISA": "rv64imafdc", "Boot HART PMP Count": "16",
                    "Boot HART PMP Granularity": "4", "Domain0 Next Address": "0x0000000080200000",
                    "Domain0 Next Mode": "S-mode"}
        self.assertEqual({name: banner.get(name) for name in expected}, expected)
        self.assertEqual(sorted(re.findall(r"\d+", banner["Domain0 HARTs"])), [str(hart) for hart in range(harts)])

    def test_the_banner_names_our_machine(self):
        self.check_machine(self.banner(*self.opensbi()), 1)

    def test_two_harts(self):
        self.check_machine(self.banner(*self.opensbi("fw_dynamic.elf", "--set", "host.harts=2")), 2)

    def test_four_harts(self):
        self.check_machine(self.banner(*self.opensbi("fw_dynamic.bin", "--set", "host.harts=4")), 4)

    def test_fw_jump_starts_an_elf(self):
        banner = self.banner(*self.arguments("--firmware", OPENSBI / "fw_jump.elf", "--load", S_MODE / "uboot.elf"))
        self.check_machine(banner, 1)

    def test_a_run_is_repeated_from_its_resolved_configuration(self):
        arguments = self.opensbi("fw_jump.bin", "--set", "host.harts=2")
        self.banner(*arguments)
        first = self.stats()
        process = self.aqpim("run", self.out / "config.cfg", "--out", self.out, "--quiet")
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertEqual(self.stats()["simulated_ps"], first["simulated_ps"])
        self.assertEqual(self.stats()["harts"], first["harts"])


class Dialogue(BootTest):
    """What is asked at U-Boot's prompt, in either mode."""

    def ask_for_functions(self, uboot):
        uboot.command("pci enum")
        listing = uboot.command("pci")
        for function in FUNCTIONS:
            self.assertIn(function, listing)
        for bus in range(5):
            here = uboot.command(f"pci {bus}")
            for function in FUNCTIONS:
                (self.assertIn if function.startswith(f"0{bus}.") else self.assertNotIn)(function, here)

    def ask_for_memory(self, uboot):
        uboot.command("mw.l 80400000 89abcdef 10")
        self.assertIn("80400000: 89abcdef 89abcdef 89abcdef 89abcdef", uboot.command("md.l 80400000 4"))
        uboot.command("mw.l 80500000 89abcdef 10")
        self.assertIn("Total of 16 word(s) were the same", uboot.command("cmp.l 80400000 80500000 10"))
        uboot.command("mw.b 80500009 0")
        self.assertIn("word at 0x80400008 (0x89abcdef) != word at 0x80500008 (0x89ab00ef)",
                      uboot.command("cmp.l 80400000 80500000 10"))
        self.assertIn("80500008: 89abcdef89ab00ef", uboot.command("md.q 80500008 1"))
        checksum = zlib.crc32(bytes.fromhex("efcdab89") * 16)
        self.assertIn(f"==> {checksum:08x}", uboot.command("crc32 80400000 40"))

    def ask_for_copies(self, uboot):
        """`cp` in RAM, which U-Boot does only with its flash memory found."""
        uboot.command("mw.q 80400000 0123456789abcdef 8")
        uboot.command("cp.l 80400000 80600000 10")
        self.assertIn("Total of 16 word(s) were the same", uboot.command("cmp.l 80400000 80600000 10"))
        uboot.command("cp.b 80400001 80600000 3f")
        self.assertIn("Total of 63 byte(s) were the same", uboot.command("cmp.b 80400001 80600000 3f"))
        self.assertIn("80600000: 6789abcd ef012345", uboot.command("md.l 80600000 2"))

    def ask_for_flash(self, uboot):
        banks = uboot.command("flinfo")
        bank = r"CFI conformant flash \(32 x 16\)  Size: 32 MB in 128 Sectors\n  Intel \w+ command set, "
        self.assertEqual(len(re.findall(bank + "Manufacturer ID: 0x89, Device ID: 0x0018", banks)), 2)
        for sector in ("20000000", "21FC0000", "22000000", "23FC0000"):
            self.assertIn(sector, banks)
        self.assertIn("20000000: ffffffff ffffffff", uboot.command("md.l 20000000 2"))

    def program_flash(self, uboot):
        """Through the chips' buffers, and the odd bytes word by word."""
        self.assertIn("done", uboot.command("cp.b 80400000 21fbffc0 75"))
        self.assertIn("Total of 117 byte(s) were the same", uboot.command("cmp.b 80400000 21fbffc0 75"))
        self.assertIn("Flash not Erased", uboot.command("cp.b 80400001 21fbffc0 10"))
        self.assertIn("Erased 1 sectors", uboot.command("erase 21fc0000 21ffffff"))
        self.assertIn("21fc0000: ffffffff", uboot.command("md.l 21fc0000 1"))
        self.assertIn("Total of 64 byte(s) were the same", uboot.command("cmp.b 80400000 21fbffc0 40"))

    def ask_for_registers(self, uboot):
        """The identification of GPU and PIM device, through the BARs that U-Boot has placed."""
        self.assertIn("0x40000004", uboot.command("pci header 3.0.0"))
        self.assertIn("40000000: 49505551 0000314d", uboot.command("md.l 40000000 2"))

    def ask_for_tree(self, uboot):
        uboot.command("fdt addr ${fdtcontroladdr}")
        tree = uboot.command("fdt print /soc")
        for node in ("serial@10000000", "plic@c000000", "clint@2000000", "pci@30000000", "test@100000"):
            self.assertIn(node, tree)
        self.assertIn('riscv,isa = "rv64imafdc"', uboot.command("fdt print /cpus/cpu@0"))

    def reset_and_power_off(self, uboot):
        uboot.type("reset\n")
        uboot.expect(r"resetting \.\.\.")
        self.assertIn("DRAM:  256 MiB", uboot.stop_autoboot())
        self.ask_for_functions(uboot)
        uboot.type("poweroff\n")
        self.assertEqual(uboot.end(), 0)
        self.assertEqual(self.stats()["firmware"]["resets"], 1)

    def converse(self, uboot):
        self.assertIn("Model: aqpim-vp", uboot.boot_text)
        self.ask_for_functions(uboot)
        self.ask_for_memory(uboot)
        self.ask_for_copies(uboot)
        self.ask_for_flash(uboot)
        self.program_flash(uboot)
        self.ask_for_registers(uboot)
        self.ask_for_tree(uboot)
        self.reset_and_power_off(uboot)

    def test_in_supervisor_mode_behind_opensbi(self):
        self.converse(UBoot(self, *self.opensbi()))

    def test_in_supervisor_mode_with_two_harts(self):
        self.converse(UBoot(self, *self.opensbi("fw_jump.bin", "--set", "host.harts=2")))

    def test_in_machine_mode(self):
        self.converse(UBoot(self, *self.arguments("--firmware", M_MODE / "u-boot.bin")))

    def test_in_machine_mode_with_two_harts(self):
        self.converse(UBoot(self, *self.arguments("--firmware", M_MODE / "uboot.elf", "--set", "host.harts=2")))
