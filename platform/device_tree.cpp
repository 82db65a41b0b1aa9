#include "platform/device_tree.h"

#include <fmt/format.h>

extern "C" {
#include <libfdt.h>
}

#include <stdexcept>
#include <string>

#include "aqpim/memory_map.h"
#include "platform/ram_map.h"

namespace aqpim {

namespace {

constexpr std::uint32_t plic_phandle = 1;
constexpr std::uint32_t finisher_phandle = 2;
constexpr std::uint32_t first_cpu_phandle = 3;  // of the interrupt controller of hart 0
constexpr std::uint32_t machine_software = 3;   // interrupt numbers of the privileged specification
constexpr std::uint32_t machine_timer = 7;
constexpr std::uint32_t machine_external = 11;
constexpr std::uint32_t supervisor_external = 9;

/// Writes a tree from top to bottom; a node ends with its object.
class TreeWriter {
 public:
    TreeWriter() : blob_(16 * 1024) {
        check(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
        check(fdt_finish_reservemap(blob_.data()));
    }
    void begin(const std::string& name) { check(fdt_begin_node(blob_.data(), name.c_str())); }
    void end() { check(fdt_end_node(blob_.data())); }
    void text(const char* name, std::string_view value) {
        check(fdt_property(blob_.data(), name, std::string(value).c_str(), static_cast<int>(value.size() + 1)));
    }
    /// Several strings, each ended by a zero.
    void texts(const char* name, std::initializer_list<std::string_view> values) {
        std::string joined;
        for (const std::string_view value : values) {
            joined.append(value).push_back('\0');
        }
        check(fdt_property(blob_.data(), name, joined.data(), static_cast<int>(joined.size())));
    }
    void cells(const char* name, const std::vector<std::uint32_t>& values) {
        std::vector<fdt32_t> cells;
        for (const std::uint32_t value : values) {
            cells.push_back(cpu_to_fdt32(value));
        }
        check(fdt_property(blob_.data(), name, cells.data(), static_cast<int>(cells.size() * sizeof(fdt32_t))));
    }
    /// Pairs of 64-bit cells.
    void wide(const char* name, std::initializer_list<std::uint64_t> values) {
        std::vector<std::uint32_t> halves;
        for (const std::uint64_t value : values) {
            halves.push_back(static_cast<std::uint32_t>(value >> 32));
            halves.push_back(static_cast<std::uint32_t>(value));
        }
        cells(name, halves);
    }
    void flag(const char* name) { check(fdt_property(blob_.data(), name, nullptr, 0)); }
    std::vector<std::uint8_t> finish() {
        check(fdt_finish(blob_.data()));
        blob_.resize(fdt_totalsize(blob_.data()));
        return std::move(blob_);
    }

 private:
    static void check(int error) {
        if (error < 0) {
            throw std::logic_error(fmt::format("device tree: {}", fdt_strerror(error)));
        }
    }
    std::vector<std::uint8_t> blob_;
};

void write_cpus(TreeWriter& tree, const DeviceTreeFacts& facts) {
    tree.begin("cpus");
    tree.cells("#address-cells", {1});
    tree.cells("#size-cells", {0});
    tree.cells("timebase-frequency", {AQPIM_TIMEBASE_HZ});
    for (std::uint32_t hart = 0; hart < facts.harts; ++hart) {
        tree.begin(fmt::format("cpu@{:x}", hart));
        tree.text("device_type", "cpu");
        tree.cells("reg", {hart});
        tree.text("status", "okay");
        tree.text("compatible", "riscv");
        tree.text("riscv,isa", facts.isa);
        tree.text("mmu-type", "riscv,sv39");
        tree.begin("interrupt-controller");
        tree.cells("#interrupt-cells", {1});
        tree.flag("interrupt-controller");
        tree.text("compatible", "riscv,cpu-intc");
        tree.cells("phandle", {first_cpu_phandle + hart});
        tree.end();
        tree.end();
    }
    tree.end();
}

void write_reg(TreeWriter& tree, std::uint64_t base, std::uint64_t size) {
    tree.wide("reg", {base, size});
}

void write_ram(TreeWriter& tree, const RamMap& map) {
    if (map.high_bytes == 0) {
        write_reg(tree, AQPIM_RAM_BASE, map.low_bytes);
    } else {
        tree.wide("reg", {AQPIM_RAM_BASE, map.low_bytes, AQPIM_RAM_HIGH_BASE, map.high_bytes});
    }
}

/// `interrupts-extended` of a device that reaches every hart with each of `numbers`.
std::vector<std::uint32_t> to_every_hart(std::uint32_t harts, std::initializer_list<std::uint32_t> numbers) {
    std::vector<std::uint32_t> cells;
    for (std::uint32_t hart = 0; hart < harts; ++hart) {
        for (const std::uint32_t number : numbers) {
            cells.push_back(first_cpu_phandle + hart);
            cells.push_back(number);
        }
    }
    return cells;
}

void write_interrupt_controllers(TreeWriter& tree, const DeviceTreeFacts& facts) {
    tree.begin(fmt::format("clint@{:x}", AQPIM_CLINT_BASE));
    tree.texts("compatible", {"sifive,clint0", "riscv,clint0"});
    write_reg(tree, AQPIM_CLINT_BASE, AQPIM_CLINT_SIZE);
    tree.cells("interrupts-extended", to_every_hart(facts.harts, {machine_software, machine_timer}));
    tree.end();

    tree.begin(fmt::format("plic@{:x}", AQPIM_PLIC_BASE));
    tree.texts("compatible", {"sifive,plic-1.0.0", "riscv,plic0"});
    write_reg(tree, AQPIM_PLIC_BASE, AQPIM_PLIC_SIZE);
    tree.cells("#address-cells", {0});
    tree.cells("#interrupt-cells", {1});
    tree.flag("interrupt-controller");
    tree.cells("riscv,ndev", {AQPIM_PLIC_SOURCES - 1});
    tree.cells("interrupts-extended", to_every_hart(facts.harts, {machine_external, supervisor_external}));
    tree.cells("phandle", {plic_phandle});
    tree.end();

    tree.begin(fmt::format("msi-frame@{:x}", AQPIM_MSI_BASE));
    tree.text("compatible", "aqpim,msi-frame");
    write_reg(tree, AQPIM_MSI_BASE, AQPIM_MSI_SIZE);
    tree.cells("interrupt-parent", {plic_phandle});
    tree.cells("aqpim,first-source", {AQPIM_IRQ_MSI_FIRST});
    tree.cells("aqpim,sources", {AQPIM_IRQ_MSI_COUNT});
    tree.end();
}

void write_pcie(TreeWriter& tree) {
    constexpr std::uint32_t memory_32 = 0x02000000;  // PCI Bus Binding to IEEE 1275: phys.hi of the address spaces
    constexpr std::uint32_t memory_64 = 0x03000000;
    const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
    const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    tree.begin(fmt::format("pci@{:x}", AQPIM_ECAM_BASE));
    tree.text("compatible", "pci-host-ecam-generic");
    tree.text("device_type", "pci");
    tree.cells("#address-cells", {3});
    tree.cells("#size-cells", {2});
    tree.cells("bus-range", {0, 0xff});
    tree.cells("linux,pci-domain", {0});
    tree.flag("dma-coherent");
    write_reg(tree, AQPIM_ECAM_BASE, AQPIM_ECAM_SIZE);
    const std::uint64_t base_64 = AQPIM_PCIE_MMIO64_BASE;
    const std::uint64_t size_64 = AQPIM_PCIE_MMIO64_SIZE;
    tree.cells("ranges",
               {memory_32, 0, AQPIM_PCIE_MMIO32_BASE, 0, AQPIM_PCIE_MMIO32_BASE, 0, AQPIM_PCIE_MMIO32_SIZE, memory_64,
                high(base_64), low(base_64), high(base_64), low(base_64), high(size_64), low(size_64)});
    tree.end();
}

void write_soc(TreeWriter& tree, const DeviceTreeFacts& facts) {
    tree.begin("soc");
    tree.text("compatible", "simple-bus");
    tree.cells("#address-cells", {2});
    tree.cells("#size-cells", {2});
    tree.flag("ranges");

    write_interrupt_controllers(tree, facts);

    tree.begin(fmt::format("serial@{:x}", AQPIM_UART_BASE));
    tree.text("compatible", "ns16550a");
    write_reg(tree, AQPIM_UART_BASE, AQPIM_UART_SIZE);
    tree.cells("clock-frequency", {3686400});
    tree.cells("interrupt-parent", {plic_phandle});
    tree.cells("interrupts", {AQPIM_IRQ_UART});
    tree.end();

    tree.begin(fmt::format("test@{:x}", AQPIM_FINISHER_BASE));
    tree.texts("compatible", {"sifive,test1", "sifive,test0", "syscon"});
    write_reg(tree, AQPIM_FINISHER_BASE, AQPIM_FINISHER_SIZE);
    tree.cells("phandle", {finisher_phandle});
    tree.end();

    tree.begin(fmt::format("trace-port@{:x}", AQPIM_TRACE_PORT_BASE));
    tree.text("compatible", "aqpim,trace-port");
    write_reg(tree, AQPIM_TRACE_PORT_BASE, AQPIM_TRACE_PORT_SIZE);
    tree.end();

    write_pcie(tree);
    tree.end();
}

void write_flash(TreeWriter& tree) {
    tree.begin(fmt::format("flash@{:x}", AQPIM_FLASH_BASE));
    tree.text("compatible", "cfi-flash");
    tree.wide("reg", {AQPIM_FLASH_BASE, AQPIM_FLASH_BANK_SIZE, AQPIM_FLASH_BASE + AQPIM_FLASH_BANK_SIZE,
                      AQPIM_FLASH_BANK_SIZE});
    tree.cells("bank-width", {4});
    tree.end();
}

/// What an operating system writes to the finisher to end the run, or to start again.
void write_power(TreeWriter& tree) {
    const auto write = [&tree](const char* name, const char* compatible, std::uint32_t value) {
        tree.begin(name);
        tree.text("compatible", compatible);
        tree.cells("regmap", {finisher_phandle});
        tree.cells("offset", {0});
        tree.cells("value", {value});
        tree.end();
    };
    write("poweroff", "syscon-poweroff", AQPIM_FINISHER_PASS);
    write("reboot", "syscon-reboot", AQPIM_FINISHER_RESET);
}

}  // namespace

std::vector<std::uint8_t> make_device_tree(const DeviceTreeFacts& facts) {
    TreeWriter tree;
    tree.begin("");
    tree.cells("#address-cells", {2});
    tree.cells("#size-cells", {2});
    tree.text("compatible", "riscv-virtio");
    tree.text("model", "aqpim-vp");

    tree.begin("chosen");
    tree.text("stdout-path", fmt::format("/soc/serial@{:x}", AQPIM_UART_BASE));
    if (facts.job_bytes != 0) {
        tree.wide("aqpim,job", {facts.job_address, facts.job_bytes});
    }
    tree.end();

    tree.begin(fmt::format("memory@{:x}", AQPIM_RAM_BASE));
    tree.text("device_type", "memory");
    write_ram(tree, RamMap(facts.ram_bytes));
    tree.end();

    write_flash(tree);
    write_cpus(tree, facts);
    write_soc(tree, facts);
    write_power(tree);
    tree.end();
    return tree.finish();
}

}  // namespace aqpim
