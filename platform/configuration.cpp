#include "platform/configuration.h"

#include <fmt/format.h>

#include <bit>

#include "aqpim/memory_map.h"
#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/cpu/isa.h"

namespace aqpim {

void SimulationParameters::declare(ParameterSection sim) {
    sim.time(time_limit_ps, "time_limit", "1s",
             {"simulated time after which a run is stopped", "a hundred times the default run's"});
    sim.count(seed, "seed", 1, {}, {"of initial centroids, and of tensors where none are given", "any"});
    sim.flag(check_protocol, "check_protocol", false,
             {"a checker of the TLM-2.0 base protocol stands before the PIM memory; what it finds fails the run",
              "off: for those who change models"});
}

void TransferEnergyParameters::declare(ParameterSection energy) {
    energy.energy_per_bit(pcie_pj_per_bit, "pcie", "6pJ/bit",
                          {"bit on a PCIe link, headers included", "open, system.md §4"});
    energy.energy_per_bit(gpu_memory_pj_per_bit, "gpu_memory", "3.59pJ/bit",
                          {"bit read from or written to the GPU's memory", "whole HBM read path, system.md §4"});
}

Configuration::Configuration() {
    ParameterSection simulation = table.section("sim");
    sim.declare(simulation);
    hart.declare_simulation(simulation);
    workload.declare(table.section("workload"));
    pq.declare(table.section("pq"));

    ParameterSection host = table.section("host");
    host.path(firmware, "firmware",
              {"what to run: an ELF, a raw image for the beginning of RAM, or FILE@ADDRESS; empty: the decode program "
               "built with the platform",
               "none"});
    host.paths(load, "load", {"further images in RAM: ELF files, or FILE@ADDRESS", "none"});
    host.path_or_word(uart_input, "uart_input", {"none", "stdin"},
                      {"what the UART receives; with stdin a run cannot be repeated exactly", "open"});
    hart.declare(host);
    bus.declare(table.section("bus"));
    ram.declare(table.section("ram"), {"256MiB", "open"}, {"60ns", "open: DDR4 closed-row access with its controller"},
                {"25.6GB/s", "open: one channel of DDR4-3200"});
    pcie.declare(table.section("pcie"));
    gpu.declare(table.section("gpu"));

    ParameterSection pim_section = table.section("pim");
    pim_section.choice(pim_attach, "attach", "pcie", {"pcie", "gpu"},
                       {"PIM memory as a PCIe device of its own, or as part of the GPU's package",
                        "system.md §4: gpu is the paper's platform"});
    dram.declare_pim(pim_section);
    pim.declare(pim_section);
    dram.declare_dram(table.section("dram"));
    dram.declare_memory(table.section("memory"));

    ParameterSection energy = table.section("energy");
    dram_energy.declare(energy);
    transfer_energy.declare(energy);
}

void Configuration::finish() {
    dram.apply_presets(table);
}

void Configuration::check() const {
    try {
        const Isa isa(hart.isa);
    } catch (const InputError& error) {
        throw InputError(fmt::format("host.isa: {}", error.what()));
    }
    constexpr std::uint64_t most_ram = AQPIM_PCIE_MMIO64_BASE - AQPIM_RAM_BASE;
    if (ram.size > most_ram) {
        throw InputError(
            fmt::format("ram.size: {} bytes found; up to {} (14 GiB) are allowed, where the PCIe window begins",
                        ram.size, most_ram));
    }
    constexpr std::uint64_t least_burst = 64;
    constexpr std::uint64_t most_burst = 1 << 20;
    if (!std::has_single_bit(gpu.copy_burst_bytes) || gpu.copy_burst_bytes < least_burst ||
        gpu.copy_burst_bytes > most_burst) {
        throw InputError(fmt::format("gpu.copy_burst: {} bytes found; a power of two from 64 B to 1 MiB is allowed",
                                     gpu.copy_burst_bytes));
    }
    dram_energy.check(dram.timing);
    if (dram.burst_bytes != AQPIM_BURST_BYTES) {
        throw InputError(
            fmt::format("dram.burst_bytes: {} found ({}); a PIM memory's columns (aqpim/pim_layout.h) have {}",
                        dram.burst_bytes, table.find("dram.burst_bytes")->origin, AQPIM_BURST_BYTES));
    }
    const std::string& order = dram.address_map;
    if (!order.starts_with("row:column:") || !order.ends_with(":channel:burst")) {
        throw InputError(
            fmt::format("dram.address_map: '{}' found; a PIM memory's (aqpim/pim_layout.h) starts with "
                        "row:column: and ends with :channel:burst",
                        order));
    }
    if (dram.address_hash != "none") {
        throw InputError(fmt::format("dram.address_hash: '{}' found; a PIM memory's (aqpim/pim_layout.h) is 'none'",
                                     dram.address_hash));
    }
}

}  // namespace aqpim
