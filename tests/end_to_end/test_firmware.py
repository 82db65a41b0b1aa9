"""Other firmware builds: some of the tree, and one built outside it with only the SDK."""

import shutil
import subprocess

from console import Console
from runs import BINARY, FIRMWARE, ROOT, RunTest, simulated


class OtherFirmware(RunTest):
    def test_hello_finds_the_devices(self):
        self.run_well("--firmware", FIRMWARE / "hello.elf")
        log = (self.folder / "out" / "uart.log").read_text()
        for text in ("hello", "fffe:0010", "fffe:0020"):
            self.assertIn(text, log)
        self.assertFalse((self.folder / "out" / "attention.npy").exists())

    def plain_config(self):
        """No workload: other firmware needs none."""
        config = self.folder / "plain.cfg"
        config.write_text("")
        return config

    def log_of(self, program, *arguments):
        """What a program prints that has to succeed."""
        self.run_well("--firmware", FIRMWARE / f"{program}.elf", *arguments, config=self.plain_config())
        return (self.folder / "out" / "uart.log").read_text()

    def test_the_uart_receives_from_a_file(self):
        typed = self.folder / "typed"
        typed.write_text("xmore than the sixteen characters of a FIFO, and an end.unread")
        log = self.log_of("echo", "--uart-input", typed)
        self.assertEqual(log, "echo, after x\nMORE THAN THE SIXTEEN CHARACTERS OF A FIFO, AND AN END.")
        first = simulated(self.stats())
        self.run_well(config=self.folder / "out" / "config.cfg", name="again")
        self.assertEqual(simulated(self.stats("again")), first)

    def test_the_uart_receives_while_all_harts_sleep(self):
        console = Console(self, self.plain_config(), "--firmware", FIRMWARE / "echo.elf", "--out", self.folder / "out")
        console.type("y")
        console.expect("echo, after y\n")
        console.type("hello")
        console.expect("HELLO")
        console.type(".")
        self.assertEqual(console.end(), 0)

    def test_the_end_of_the_input_is_a_deadlock_for_who_waits_for_more(self):
        process = subprocess.run([BINARY, "run", self.plain_config(), "--firmware", FIRMWARE / "echo.elf", "--quiet",
                                  "--out", self.folder / "out", "--uart-input", "stdin"], input="xabc", text=True,
                                 capture_output=True, timeout=100, check=False)
        self.assert_refused(process, 3, "deadlock", "hart0 waits in wfi")

    def test_every_hart_runs(self):
        for harts in (1, 2, 8):
            log = self.log_of("harts", "--set", f"host.harts={harts}")
            self.assertEqual(log, f"{harts} harts counted to {harts * 1000}\n")
            self.assertEqual(len(self.stats()["harts"]), harts)

    def test_a_reset_puts_the_machine_back(self):
        self.assertEqual(self.log_of("reset"), "after the reset: all well, 7 PCI functions\n")
        self.assertEqual(self.stats()["firmware"], {"exited": True, "passed": True, "code": 0, "resets": 1})
        self.assertGreater(self.stats()["simulated_ps"], 2_000_000_000)

    def test_htif_prints_and_ends_the_run(self):
        self.assertEqual(self.log_of("htif_pass"), "by HTIF\n")
        process = self.run_config("--firmware", FIRMWARE / "htif_fail.elf", config=self.plain_config())
        self.assert_refused(process, 1, "code 7")

    def test_other_harts_leave_the_job_as_it_is(self):
        # Without refresh: start-up takes another time, and so meets the refreshes elsewhere.
        options = ("--set", "workload.steps=1", "--set", "dram.refresh=off")
        alone = simulated(self.run_well(*options))
        beside = simulated(self.run_well(*options, "--set", "host.harts=2", name="two"))
        self.assertEqual(beside["accuracy"], alone["accuracy"])
        # Picoseconds of a channel's ticks depend on where these lie.
        self.assertAlmostEqual(beside["pim"].pop("busy_ps") / alone["pim"].pop("busy_ps"), 1, delta=1e-5)
        self.assertEqual(beside["pim"], alone["pim"])

    def test_a_project_outside_the_tree_builds_with_only_the_sdk_and_runs(self):
        sdk = self.folder / "sdk-copy"
        for part in ("sdk", "include"):
            shutil.copytree(ROOT / "firmware" / part, sdk / part)
        project = self.folder / "project"
        shutil.copytree(ROOT / "firmware" / "template", project)
        build = self.folder / "project-build"
        for command in (["cmake", "-S", project, "-B", build, "-G", "Ninja",
                         f"-DCMAKE_TOOLCHAIN_FILE={sdk / 'sdk' / 'toolchain.cmake'}",
                         f"-DAQPIM_SDK={sdk / 'sdk'}"],
                        ["cmake", "--build", build]):
            process = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
        self.run_well("--firmware", next(build.glob("*.elf")))
        self.assertTrue((self.folder / "out" / "uart.log").read_text())
