"""The PCIe tree that the SDK's enumeration finds, of every topology, as the program lspci prints it."""

import re

from programs import ProgramTest

HOST, ROOT_PORT, UPSTREAM, DOWNSTREAM, GPU, PIM = "0001", "0002", "0003", "0004", "0010", "0020"


class Function:
    """A function as lspci prints it, with the lines of its own and the functions behind it."""

    def __init__(self, match):
        self.bus, self.place, self.device = int(match[2], 16), match[3], match[4]
        self.class_code = match[5]
        self.lines = []
        self.behind = []

    def shape(self):
        return (f"{self.bus:02x}:{self.place} {self.device}", [function.shape() for function in self.behind])

    def ranges(self, pattern):
        """(first, last) of each line that fits."""
        return [tuple(int(number, 16) for number in re.findall("0x[0-9a-f]+", line)) for line in self.lines
                if re.match(pattern, line)]

    def bars(self):
        sizes = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
        found = {}
        for line in self.lines:
            bar = re.match(r"BAR(\d) at 0x([0-9a-f]+), ([\d.]+) (\w+), (.*)", line)
            if bar:
                found[int(bar[1])] = (int(bar[2], 16), round(float(bar[3]) * sizes[bar[4]]), bar[5])
        return found


def parse_tree(log):
    """The functions of bus 0."""
    top = []
    open_functions = []  # by depth
    for line in log.splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        match = re.match(r"( *)([0-9a-f]{2}):([0-9a-f]{2}\.\d) fffe:([0-9a-f]{4}) class ([0-9a-f]{6})$", line)
        if match:
            function = Function(match)
            (open_functions[depth - 1].behind if depth else top).append(function)
            open_functions[depth:] = [function]
        elif open_functions and depth:
            open_functions[depth - 1].lines.append(line.strip())
    return top


def below_switch(bus, ports):
    """What a switch's upstream port on `bus` has behind it: for each port a function that makes what is there from its
    bus, and the first bus beyond it."""
    behind = []
    next_bus = bus + 2
    for number, make in enumerate(ports):
        functions, after = make(next_bus)
        behind.append((f"{bus + 1:02x}:{number:02x}.0 {DOWNSTREAM}", functions))
        next_bus = after
    return (f"{bus:02x}:00.0 {UPSTREAM}", behind), next_bus


def device(*kinds):
    """A device, of one function for each kind."""
    return lambda bus: ([(f"{bus:02x}:00.{i} {kind}", []) for i, kind in enumerate(kinds)], bus + 1)


def second_switch(*ports):
    def make(bus):
        switch, after = below_switch(bus, ports)
        return [switch], after
    return make


def tree(*ports):
    switch, _ = below_switch(1, ports)
    return [(f"00:00.0 {HOST}", []), (f"00:01.0 {ROOT_PORT}", [switch])]


class Enumeration(ProgramTest):
    TOPOLOGIES = {
        (): tree(device(GPU), device(PIM)),
        ("pim.attach=gpu",): tree(device(GPU, PIM)),
        ("platform.gpus=2", "platform.pim_devices=3"): tree(*[device(GPU)] * 2, *[device(PIM)] * 3),
        ("platform.topology=cascaded",): tree(device(GPU), second_switch(device(PIM))),
        ("platform.topology=cascaded", "platform.gpus=2", "platform.pim_devices=2"):
            tree(*[device(GPU)] * 2, second_switch(*[device(PIM)] * 2)),
        ("platform.gpus=8", "platform.pim_devices=8"): tree(*[device(GPU)] * 8, *[device(PIM)] * 8),
        ("platform.gpus=8", "platform.pim_devices=8", "platform.topology=cascaded"):
            tree(*[device(GPU)] * 8, second_switch(*[device(PIM)] * 8)),
        ("platform.gpus=8", "platform.pim_devices=8", "pim.attach=gpu"): tree(*[device(GPU, PIM)] * 8),
    }

    def test_finds_every_function_of_every_topology(self):
        for settings, expected in self.TOPOLOGIES.items():
            for log in self.each_fidelity("lspci", *settings):
                functions = parse_tree(log)
                self.assertEqual([function.shape() for function in functions], expected)
                self.check_windows(functions[1], {"memory": (0x4000_0000, 0x7fff_ffff),
                                                  "prefetchable": (0x4_0000_0000, 0xff_ffff_ffff)}, (1, 255))

    def check_windows(self, bridge, outer, outer_buses):
        """Windows and BARs lie within those above, and apart from their siblings'."""
        (buses,) = (re.match(r"buses (..) to (..), primary (..)", line) for line in bridge.lines if line.startswith("buses"))
        first_bus, last_bus, primary = (int(bus, 16) for bus in buses.groups())
        self.assertEqual(primary, bridge.bus)
        self.assertTrue(outer_buses[0] <= first_bus <= last_bus <= outer_buses[1])
        for kind, (first, last) in outer.items():
            (window,) = bridge.ranges(f"{kind} window")
            self.assertTrue(first <= window[0] <= window[1] <= last, bridge.lines)
            taken = sorted(range_ for function in bridge.behind for range_ in self.taken(function, kind))
            self.assertTrue(all(window[0] <= first <= last <= window[1] for first, last in taken))
            self.assertTrue(all(before[1] < after[0] for before, after in zip(taken, taken[1:])))
        inner = {kind: bridge.ranges(f"{kind} window")[0] for kind in outer}
        for function in bridge.behind:
            self.assertTrue(first_bus <= function.bus <= last_bus)
            if function.class_code == "060400":
                self.check_windows(function, inner, (function.bus + 1, last_bus))

    def taken(self, function, kind):
        if function.class_code == "060400":
            return function.ranges(f"{kind} window")
        is_prefetchable = kind == "prefetchable"
        return [(address, address + size - 1) for address, size, text in function.bars().values()
                if ("prefetchable" in text) == is_prefetchable]

    def devices(self, *settings):
        functions = parse_tree(self.run_program("lspci", *settings))
        found = {}
        pending = list(functions)
        while pending:
            function = pending.pop()
            pending += function.behind
            found[function.device] = function
        return found

    def test_bars_are_as_large_as_what_lies_behind_them(self):
        found = self.devices("gpu.memory=80GiB", "pim.stacks=2")
        self.assertEqual(found[GPU].class_code, "030200")
        gpu, pim = (found[kind].bars() for kind in (GPU, PIM))
        self.assertEqual(set(gpu), {0, 2, 4})
        self.assertEqual((gpu[0][1], pim[0][1]), (64 << 10, 64 << 10))
        # A BAR is a power of two (PCIe Base Specification 7.5.1.2.1).
        self.assertEqual(gpu[2][1:], (128 << 30, "64 bit, prefetchable, resizable up to 128.000 GiB"))
        self.assertEqual(pim[2][1:], (32 << 30, "64 bit, prefetchable, resizable up to 32.000 GiB"))
        self.assertEqual((gpu[4][1:], pim[4][1:]), ((4 << 10, "32 bit"),) * 2)

    def test_links_and_capabilities_are_as_configured(self):
        found = self.devices("pcie.generation=4", "pcie.lanes=8", "pcie.max_payload=128", "pcie.max_read_request=1024")
        types = {ROOT_PORT: "root port", UPSTREAM: "switch upstream port", DOWNSTREAM: "switch downstream port",
                 GPU: "endpoint", PIM: "endpoint"}
        for kind, name in types.items():
            self.assertIn(f"{name}, link Gen4 x8 of Gen4 x8, payload 128 B, read requests 1024 B", found[kind].lines)
        for kind in (GPU, PIM):
            self.assertIn("capabilities: power management, PCI Express, MSI-X, advanced error reporting, device serial number, "
                          "resizable BAR", found[kind].lines)
        bridge = "capabilities: power management, PCI Express, advanced error reporting"
        for kind, more in ((ROOT_PORT, ""), (UPSTREAM, ""), (DOWNSTREAM, ", access control")):
            self.assertIn(bridge + more, found[kind].lines)
