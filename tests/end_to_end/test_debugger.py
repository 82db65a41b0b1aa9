"""Firmware under a debugger: sessions of gdb-multiarch, and debuggers that misbehave."""

import re
import signal
import socket
import time
import unittest

from debugger import GDB, DebuggedRun
from runs import CONFIG, FIRMWARE, SANITIZER_NOTE, RunTest, simulated
from test_boot import OPENSBI, S_MODE, S_MODE_ADDRESS

HOST_CYCLE_PS = 500  # configs/aqpim.cfg: 2 GHz
QUANTUM_PS = 1_000_000
HIGH_HALF = 0xffffffc000000000  # supervisor.c
ENTRY = "0x80000000"


@unittest.skipUnless(GDB, "the package gdb-multiarch is not installed")
class DebuggerTest(RunTest):
    def setUp(self):
        super().setUp()
        self.config = self.folder / "machine.cfg"
        self.config.write_text("[sim]\ntime_limit = 1000s\n")

    def start(self, firmware, *arguments):
        return DebuggedRun(self, self.config, "--firmware", FIRMWARE / firmware, "--out", self.folder / "out", *arguments)

    def assert_ends(self, run, status=0, *parts):
        ended, errors = run.end()
        self.assertEqual(ended, status, errors)
        lines = [line for line in errors.splitlines() if not SANITIZER_NOTE.match(line)]
        self.assertEqual(len(lines), 1 if parts else 0, errors)
        for part in parts:
            self.assertIn(part, lines[0])

    def values(self, output):
        """What GDB's `p` printed, in order."""
        return [int(value, 0) for value in re.findall(r"^\$\d+ = (?:prv:)?(-?0x[0-9a-f]+|-?\d+)(?: \[\w+\])?$", output, re.M)]

    def times_ps(self, output):
        return [int(time) for time in re.findall(r"\((\d+) ps\)", output)]


class Decode(DebuggerTest):
    """The platform's own firmware, on its own configuration."""

    def session(self, *commands):
        run = DebuggedRun(self, CONFIG, "--out", self.folder / "out")
        output = run.gdb(FIRMWARE / "decode.elf", *commands, "delete", "continue", "p $_exitcode")
        self.assert_ends(run)
        self.assertIn("exited normally", output)
        self.assertEqual(self.values(output)[-1], 0, output)
        return output

    def test_a_session_changes_no_figure(self):
        self.session("break attend_layer", "continue", "stepi", "stepi", "info registers", "next", "continue",
                     "watch -l run.pim.submitted", "continue", "x/64gx &rings", "finish", "monitor time")
        alone = self.run_well(name="alone")
        self.assertEqual(simulated(self.stats()), simulated(alone))
        self.assertEqual((self.folder / "out" / "attention.npy").read_bytes(),
                         (self.folder / "alone" / "attention.npy").read_bytes())

    def test_a_breakpoint_in_the_scheduler_shows_the_way_there_and_the_hart(self):
        output = self.session("info threads", "tbreak attend_layer", "continue", "backtrace", "info args", "monitor time",
                              "p $priv", "p $mstatus >> 11 & 3", "p $mtvec == (unsigned long)&aqpim_trap_entry",
                              "p/x $mcause", "p $cycle")
        self.assertRegex(output, r"\* 1 +Thread 1 \(hart 0\) _start \(\)")
        self.assertRegex(output, r"Temporary breakpoint 1, attend_layer \((?=.*step=0)(?=.*layer=0)")
        self.assertRegex(output, r"#\d .*run_decode \((.|\n)*#\d .*main \(\)")
        privilege, previous, trap_vector_is_ours, cause, cycle = self.values(output)[:5]
        self.assertEqual((privilege, previous, trap_vector_is_ours), (3, 0, 1))
        self.assertEqual(cause, 1 << 63 | 11)  # of the last trap: the external interrupt
        self.assertAlmostEqual(cycle * HOST_CYCLE_PS, self.times_ps(output)[0], delta=QUANTUM_PS)

    def test_a_watchpoint_catches_the_descriptor_in_the_ring(self):
        slot = "(struct aqpim_descriptor_header*)(rings[RING_PIM].descriptors + 128 * (run.pim.submitted % 64))"
        output = self.session("tbreak attend_layer", "continue", f"set $slot = {slot}", "watch -l *(unsigned long*)$slot",
                              "continue", "backtrace", "p $slot->opcode")
        self.assertRegex(output, r"Hardware watchpoint 2: (.|\n)*Old value = (.|\n)*New value = ")
        self.assertRegex(output, r"#0 .*memcpy \((.|\n)*#1 .*aqpim_queue_put \((.|\n)*attend_layer \(")
        append = 2  # AQPIM_PIM_APPEND
        self.assertEqual(self.values(output)[0], append)

    def test_a_step_over_wfi_lands_behind_it_when_the_interrupt_comes(self):
        output = self.session("break attend_layer", "continue", "break aqpim_sleep", "continue", "x/i $pc", "p $pc",
                              "monitor time", "stepi", "p $pc", "monitor time", "p $mip >> 11 & 1")
        self.assertRegex(output, r"=> 0x[0-9a-f]+ <aqpim_sleep>:\s+wfi")
        before, behind, external_interrupt = self.values_of_pc(output)
        self.assertEqual(behind, before + 4)
        self.assertEqual(external_interrupt, 1)
        asleep, awake = self.times_ps(output)
        self.assertGreater(awake, asleep)

    def values_of_pc(self, output):
        pcs = [int(pc, 16) for pc in re.findall(r"^\$\d+ = \(void \(\*\)\(.*\)\) (0x[0-9a-f]+)", output, re.M)]
        return *pcs, self.values(output)[0]


class SeveralHarts(DebuggerTest):
    def session(self, *commands, status=0):
        run = self.start("harts.elf", "--set", "host.harts=2")
        output = run.gdb(FIRMWARE / "harts.elf", *commands, "delete", "continue")
        self.assert_ends(run, status)
        self.assertIn("2 harts counted to 2000", (self.folder / "out" / "uart.log").read_text())
        return output

    def test_each_thread_has_its_harts_registers(self):
        output = self.session("break count if $mhartid == 1", "continue", "thread", "p $mhartid", "p $a0", "thread 1",
                              "p $mhartid", "info threads")
        self.assertRegex(output, r"Thread 2 hit Breakpoint 1")
        self.assertIn("Current thread is 2", output)
        self.assertEqual(self.values(output), [1, 1, 0])
        self.assertRegex(output, r"\* 1 +Thread 1 \(hart 0\)")
        self.assertRegex(output, r"  2 +Thread 2 \(hart 1\) .*count \(hart=1\)")

    def test_with_the_scheduler_locked_only_the_selected_hart_runs(self):
        output = self.session("break count if $mhartid == 1", "continue", "set scheduler-locking on", "thread 1",
                              "p/x (long)$pc", "thread 2", "p/x (long)$pc", "stepi", "stepi", "stepi", "p/x (long)$pc",
                              "thread 1", "p/x (long)$pc", "stepi", "p/x (long)$pc", "set scheduler-locking off")
        other, begin, end, other_after, other_stepped = self.values(output)
        self.assertGreater(end, begin)
        self.assertEqual(other_after, other)
        self.assertNotEqual(other_stepped, other)

    def test_monitor_reset_shows_all_harts_at_the_entry(self):
        output = self.session("break count if $mhartid == 1", "continue", "monitor reset", "maintenance flush register-cache",
                              "p $mhartid", "p $a0", "p/x (long)$pc", "thread 1", "p $mhartid", "p $a0", "p/x (long)$pc")
        entry = int(ENTRY, 0)
        self.assertEqual(self.values(output), [1, 1, entry, 0, 0, entry])


class Supervisor(DebuggerTest):
    def test_translated_code_and_data_are_at_their_virtual_addresses(self):
        run = self.start("supervisor.elf")
        output = run.gdb(FIRMWARE / "supervisor.elf", f"break *((long)supervise + {HIGH_HALF:#x})", "continue",
                         "p $priv", "p (unsigned long)$satp >> 60", f"p (long)$pc - (long)supervise == {HIGH_HALF:#x}",
                         f"x/gx {HIGH_HALF:#x}", f"x/gx {HIGH_HALF + 4096:#x}", f"watch *(long*){HIGH_HALF + 8:#x}",
                         "continue", "p page[1]", "continue")
        self.assertEqual(self.values(output), [1, 8, 1, 42])
        self.assertIn(f"{HIGH_HALF:#x}:\t{41:#018x}", output)
        self.assertIn(f"Cannot access memory at address {HIGH_HALF + 4096:#x}", output)
        self.assertRegex(output, r"Old value = 0\nNew value = 42")
        self.assertIn("exited normally", output)
        self.assert_ends(run)

    @unittest.skipUnless(OPENSBI.exists() and S_MODE.exists(), "the packages opensbi and u-boot-qemu are not installed")
    def test_uboot_behind_opensbi(self):
        (self.folder / "typed").write_text("\n\n\n\npoweroff\n")
        run = self.start(OPENSBI / "fw_dynamic.bin", "--load", f"{S_MODE / 'u-boot.bin'}@{S_MODE_ADDRESS}",
                         "--uart-input", self.folder / "typed")
        output = run.gdb(S_MODE / "uboot.elf", f"break *{S_MODE_ADDRESS}", "continue", "p $priv", "p $medeleg >> 8 & 1",
                         "break board_init_f", "continue", "p $priv", "stepi", "delete", "continue")
        self.assertIn("Breakpoint 2, ", output)
        self.assertEqual(self.values(output), [1, 1, 1])  # S mode; its own ecalls from U mode are delegated to it
        self.assertIn("exited normally", output)
        self.assert_ends(run)


class Interruption(DebuggerTest):
    def test_ctrl_c_stops_a_hart_that_spins_and_kill_ends_the_run(self):
        run = self.start("spin.elf")
        output = run.gdb(FIRMWARE / "spin.elf", "python import os, signal, threading",
                         "python threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()", "continue",
                         "backtrace", "kill")
        self.assertIn("SIGINT", output)
        self.assertRegex(output, r"#0 .*main \(\)")
        self.assert_ends(run, 3, "the debugger has ended the run after ")
        self.assertFalse((self.folder / "out").exists())

    def test_ctrl_c_stops_harts_that_all_sleep(self):
        run = self.start("echo.elf", "--set", "host.harts=2", "--uart-input", "stdin")
        client = run.connect()
        client.go()
        self.send_input(run, "x")
        time.sleep(0.5)
        client.send(b"\x03")
        self.assertEqual(client.reply(), "T02thread:1;")
        self.assertEqual(client.ask("qfThreadInfo"), "m1,2")
        client.go()
        self.send_input(run, "y.")
        self.assertEqual(client.reply(), "W00")
        self.assert_ends(run)

    def send_input(self, run, text):
        run.process.stdin.write(text)
        run.process.stdin.flush()

    def test_a_deadlock_is_told_as_the_exit_status(self):
        run = self.start("sleep.elf")
        self.assertIn("exited with code 03", run.gdb(FIRMWARE / "sleep.elf", "continue"))
        self.assert_ends(run, 3, "deadlock")


class Leaving(DebuggerTest):
    def test_after_detach_the_run_goes_on(self):
        run = self.start("hello.elf")
        self.assertIn("detached", run.gdb(FIRMWARE / "hello.elf", "break main", "continue", "detach"))
        self.assert_ends(run)

    def test_a_debugger_that_disappears_leaves_the_run_to_itself(self):
        for goes_first in (False, True):
            run = self.start("harts.elf")
            client = run.connect()
            self.assertEqual(client.ask("Z0,80000000,4"), "OK")
            if goes_first:
                client.go()
            client.leave()
            self.assert_ends(run)

    def test_a_second_debugger_is_refused_without_harm(self):
        run = self.start("harts.elf")
        first = run.connect()
        self.assertEqual(first.ask("?"), "T05thread:1;")
        with self.assertRaises(ConnectionError):
            run.connect()
        first.go()
        self.assertEqual(first.reply(), "W00")
        self.assert_ends(run)

    def test_malformed_bytes_are_survived(self):
        for nonsense in (b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 100, b"$" * 10000, b"$m0,#", b"\x03" * 1000,
                         b"$vCont;x#00$#zz+-+-"):
            run = self.start("harts.elf")
            client = run.connect()
            client.send(nonsense)
            client.leave()
            self.assert_ends(run)


class Refusals(DebuggerTest):
    def test_a_signal_ends_the_run_that_waits(self):
        for who in ("nobody", "a silent one"):
            run = self.start("harts.elf")
            client = run.connect() if who != "nobody" else None
            time.sleep(0.3)
            run.process.send_signal(signal.SIGINT)
            self.assert_ends(run, 3, "interrupted after 0 ps" if client else "interrupted before a debugger had come")
            self.assertFalse((self.folder / "out").exists())

    def refused(self, port, *parts):
        self.assert_refused(self.run_config("--firmware", FIRMWARE / "harts.elf", f"--gdb={port}", config=self.config), 2,
                            *parts)

    def test_a_port_that_is_none(self):
        for port in ("70000", "65536", "-1", "0x50", "1234 "):
            self.refused(port, f"--gdb: '{port}' found", "0 to 65535")

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.refused(port, f"port {port} of 127.0.0.1", "Address already in use")
