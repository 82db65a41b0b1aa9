"""U-Boot as an enumerator that is not ours: its `pci` commands see what the configuration says."""

import re

from console import UBoot
from test_boot import BootTest

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

HOST, ROOT_PORT, UPSTREAM, DOWNSTREAM, GPU, PIM = 0x0001, 0x0002, 0x0003, 0x0004, 0x0010, 0x0020
CLASSES = {HOST: 0x060000, ROOT_PORT: 0x060400, UPSTREAM: 0x060400, DOWNSTREAM: 0x060400, GPU: 0x030200, PIM: 0x120000}
BRIDGES = (ROOT_PORT, UPSTREAM, DOWNSTREAM)
# Device/port types of the PCI Express capability (PCIe Base Specification 7.5.3.2).
PORT_TYPES = {ROOT_PORT: 4, UPSTREAM: 5, DOWNSTREAM: 6, GPU: 0, PIM: 0}

POWER_MANAGEMENT, PCI_EXPRESS, MSI_X = 0x01, 0x10, 0x11
ERROR_REPORTING, SERIAL_NUMBER, ACCESS_CONTROL, RESIZABLE_BAR = 0x0001, 0x0003, 0x000d, 0x0015

FLAT = {"00.00.00": HOST, "00.01.00": ROOT_PORT, "01.00.00": UPSTREAM, "02.00.00": DOWNSTREAM, "02.01.00": DOWNSTREAM,
        "03.00.00": GPU, "04.00.00": PIM}
PACKAGE = {"00.00.00": HOST, "00.01.00": ROOT_PORT, "01.00.00": UPSTREAM, "02.00.00": DOWNSTREAM, "03.00.00": GPU,
           "03.00.01": PIM}
CASCADED = {"00.00.00": HOST, "00.01.00": ROOT_PORT, "01.00.00": UPSTREAM, "02.00.00": DOWNSTREAM, "02.01.00": DOWNSTREAM,
            "02.02.00": DOWNSTREAM, "03.00.00": GPU, "04.00.00": GPU, "05.00.00": UPSTREAM, "06.00.00": DOWNSTREAM,
            "06.01.00": DOWNSTREAM, "07.00.00": PIM, "08.00.00": PIM}


class UBootPci(BootTest):
    def start(self, *settings):
        words = [word for setting in settings for word in ("--set", setting)]
        self.uboot = UBoot(self, *self.opensbi("fw_dynamic.bin", *words))
        self.uboot.command("pci enum")

    def end(self):
        self.uboot.type("poweroff\n")
        self.assertEqual(self.uboot.end(), 0)

    def short(self, place):
        """As the commands take it: 3.0.0."""
        return ".".join(str(int(number, 16)) for number in place.split("."))

    def header(self, place):
        text = self.uboot.command(f"pci header {self.short(place)}")
        lines = re.findall(r"^ *([\w ()]+?) = +0x([0-9a-f]+)", text, re.MULTILINE)
        return {name: int(value, 16) for name, value in lines}

    def bars(self, place):
        """[(address, size, width, is_prefetchable)]"""
        text = self.uboot.command(f"pci bar {self.short(place)}")
        rows = re.findall(r"^ \d +0x([0-9a-f]+) +0x([0-9a-f]+) +(\d+) +MEM *(Prefetchable)?", text, re.MULTILINE)
        return [(int(base, 16), int(size, 16), int(width), kind != "") for base, size, width, kind in rows]

    def words(self, place, offset, count):
        text = self.uboot.command(f"pci display.l {self.short(place)} {offset:x} {count:x}")
        return [int(word, 16) for line in re.findall("^[0-9a-f]{8}:(.*)$", text, re.MULTILINE) for word in line.split()]

    def word(self, place, offset):
        return self.words(place, offset, 1)[0]

    def check_functions(self, functions):
        """Every bus has these and no others."""
        listing = self.uboot.command("pci")
        found = re.findall(r"^([0-9a-f.]{8}) +0x([0-9a-f]{4}) +0x([0-9a-f]{4})", listing, re.MULTILINE)
        self.assertEqual(found, [(place, "fffe", f"{device:04x}") for place, device in functions.items()])
        for bus in range(int(max(functions)[:2], 16) + 1):
            text = self.uboot.command(f"pci {bus:x} long")
            here = [(place, device) for place, device in functions.items() if place.startswith(f"{bus:02x}.")]
            self.assertEqual(re.findall(r"^Found PCI device ([0-9a-f.]{8}):", text, re.MULTILINE), [place for place, _ in here])
            self.assertEqual([int(found, 16) for found in re.findall(r"device ID = +0x([0-9a-f]+)", text)],
                             [device for _, device in here])

    def check_headers(self, functions):
        for place, device in functions.items():
            with self.subTest(place=place):
                header = self.header(place)
                self.assertEqual(header["class code"] << 16 | header["sub class code"] << 8 | header["programming interface"],
                                 CLASSES[device])
                multi = any(other != place and other[:5] == place[:5] for other in functions)
                self.assertEqual(header["header type"], (0x80 if multi else 0) | (1 if device in BRIDGES else 0))
                self.assertEqual(header["status register"] & 0x10, 0x10)
                self.assertEqual(header["command register ID"] & 0x6, 0x4 if device == HOST else 0x6)

    def check_buses(self, functions):
        """Of each bridge; its window of memory lies within the one above and holds the BARs behind it."""
        windows = {0: (0x4000_0000, 0x7fff_ffff, 0, 0xff)}
        for place, device in functions.items():
            bus = int(place[:2], 16)
            if device not in BRIDGES:
                if device != HOST:
                    first, last, _, _ = windows[bus]
                    for address, size, _, _ in self.bars(place):
                        if size < GIB:  # U-Boot has no region for larger ones
                            self.assertTrue(first <= address and address + size - 1 <= last, place)
                            self.assertEqual(address % size, 0)
                continue
            header = self.header(place)
            self.assertEqual(header["primary bus number"], bus)
            secondary, subordinate = header["secondary bus number"], header["subordinate bus number"]
            self.assertTrue(bus < secondary <= subordinate <= windows[bus][3], place)
            first, last = header["memory base"] << 16, header["memory limit"] << 16 | 0xfffff
            self.assertTrue(windows[bus][0] <= first <= last <= windows[bus][1], place)
            windows[secondary] = (first, last, secondary, subordinate)
        self.assertEqual(set(windows), set(range(int(max(functions)[:2], 16) + 1)))

    def capabilities(self, place):
        """{id: offset} of the list that begins at 34h."""
        found = {}
        offset = self.word(place, 0x34) & 0xfc
        while offset:
            head = self.word(place, offset)
            self.assertTrue(0x40 <= offset < 0x100)
            self.assertNotIn(head & 0xff, found, "the list goes in circles")
            found[head & 0xff] = offset
            offset = head >> 8 & 0xfc
        return found

    def check_capabilities(self, functions, link_generation, link_lanes):
        for place, device in functions.items():
            with self.subTest(place=place):
                found = self.capabilities(place)
                if device == HOST:  # a function of the root complex without a link
                    self.assertEqual(set(found), {POWER_MANAGEMENT})
                    continue
                self.assertEqual(set(found), {POWER_MANAGEMENT, PCI_EXPRESS} | (set() if device in BRIDGES else {MSI_X}))
                express = self.words(place, found[PCI_EXPRESS], 5)
                self.assertEqual(express[0] >> 20 & 0xf, PORT_TYPES[device])
                self.assertEqual((express[3] & 0xf, express[3] >> 4 & 0x3f), (link_generation, link_lanes))
                self.assertEqual((express[4] >> 16 & 0xf, express[4] >> 20 & 0x3f), (link_generation, link_lanes))

    def check_msi_x(self, place, vectors):
        table = self.words(place, self.capabilities(place)[MSI_X], 3)
        self.assertEqual((table[0] >> 16 & 0x7ff) + 1, vectors)
        self.assertEqual((table[1] & 7, table[2] & 7), (4, 4))
        self.assertNotEqual(table[1] & ~7, table[2] & ~7)

    def test_a_gpu_and_a_pim_device_below_one_switch(self):
        self.start()
        self.check_functions(FLAT)
        self.check_headers(FLAT)
        self.check_buses(FLAT)
        self.check_capabilities(FLAT, 5, 16)
        self.check_msi_x("03.00.00", 16)
        self.check_msi_x("04.00.00", 1)
        self.end()

    def test_cascaded_switches(self):
        self.start("platform.topology=cascaded", "platform.gpus=2", "platform.pim_devices=2", "pcie.generation=4", "pcie.lanes=8")
        self.check_functions(CASCADED)
        self.check_headers(CASCADED)
        self.check_buses(CASCADED)
        self.check_capabilities(CASCADED, 4, 8)
        self.end()

    def test_a_package_with_both_functions(self):
        self.start("pim.attach=gpu", "pcie.fidelity=detailed")
        self.check_functions(PACKAGE)
        self.check_headers(PACKAGE)
        self.check_buses(PACKAGE)
        self.end()

    def test_bars_are_as_large_as_the_memories_behind_them(self):
        """16 GiB are seen; U-Boot, whose regions end at 4 GiB, leaves them unplaced."""
        self.start("pim.stacks=2")
        for place, memory in (("03.00.00", 16 * GIB), ("04.00.00", 32 * GIB)):
            registers, (_, *large), msi_x = self.bars(place)
            self.assertEqual(registers[1:], (64 * KIB, 64, False))
            self.assertEqual(large, [memory, 64, True])
            self.assertEqual(msi_x[1:], (4 * KIB, 32, False))
        self.end()

    def test_bars_that_fit_are_placed_and_work(self):
        """PIM memory: 1 channel of 64 banks of 1024 rows of 1 KiB."""
        self.start("gpu.memory=256MiB", "pim.channels=1", "dram.rows=1024")
        self.check_buses(FLAT)
        for place, memory in (("03.00.00", 256 * MIB), ("04.00.00", 64 * MIB)):
            _, (address, *large), _ = self.bars(place)
            self.assertEqual(large, [memory, 64, True])
            for at in (address, address + memory - 8):
                self.uboot.command(f"mw.q {at:x} 0123456789abcdef 1")
                self.assertIn("0123456789abcdef", self.uboot.command(f"md.q {at:x} 1"))
        self.end()

    def test_extended_capabilities(self):
        """U-Boot displays the first 256 bytes only; the rest is read through ECAM, where the device tree says it is."""
        self.start()
        expected = {ROOT_PORT: {ERROR_REPORTING}, UPSTREAM: {ERROR_REPORTING}, DOWNSTREAM: {ERROR_REPORTING, ACCESS_CONTROL},
                    GPU: {ERROR_REPORTING, SERIAL_NUMBER, RESIZABLE_BAR}, PIM: {ERROR_REPORTING, SERIAL_NUMBER, RESIZABLE_BAR}}
        for place, device in FLAT.items():
            if device == HOST:
                continue
            bus, number, function = (int(part, 16) for part in place.split("."))
            config = 0x3000_0000 | bus << 20 | number << 15 | function << 12
            found, offset = set(), 0x100
            while offset:
                text = self.uboot.command(f"md.l {config + offset:x} 1")
                head = int(re.search(r"^[0-9a-f]{8}: ([0-9a-f]{8})", text, re.MULTILINE)[1], 16)
                self.assertNotIn(head & 0xffff, found)
                found.add(head & 0xffff)
                offset = head >> 20
            self.assertEqual(found, expected[device], place)
        self.end()
