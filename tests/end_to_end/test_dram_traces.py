"""Command traces of every standard and policy, of host traffic and of runs in which host and PIM share the memory, held
against JEDEC's rules. AQPIM_DRAM_REQUESTS says how many requests each variant of `replay` gets."""

import os
import random
import re
import subprocess

from runs import BUILD, CONFIG, ROOT, RunTest

CHECKER = BUILD / "tests" / "jedec_rules"
REQUESTS = int(os.environ.get("AQPIM_DRAM_REQUESTS", "2000"))
REFERENCE = ROOT / "configs" / "reference"

STANDARDS = {
    "HBM2": ["dram.standard=HBM2"],
    "HBM3 as AttAcc has it": ["dram.standard=HBM3"],
    "HBM3 with half-cycle commands": ["dram.standard=HBM3", "dram.speed=6400"],
    "GDDR6": ["dram.standard=GDDR6"],
    "LPDDR5": ["dram.standard=LPDDR5"],
    "DDR4 of two ranks": ["dram.standard=DDR4", "dram.ranks=2"],
    "DDR5": ["dram.standard=DDR5"],
}
PER_BANK_REFRESH = ("HBM2", "HBM3", "GDDR6", "LPDDR5")
POLICIES = {
    "open pages": [],
    "fast": ["memory.fidelity=fast"],
    "closed pages, first come": ["memory.page_policy=closed", "memory.scheduler=fcfs"],
    "timeout, age cap": ["memory.page_policy=timeout", "memory.page_timeout=60", "memory.age_cap=200"],
    "refresh when due, short queues": ["dram.refresh_postpone=0", "memory.read_queue=4", "memory.write_queue=8"],
}
PER_BANK = {
    "per-bank refresh": ["dram.refresh=per_bank"],
    "per-bank refresh, fast, timeout": ["dram.refresh=per_bank", "memory.fidelity=fast", "memory.page_policy=timeout"],
}
SMALL_RUN = ["workload.steps=1", "pq.centroids=16", "pq.iterations=1", "pim.channels=4"]
RUNS = {
    "detailed": [],
    "fast": ["memory.fidelity=fast"],
    "moves beside the column bus, four banks at once": ["pim.moves_share_bus=false", "pim.activate_all=four"],
    "mode changes, MACs at full rate": ["pim.mode_change=30", "pim.mac_spacing=4"],
    "half-cycle commands, per-bank refresh": ["dram.speed=6400", "dram.refresh=per_bank"],
}


def requests(count, seed):
    """Streams, random accesses and pauses in turn; a third of them writes."""
    generator = random.Random(seed)
    lines = []
    cycle = 0
    while len(lines) < count:
        base = generator.randrange(1 << 28)
        kind = generator.choice(("stream", "random", "few rows", "pause"))
        if kind == "pause":
            cycle += generator.choice((50, 3000, 60000))
        for i in range(200):
            address = {"stream": base + 32 * i, "random": generator.randrange(1 << 28),
                       "few rows": generator.randrange(1 << 17)}.get(kind, base)
            direction = "W" if generator.randrange(3) == 0 else "R"
            arrival = f" {cycle}" if kind in ("pause", "few rows") else ""
            cycle += generator.randrange(8)
            lines.append(f"{direction} {address & ~31:x}{arrival}\n")
    return "".join(lines[:count])


class DramTraces(RunTest):
    def settings(self, assignments):
        return [word for assignment in assignments for word in ("--set", assignment)]

    def check(self, trace, config, settings):
        """No violation; returns how many commands there are."""
        rules = self.folder / "config.json"
        resolved = self.aqpim("config", *config, *settings, "--format", "json")
        self.assertEqual(resolved.returncode, 0, resolved.stderr)
        rules.write_text(resolved.stdout)
        process = subprocess.run([CHECKER, trace, rules], capture_output=True, text=True, timeout=500, check=False)
        self.assertEqual((process.returncode, process.stderr), (0, ""), process.stdout)
        return int(re.fullmatch(r"(\d+) commands, 0 violations\n", process.stdout).group(1))

    def replay(self, assignments):
        file, trace = self.folder / "requests.txt", self.folder / "trace.csv"
        config = self.folder / "empty.cfg"
        config.write_text("")
        settings = self.settings(["pim.channels=2", *assignments])
        process = self.aqpim("replay", config, "--requests", file, "--out", self.folder / "out", "--dram-trace", trace,
                             "--quiet", *settings)
        self.assertEqual(process.returncode, 0, process.stderr)
        return self.check(trace, [config], settings)

    def test_replay_in_every_standard_and_policy(self):
        commands = 0
        (self.folder / "requests.txt").write_text(requests(REQUESTS, 1))
        for standard, of_standard in STANDARDS.items():
            policies = {**POLICIES, **PER_BANK} if standard.startswith(PER_BANK_REFRESH) else POLICIES
            for policy, of_policy in policies.items():
                with self.subTest(standard=standard, policy=policy):
                    found = self.replay(of_standard + of_policy)
                    self.assertGreater(found, REQUESTS)
                    commands += found
        print(f"{commands} commands")

    def test_host_and_pim_sharing_the_memory(self):
        for name, assignments in RUNS.items():
            with self.subTest(name):
                trace = self.folder / "run.csv"
                settings = self.settings(SMALL_RUN + assignments)
                self.run_well(*settings, "--dram-trace", trace)
                self.assertGreater(self.check(trace, [CONFIG], settings), 1000)

    def test_the_checker_finds_a_command_that_goes_too_early(self):
        file, trace = self.folder / "requests.txt", self.folder / "trace.csv"
        file.write_text("R 0\n")
        config = REFERENCE / "hbm2A.cfg"
        self.aqpim("replay", config, "--requests", file, "--out", self.folder / "out", "--dram-trace", trace, "--quiet")
        self.assertEqual(self.check(trace, [config], []), 2)
        earlier = re.sub(r"^(\d+)(.*RD)", lambda match: f"{int(match[1]) - 1000}{match[2]}", trace.read_text(), flags=re.M)
        trace.write_text(earlier)
        found = subprocess.run([CHECKER, trace, self.folder / "config.json"], capture_output=True, text=True,
                               check=False)
        self.assertEqual(found.returncode, 1)
        self.assertIn("tRCDRD", found.stdout)
        self.assertIn("2 commands, 1 violations", found.stdout)
