"""Runs the SDK's programs, which need no job, with either fidelity of PCIe."""

from runs import FIRMWARE, RunTest

FIDELITIES = ("fast", "detailed")


class ProgramTest(RunTest):
    def run_program(self, program, *settings, name="out"):
        config = self.folder / "plain.cfg"
        config.write_text("")
        words = [word for setting in settings for word in ("--set", setting)]
        self.run_well("--firmware", FIRMWARE / f"{program}.elf", *words, config=config, name=name)
        return (self.folder / name / "uart.log").read_text()

    def each_fidelity(self, program, *settings):
        """What the program prints with one fidelity after the other."""
        for fidelity in FIDELITIES:
            yield self.run_program(program, f"pcie.fidelity={fidelity}", *settings)
