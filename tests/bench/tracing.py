"""What tracing costs: processor time of a run without and with traces, and the size of the files.

    python3 tests/bench/tracing.py [--build build] [--against OTHER_BINARY] [--rounds 7] [--window 5ms..15ms] [CONFIG]

The runs take turns and the fastest of several rounds counts, as others use the machine, too. OTHER_BINARY is a program whose run
without traces is the reference for what it costs that nothing is traced.
"""

import argparse
import pathlib
import resource
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def processor_seconds(command):
    """What a command takes of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def kinds(folder, window):
    """Name: options, file."""
    in_window = ["--window", window]
    return {
        "vcd": (["--vcd", folder / "w.vcd", *in_window], folder / "w.vcd"),
        "fst": (["--vcd", folder / "w.fst", *in_window], folder / "w.fst"),
        "trace": (["--trace", folder / "t.json", *in_window], folder / "t.json"),
        "vcd, all signals": (["--vcd", folder / "a.vcd", *in_window, "--signals", "*"], folder / "a.vcd"),
        "fst, all signals": (["--vcd", folder / "a.fst", *in_window, "--signals", "*"], folder / "a.fst"),
        "trace, all signals": (["--trace", folder / "a.json", *in_window, "--signals", "*"], folder / "a.json"),
    }


def measure(options, folder):
    binary = options.build / "aqpim-vp"
    files = kinds(folder, options.window)
    commands = {"none": [binary], **{name: [binary] for name in files}}
    if options.against:
        commands["other program"] = [options.against]
    times = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, (program,) in commands.items():
            extra = files[name][0] if name in files else []
            times[name].append(processor_seconds([program, "run", options.config, "--quiet", "--out", folder / "out", *extra]))
    reference = min(times["none"])
    print(f"{'traced':20} {'s':>7} {'ratio':>7} {'MB':>8}")
    for name, of_name in times.items():
        size = files[name][1].stat().st_size / 1e6 if name in files else 0
        print(f"{name:20} {min(of_name):7.3f} {min(of_name) / reference:7.3f} {size:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", type=pathlib.Path, default=ROOT / "configs" / "reference" / "mistral_32k.cfg")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--against", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--window", default="5ms..15ms")
    with tempfile.TemporaryDirectory() as folder:
        measure(parser.parse_args(), pathlib.Path(folder))


if __name__ == "__main__":
    main()
