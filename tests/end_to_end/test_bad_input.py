"""Every bad input gets one clear line and its status, and leaves earlier results as they were."""

import numpy as np

from runs import CONFIG, DATA, FIRMWARE, RunTest

EARLIER = "an earlier run's"


class BadInput(RunTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        self.out.mkdir()
        for name in ("stats.json", "attention.npy", "report.html"):
            (self.out / name).write_text(EARLIER)

    def refuse(self, status, *parts, arguments=(), config=CONFIG):
        self.assert_refused(self.run_config(*arguments, config=config), status, *parts)
        self.assertEqual({file.name for file in self.out.iterdir()}, {"stats.json", "attention.npy", "report.html"})
        for file in self.out.iterdir():
            self.assertEqual(file.read_text(), EARLIER)

    def config(self, text):
        file = self.folder / "bad.cfg"
        file.write_text(text)
        return file

    def tensor(self, array):
        file = self.folder / "bad.npy"
        np.save(file, array)
        return file

    def test_configuration(self):
        self.refuse(2, "nowhere.cfg", config="nowhere.cfg")
        self.refuse(2, "bad.cfg:2", "pcie.lane", "pcie.lanes", config=self.config("[pcie]\nlane = 8\n"))
        self.refuse(2, "bad.cfg:3", "pcie.lanes", "3 is not a power of two", "1 to 16", config=self.config("[pcie]\n\nlanes = 3\n"))
        self.refuse(2, "bad.cfg:2", "host.clock", "no unit", "GHz", config=self.config("[host]\nclock = 2\n"))
        self.refuse(2, "bad.cfg:1", config=self.config("nonsense\n"))
        self.refuse(2, "pim.attach", "pcie, gpu", arguments=("--set", "pim.attach=usb"))
        self.refuse(2, "workload.layers", config=self.config(""))
        self.refuse(2, "dram.address_map", "row:column",
                    arguments=("--set", "dram.address_map=row:rank:bank:bank_group:column:pseudo_channel:channel:burst"))

    def test_firmware_files(self):
        self.refuse(2, "nowhere.elf", arguments=("--firmware", "nowhere.elf"))
        self.refuse(2, "/bin/true", "x86-64", "RISC-V", arguments=("--firmware", "/bin/true"))
        text = self.folder / "text.elf"
        text.write_text("not an ELF file, but long enough to hold a header if it were one, which it is not")
        self.refuse(2, "text.elf", "is not an ELF file", "@ADDRESS", arguments=("--load", text))
        self.refuse(2, "text.elf", "address '0x8g'", arguments=("--load", f"{text}@0x8g"))
        self.refuse(2, "text.elf", "81 bytes at 0x1000", "ram.size", arguments=("--firmware", f"{text}@0x1000"))
        self.refuse(2, "text.elf", "overlap", "decode.elf", arguments=("--load", f"{text}@0x80000000"))
        cut = self.folder / "cut.elf"
        cut.write_bytes((FIRMWARE / "hello.elf").read_bytes()[:1000])
        self.refuse(2, "cut.elf", arguments=("--firmware", cut))
        self.refuse(2, "decode.elf", "ram.size", arguments=("--set", "ram.size=16KiB"))

    def test_tensors(self):
        queries = np.load(DATA / "queries.npy")
        for array, *parts in (
                (np.zeros((4, 2, 1024), np.float16), "[4, 2, 1024]", "[layers, kv_heads, tokens, head_dim]"),
                (np.zeros((4, 2, 1024, 64), np.float64), "'<f8'", "float32"),
                (np.zeros((4, 2, 1024, 64), ">f4"), "'>f4'", "little-endian"),
                (np.asfortranarray(np.zeros((4, 2, 1024, 64), np.float16)), "Fortran order"),
                (np.full((4, 2, 1024, 64), np.nan, np.float32), "finite"),
        ):
            self.refuse(2, "bad.npy", *parts, arguments=("--keys", self.tensor(array)))
        self.refuse(2, "bad.npy", "[4, 2, 1000, 64]", "[4, 2, 1024, 64]",
                    arguments=("--values", self.tensor(np.zeros((4, 2, 1000, 64), np.float16))))
        self.refuse(2, "values.npy", "[4, 2, 1024, 64]", "[4, 2, 1024, 32]",
                    arguments=("--keys", self.tensor(np.zeros((4, 2, 1024, 32), np.float16))))
        self.refuse(2, "4 query heads", "ask for 3", arguments=("--queries", self.tensor(queries[:, :, :3])))
        self.refuse(2, "pq.subvectors", "24", "divisor of head_dim 64", arguments=("--set", "pq.subvectors=24"))
        self.refuse(2, "workload.steps", "65", arguments=("--set", "workload.steps=65"))

    def test_firmware_that_never_exits(self):
        self.refuse(3, "time limit", "2 ms", "pc 0x8", arguments=("--firmware", FIRMWARE / "spin.elf", "--time-limit", "2ms"))

    def test_firmware_that_sleeps_for_ever(self):
        self.refuse(3, "deadlock", "wfi", arguments=("--firmware", FIRMWARE / "sleep.elf"))

    def test_firmware_that_touches_unmapped_memory(self):
        self.refuse(3, "firmware fault", "load access fault", "0x", arguments=("--firmware", FIRMWARE / "unmapped.elf"))
        self.refuse(3, "firmware fault", "locked up", "load access fault",
                    arguments=("--firmware", FIRMWARE / "unmapped_no_handler.elf"))

    def test_firmware_that_runs_as_code_what_is_none(self):
        text = self.folder / "text.bin"
        text.write_text("0" * 100)
        self.refuse(3, "firmware fault", "locked up", "illegal instruction", arguments=("--firmware", text))

    def test_firmware_that_resets_for_ever(self):
        self.refuse(3, "time limit", "2 ms", arguments=("--firmware", FIRMWARE / "reset_forever.elf", "--time-limit", "2ms"))

    def test_requests_that_htif_does_not_have(self):
        self.refuse(3, "HTIF", "a system call", arguments=("--firmware", FIRMWARE / "htif_call.elf"))

    def test_memory_that_is_too_small_is_the_firmwares_failure(self):
        process = self.run_config("--set", "dram.rows=2")
        self.assert_refused(process, 1, "code 2")

    def test_values_that_do_not_go_together(self):
        self.refuse(2, "ram.size", "1 TiB", arguments=("--set", "ram.size=2TiB"))
        self.refuse(2, "gpu.copy_burst", "64 B", arguments=("--set", "gpu.copy_burst=0B"))
        self.refuse(2, "dram.nREFI", arguments=("--set", "dram.nRCDRD=45000"))
        self.refuse(2, "energy.host_path", arguments=("--set", "energy.host_path=0pJ/bit"))
        self.refuse(2, "host.isa", "rv32gc", arguments=("--set", "host.isa=rv32gc"))
        self.refuse(2, "host.harts", "1 to 8", arguments=("--set", "host.harts=9"))
        self.refuse(2, "nowhere.txt", "stdin", arguments=("--uart-input", "nowhere.txt"))

    def test_attention_that_is_no_number_is_a_failed_check(self):
        # Table entries of plus and minus infinity, in turn by subvectors of four channels.
        np.save(self.folder / "queries.npy", np.full_like(np.load(DATA / "queries.npy"), 60000))
        keys = np.full_like(np.load(DATA / "keys.npy"), 60000)
        keys[..., np.arange(keys.shape[-1]) // 4 % 2 == 1] *= -1
        np.save(self.folder / "keys.npy", keys)
        process = self.run_config("--keys", self.folder / "keys.npy", "--queries", self.folder / "queries.npy",
                                  "--set", "workload.steps=1", "--set", "pq.centroids=2", "--set", "pq.iterations=1")
        self.assert_refused(process, 1, "check failed", "nan")

    def test_output_that_cannot_be_written(self):
        self.refuse(2, "no regular file", arguments=("--vcd", "/dev/null"))
        self.refuse(2, "no regular file", arguments=("--dram-trace", "/dev/null"))
        self.refuse(2, "found twice", arguments=("--vcd", "x", "--trace", "./x"))
        self.refuse(2, "--trace", arguments=("--trace", ""))
        self.refuse(2, "nowhere", arguments=("--vcd", self.folder / "nowhere" / "x.vcd"))


class FirmwareFailure(RunTest):
    def test_a_failure_code_is_status_1_and_its_results_are_kept(self):
        process = self.run_config("--firmware", FIRMWARE / "fail.elf")
        self.assert_refused(process, 1, "code 7")
        self.assertFalse(self.stats()["firmware"]["passed"])
        self.assertEqual(self.stats()["firmware"]["code"], 7)
