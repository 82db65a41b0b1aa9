"""Speed of the hart: million instructions per second, beside QEMU's, in one run.

    python3 tests/bench/mips.py --build build [--quanta 10us 100ns] [--seconds 4]

Each program runs on both machines with few and with many repetitions; the difference in time and instructions leaves
start-up out. Time is the processor's, and the two machines take turns and the fastest of several rounds counts, as
others use the machine, too. The instructions are counted by our hart: the program is the same.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "programs"
COMPILER = ["riscv64-unknown-elf-gcc", "-O2", "-march=rv64gc", "-mabi=lp64d", "-mcmodel=medany", "-ffreestanding",
            "-fno-builtin", "-fno-tree-loop-distribute-patterns", "-nostdlib", "-T", str(HERE / "link.ld")]
# Repetitions of which one second's work on our hart is made, roughly.
PROGRAMS = {"integer_loop": 300_000, "memory_copy": 20_000, "records": 1_500_000, "matrix_multiply": 200}
ROUNDS = 3


def processor_seconds(command):
    """What a command takes of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


class Program:
    """One source, compiled for a number of repetitions."""

    def __init__(self, name, repetitions, folder):
        self.elf = folder / f"{name}-{repetitions}.elf"
        subprocess.run([*COMPILER, f"-DREPETITIONS={repetitions}", "-o", self.elf, HERE / "start.S", HERE / f"{name}.c"],
                       check=True)

    def run_ours(self, build, quantum, folder):
        """Seconds and instructions."""
        config = folder / "empty.cfg"
        config.write_text("")
        out = folder / "out"
        seconds = processor_seconds([build / "aqpim-vp", "run", config, "--firmware", self.elf, "--out", out, "--quiet",
                                     "--set", f"sim.quantum={quantum}", "--set", "sim.time_limit=1000s"])
        return seconds, json.loads((out / "stats.json").read_text())["harts"]["hart0"]["instructions"]

    def run_qemu(self):
        """Seconds."""
        return processor_seconds(["qemu-system-riscv64", "-M", "virt", "-bios", "none", "-kernel", self.elf,
                                  "-nographic", "-monitor", "none", "-serial", "none"])


def measure(name, options, folder):
    """A row: program, MIPS for each quantum, QEMU's MIPS."""
    few, many = (Program(name, repetitions, folder) for repetitions in
                 (10, max(10 + 10, round(PROGRAMS[name] * options.seconds))))
    ours = {quantum: [] for quantum in options.quanta}
    qemu = []
    for _ in range(ROUNDS):
        for quantum in options.quanta:
            short, short_count = few.run_ours(options.build, quantum, folder)
            long, long_count = many.run_ours(options.build, quantum, folder)
            instructions = long_count - short_count
            ours[quantum].append(instructions / (long - short) / 1e6)
        qemu.append(instructions / (many.run_qemu() - few.run_qemu()) / 1e6)
    return [max(rates) for rates in ours.values()], max(qemu)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--quanta", nargs="+", default=["10us", "100ns"])
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    heads = [f"MIPS, quantum {quantum}" for quantum in options.quanta]
    print("| program |", " | ".join(heads), "| QEMU | ratio |")
    print("|---|" + "---:|" * (len(heads) + 2))
    with tempfile.TemporaryDirectory() as name:
        for program in PROGRAMS:
            rates, qemu = measure(program, options, pathlib.Path(name))
            cells = " | ".join(f"{rate:.0f}" for rate in rates)
            print(f"| {program} | {cells} | {qemu:.0f} | {rates[0] / qemu:.2f} |", flush=True)


if __name__ == "__main__":
    main()
