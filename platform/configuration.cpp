#include "platform/configuration.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "aqpim/memory_map.h"
#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/cpu/isa.h"

namespace aqpim {

void SimulationParameters::declare(ParameterSection sim) {
    sim.time(time_limit_ps, "time_limit", "1s",
             {"simulated time after which a run is stopped", "a hundred times the default run's"});
    sim.count(seed, "seed", 1, {}, {"of initial centroids, and of tensors where none are given", "any"});
    sim.choice(data, "data", "functional", {"functional", "timing"},
               {"timing: every command is issued and timed as for the same shapes, but there is no data and nothing is "
                "computed",
                "results"});
    sim.count(threads, "threads", 0, {0, 1024},
              {"threads that compute what the engines do; 0: as many as there are cores. No figure depends on it",
               "a run alone on its machine"});
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
    pim.functional = gpu.functional = !sim.is_timing();
}

void Configuration::check_job() const {
    if (workload.skips_prefill() && !sim.is_timing()) {
        throw InputError(
            fmt::format("workload.prefill: skip found; it is allowed with sim.data = timing, not {}", sim.data));
    }
    for (const auto& [key, file] :
         {std::pair{"pq.codebook_keys", &pq.codebook_keys}, std::pair{"pq.codebook_values", &pq.codebook_values}}) {
        if (pq.has_given_codebooks() && file->empty()) {
            throw InputError(fmt::format("{}: no file found; pq.initial = given needs one", key));
        }
        if (!pq.has_given_codebooks() && !file->empty()) {
            throw InputError(
                fmt::format("{}: '{}' found; it is allowed with pq.initial = given, not {}", key, *file, pq.initial));
        }
    }
    constexpr std::uint32_t value_bytes = 2;
    const dram::Organization organization = dram.organization();
    if (workload.policy == "aqpim" && pq.centroids > organization.row_bytes() / value_bytes) {
        throw InputError(fmt::format(
            "pq.centroids: {} found; up to {} are allowed, whose table of {}-byte values one row of {} bytes "
            "holds",
            pq.centroids, organization.row_bytes() / value_bytes, value_bytes, organization.row_bytes()));
    }
    if (workload.policy != "fp16" && pim.data_bytes != value_bytes) {
        throw InputError(fmt::format("pim.data_bytes: {} found; workload.policy = {} allows {}, fp16", pim.data_bytes,
                                     workload.policy, value_bytes));
    }
}

void Configuration::check() const {
    if (has_job()) {
        check_job();
    }
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
    check_pim_memory();
}

void Configuration::check_pim_memory() const {
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
    // An all-bank row goes between the refreshes of two banks.
    const std::uint64_t row = std::uint64_t{dram.timing.nRCDRD} + dram.timing.nRTP + dram.timing.nRP;
    if (dram.refresh == "per_bank" && dram.timing.nREFIpb < dram.timing.nRFCpb + row) {
        throw InputError(
            fmt::format("dram.nREFIpb: {} found with dram.refresh = per_bank; a PIM memory allows nRFCpb + nRCDRD + "
                        "nRTP + nRP = {} "
                        "or more, so that an all-bank row fits between two refreshes",
                        dram.timing.nREFIpb, dram.timing.nRFCpb + row));
    }
}

}  // namespace aqpim
