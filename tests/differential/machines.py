"""Builds the program from records, and runs it on QEMU and on aqpim-vp."""

import pathlib
import shutil
import subprocess

from layout import HARNESS, SHARED, SUPERVISOR, assembler_include

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = "riscv64-unknown-elf-"
# What `-cpu rv64` of QEMU 7.2 has and a plain RV64GC hart of Privileged 1.12 has not.
QEMU_CPU = ("rv64,h=false,zba=false,zbb=false,zbc=false,zbs=false,sstc=false,debug=false,pmu-num=0,marchid=0,mimpid=0,"
            "mvendorid=0,x-smaia=true,x-ssaia=true")


def build(folder, records):
    """Links the harness with the records; returns the ELF's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "layout.inc").write_text(assembler_include())
    (folder / "records.bin").write_bytes(b"".join(records))
    tool(folder, "as", "-march=rv64gc_zicsr_zifencei", "-mabi=lp64d", "-I", folder, "-I", HERE, HERE / "harness.S",
         "-o", "harness.o")
    tool(folder, "ld", "-nostdlib", "--nmagic", "--no-relax", "--no-warn-rwx-segments", f"-Ttext={HARNESS:#x}",
         f"--section-start=.supervisor={SUPERVISOR:#x}", f"--section-start=.shared={SHARED:#x}", "harness.o",
         "-o", "diff.elf")
    return folder / "diff.elf"


def tool(folder, name, *arguments):
    """Runs one of the cross tools; returns what it prints."""
    process = subprocess.run([TOOLS + name, *map(str, arguments)], cwd=folder, capture_output=True, text=True,
                             check=False)
    if process.returncode != 0:
        raise RuntimeError(f"{TOOLS}{name}: {process.stderr}")
    return process.stdout


class Machine:
    """A command that runs an ELF, and where its UART's output is found afterwards."""

    def __init__(self, name):
        self.name = name
        self.status = None  # of the last run; None if it did not end

    def command(self, elf, folder):
        raise NotImplementedError

    def output(self, folder):
        raise NotImplementedError

    def run(self, elf, folder, seconds):
        """Returns what the program printed, and what went wrong (empty if nothing did)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.status = None
        try:
            process = subprocess.run(self.command(elf, folder), stdin=subprocess.DEVNULL, capture_output=True,
                                     text=True, timeout=seconds, check=False)
            self.status = process.returncode
            trouble = "" if process.returncode == 0 else f"exit status {process.returncode}: {process.stderr.strip()}"
        except subprocess.TimeoutExpired:
            trouble = f"not finished after {seconds} s"
        return self.output(folder), trouble


class Qemu(Machine):
    def __init__(self, program, name="qemu"):
        super().__init__(name)
        self.program = program

    @staticmethod
    def find(program):
        return shutil.which(program)

    def command(self, elf, folder):
        # With a second hart possible, atomics are translated to real ones, whose faults have the right cause.
        return [self.program, "-M", "virt", "-cpu", QEMU_CPU, "-m", "256M", "-smp", "1,maxcpus=2", "-bios", "none",
                "-display", "none", "-monitor", "none", "-serial", f"file:{folder / 'qemu.log'}", "-kernel", elf]

    def output(self, folder):
        return (folder / "qemu.log").read_text(errors="replace")


class Platform(Machine):
    def __init__(self, build_tree, options=()):
        super().__init__("aqpim-vp")
        self.binary = pathlib.Path(build_tree) / "aqpim-vp"
        self.options = list(options)

    def command(self, elf, folder):
        (folder / "plain.cfg").write_text("")
        return [self.binary, "run", folder / "plain.cfg", "--firmware", elf, "--quiet", "--out", folder / "vp",
                *self.options]

    def output(self, folder):
        log = folder / "vp" / "uart.log"
        return log.read_text(errors="replace") if log.exists() else ""
