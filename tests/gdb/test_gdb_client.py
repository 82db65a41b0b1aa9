"""Sessions of a real GDB with the server, in front of the fake harts of gdb_target.

Environment: GDB (gdb-multiarch), GDB_TARGET (the program).
"""

import os
import subprocess
import unittest

SECONDS = 50


class Session(unittest.TestCase):
    def setUp(self):
        self.target = subprocess.Popen(
            [os.environ["GDB_TARGET"], str(SECONDS)], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.target.stdout.readline())

    def tearDown(self):
        self.target.kill()
        self.target.wait()
        self.target.stdout.close()

    def gdb(self, *commands):
        """What GDB prints upon the commands, each after a line `> command`."""
        arguments = [os.environ["GDB"], "-nx", "-q", "-batch"]
        for command in ("set architecture riscv:rv64", f"target remote 127.0.0.1:{self.port}", *commands):
            arguments += ["-ex", f"echo > {command}\\n", "-ex", command]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
        self.assertNotIn("warning", done.stderr.lower().replace("warning: no executable", ""))
        return done.stdout + done.stderr

    def end(self):
        return self.target.communicate(timeout=SECONDS)[0].strip()

    def test_registers_are_named_and_can_be_written(self):
        output = self.gdb(
            "info registers pc a0 a1",
            "set $a1 = 0x1234",
            "set $mscratch = 77",
            "set $fa0 = 1.5",
            "p/x $a1",
            "p $mscratch",
            "p $fa0",
            "p $priv",
            "p/x $mhartid",
            "info all-registers",
        )
        self.assertRegex(output, r"pc +0x80000000")
        self.assertRegex(output, r"a0 +0x80001000")
        self.assertIn("$1 = 0x1234", output)
        self.assertIn("$2 = 77", output)
        self.assertRegex(output, r"\$3 = .*double = 1.5")
        self.assertIn("$4 = 3", output.replace("prv:3 [Machine]", "3"))
        self.assertIn("$5 = 0x0", output)
        self.assertRegex(output, r"mepc +0x0")
        self.assertRegex(output, r"fcsr +0x0")

    def test_memory_is_read_and_written(self):
        output = self.gdb(
            "x/2i 0x80000004",
            "set {long}0x80000100 = 0x1122334455667788",
            "x/1gx 0x80000100",
            "x/1bx 0x80000107",
            "x/1bx 0x10",
        )
        self.assertRegex(output, r"addi?\s+a1,a1,1")
        self.assertRegex(output, r"sd\s+a1,0\(a0\)")
        self.assertIn("0x1122334455667788", output)
        self.assertRegex(output, r"0x80000107:\s+0x11")
        self.assertIn("Cannot access memory at address 0x10", output)

    def test_breakpoint_step_and_watchpoint(self):
        output = self.gdb(
            "break *0x80000008",
            "continue",
            "p $a1",
            "continue",
            "p $a1",
            "hbreak *0x8000000c",
            "delete 1",
            "continue",
            "delete",
            "stepi",
            "p/x $pc",
            "watch *(long*)0x80001000",
            "continue",
            "p/x $pc",
        )
        self.assertIn("Breakpoint 1, 0x0000000080000008", output)
        self.assertIn("Breakpoint 2, 0x000000008000000c", output)
        self.assertIn("$1 = 1\n", output)
        self.assertIn("$3 = 0x80000004", output)
        self.assertIn("Hardware watchpoint 3", output)
        self.assertRegex(output, r"Old value = \d+\nNew value = \d+")
        self.assertIn("$4 = 0x8000000c", output)

    def test_harts_are_threads(self):
        output = self.gdb(
            "info threads",
            "thread 2",
            "p/x $mhartid",
            "set scheduler-locking on",
            "stepi",
            "stepi",
            "p/x $pc",
            "thread 1",
            "p/x $pc",
        )
        self.assertIn("(hart 0)", output)
        self.assertIn("(hart 1)", output)
        self.assertIn("$1 = 0x1", output)
        self.assertIn("$2 = 0x80000008", output)
        self.assertIn("$3 = 0x80000000", output)

    def test_a_call_of_one_hart_stops_the_other(self):
        output = self.gdb("break *0x80000008 thread 2", "continue", "thread", "p/x $mhartid")
        self.assertIn("Current thread is 2", output)
        self.assertIn("$1 = 0x1", output)

    def test_monitor_commands(self):
        output = self.gdb(
            "monitor help",
            "monitor time",
            "stepi",
            "monitor reset",
            "maintenance flush register-cache",
            "p/x $pc",
            "monitor nonsense",
        )
        self.assertIn("this text", output)
        self.assertIn("0 instructions", output)
        self.assertIn("$1 = 0x80000000", output)
        self.assertIn("unknown monitor command", output)

    def test_interrupt(self):
        output = self.gdb(
            "python import threading, os, signal",
            "python threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()",
            "continue",
            "info threads",
        )
        self.assertIn("SIGINT", output)
        self.assertIn("(hart 1)", output)

    def test_detach_lets_the_run_end_by_itself(self):
        self.assertIn("detached", self.gdb("break *0x80000008", "continue", "detach"))
        self.assertEqual(self.end(), "ended")

    def test_leaving_gdb_lets_the_run_end_by_itself(self):
        self.gdb("break *0x80000008", "continue")
        self.assertEqual(self.end(), "ended")

    def test_kill_ends_the_run(self):
        self.gdb("kill")
        self.assertEqual(self.end(), "killed")

    def test_the_exit_status_is_told(self):
        output = self.gdb("continue")
        self.assertIn("exited with code 07", output)
        self.assertEqual(self.end(), "ended")


if __name__ == "__main__":
    unittest.main()
