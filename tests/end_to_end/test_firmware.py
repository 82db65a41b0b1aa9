"""Other firmware builds: one of the tree, and one built outside it with only the SDK."""

import shutil
import subprocess

from runs import FIRMWARE, ROOT, RunTest


class OtherFirmware(RunTest):
    def test_hello_finds_the_devices(self):
        self.run_well("--firmware", FIRMWARE / "hello.elf")
        log = (self.folder / "out" / "uart.log").read_text()
        for text in ("hello", "fffe:0010", "fffe:0020"):
            self.assertIn(text, log)
        self.assertFalse((self.folder / "out" / "attention.npy").exists())

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
