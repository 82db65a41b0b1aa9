#include "platform/configuration.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/cpu/isa.h"
#include "models/pcie/tlp.h"
#include "platform/ram_map.h"

namespace aqpim {

void SimulationParameters::declare(ParameterSection sim) {
    sim.time(time_limit_ps, "time_limit", "10s",
             {"simulated time after which a run is stopped",
              "three decode steps whose KV cache of 64 GiB crosses a link of 25 GB/s"});
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

void PlatformParameters::declare(ParameterSection platform) {
    constexpr Range<std::uint32_t> devices{1, 8};
    platform.choice(
        kv, "kv", "pim", {"pim", "gpu", "host"},
        {"where keys and values are kept, and attention computed: in the PIM memory by its engines; or by the "
         "GPU, in its own memory or in RAM from where each step copies them",
         "system.md §5 compares them"});
    platform.choice(kv_overflow, "kv_overflow", "refuse", {"refuse", "host"},
                    {"where a memory is too small for all keys and values: the job is refused; or as many of the last "
                     "layers as need be are kept and attended to as with platform.kv = host, in fp16",
                     "refuse: what fits decides the comparison"});
    platform.flag(kv_prefetch, "kv_prefetch", false,
                  {"keys and values in RAM are copied while the layer before computes",
                   "off: one after the other, as system.md §5 adds them up"});
    platform.choice(
        weights, "weights", "gpu", {"gpu", "package"},
        {"where the model's weights take room: in the GPU's memory; or spread over it and the PIM memory in "
         "its package by their sizes, as gpu.bandwidth of all stacks asks for",
         "gpu: the PIM memory is for keys and values alone"});
    platform.count(gpus, "gpus", 1, devices, {"GPUs, the first of which does the job", "system.md §4: one"});
    platform.count(pim_devices, "pim_devices", 1, devices,
                   {"PIM devices, the first of which does the job; with pim.attach = gpu at most one in each GPU",
                    "system.md §4: one"});
    platform.choice(topology, "topology", "flat", {"flat", "cascaded"},
                    {"PIM devices beside the GPUs, below the one switch; or below a second one at its last port",
                     "flat: the fewest hops"});
}

void TransferEnergyParameters::declare(ParameterSection energy) {
    energy.energy_per_bit(pcie_pj_per_bit, "pcie", "6pJ/bit",
                          {"bit on a PCIe link, headers included", "open, system.md §4"});
    energy.energy_per_bit(gpu_memory_pj_per_bit, "gpu_memory", "3.59pJ/bit",
                          {"bit read from or written to the GPU's memory", "whole HBM read path, system.md §4"});
    energy.energy(gpu_mac_pj, "gpu_mac", "0.32pJ",
                  {"two operations of a GPU kernel: an fp16 multiply-accumulate", "system.md §4"});
    energy.power(gpu_idle_mw, "gpu_idle", "0mW",
                 {"a GPU all the time, whatever it does: leakage, clocks, refresh of its memory",
                  "open: system.md §4 gives none"});
    energy.energy_per_bit(chip_to_chip_pj_per_bit, "chip_to_chip", "1.3pJ/bit",
                          {"with pim.attach = gpu, bit between the GPU and the PIM memory in its package, beside what "
                           "the memory's own interface takes",
                           "chip to chip, system.md §4"});
    energy.energy(host_instruction_pj, "host_instruction", "70pJ",
                  {"instruction that a hart retires, caches included",
                   "open: Horowitz, ISSCC 2014: a simple in-order core of 45 nm"});
    energy.energy_per_bit(host_memory_pj_per_bit, "host_memory", "20.3pJ/bit",
                          {"bit that devices read from or write to RAM",
                           "open: Horowitz, ISSCC 2014: 64 bits of DRAM take 1.3 nJ to 2.6 nJ"});
}

Configuration::Configuration() {
    ParameterSection simulation = table.section("sim");
    sim.declare(simulation);
    hart.declare_simulation(simulation);
    platform.declare(table.section("platform"));
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
    ParameterSection gpu_section = table.section("gpu");
    gpu.declare(gpu_section);
    gpu_section.choice(gpu_memory_model, "memory_model", "stream", {"stream", "dram"},
                       {"the GPU's memory: a data bus with a latency, or the DRAM model with section hbm",
                        "stream: kernels' share of the bandwidth is a parameter in both"});
    hbm.declare(table.section("hbm"));

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
    if (gpu_memory_is_dram()) {
        derive_gpu_memory();
    }
    pim.functional = gpu.functional = !sim.is_timing();
    gpu.grow_bursts = bursts_may_grow();
    pcie.seed = sim.seed;
}

bool Configuration::bursts_may_grow() const {
    const Picoseconds way = pcie.root_latency_ps + 2 * pcie.propagation_ps + pcie.switch_latency_ps;
    const Picoseconds round_trip = 2 * way + bus.latency + ram.latency + gpu.memory_latency_ps;
    const double link_bytes = static_cast<double>(round_trip) / link_byte_time(pcie).period_ps();
    // A burst holds its place until its last byte has come.
    const double engine_bytes = static_cast<double>(gpu.copy_burst_bytes) * (gpu.copy_outstanding - 1.0);
    return !pcie.is_detailed() && engine_bytes >= link_bytes;
}

void Configuration::derive_gpu_memory() {
    const dram::DramParameters memory = hbm.dram(dram.controller);
    const std::string origin = fmt::format("{}section hbm", preset_origin);
    table.set_default("gpu.memory", fmt::format("{}B", memory.organization().capacity_bytes()), origin);
    table.set_default("gpu.bandwidth", fmt::format("{}B/s", peak_bandwidth(memory)), origin);
}

void Configuration::check_gpu_memory() const {
    const dram::DramParameters memory = hbm.dram(dram.controller);
    memory.check();
    const auto check = [this](const char* key, std::uint64_t found, std::uint64_t allowed, const char* unit) {
        if (found != allowed) {
            throw InputError(
                fmt::format("{}: {} {} found ({}); with gpu.memory_model = dram it is what section hbm gives, {} {}",
                            key, found, unit, table.find(key)->origin, allowed, unit));
        }
    };
    check("gpu.memory", gpu.memory_bytes, memory.organization().capacity_bytes(), "B");
    check("gpu.bandwidth", gpu.memory_bandwidth, peak_bandwidth(memory), "B/s");
}

void Configuration::check_platform() const {
    if (has_job() && !platform.keeps_kv_in_pim() && !workload.is_fp16()) {
        throw InputError(fmt::format("platform.kv: {} found; it is allowed with workload.policy = fp16, not {}",
                                     platform.kv, workload.policy));
    }
    if (platform.keeps_weights_in_package() && !(pim_is_in_gpu() && platform.keeps_kv_in_pim())) {
        throw InputError(fmt::format(
            "platform.weights: package found; it is allowed with pim.attach = gpu and platform.kv = pim, not {} and {}",
            pim_attach, platform.kv));
    }
    if (pim_is_in_gpu() && platform.pim_devices > platform.gpus) {
        throw InputError(
            fmt::format("platform.pim_devices: {} found; pim.attach = gpu allows as many as there are "
                        "GPUs, {} (platform.gpus)",
                        platform.pim_devices, platform.gpus));
    }
    if (pim_is_in_gpu() && platform.is_cascaded()) {
        throw InputError(
            "platform.topology: cascaded found; it is allowed with pim.attach = pcie, not gpu, where nothing is left "
            "for the second switch");
    }
    if (gpu_memory_is_dram()) {
        check_gpu_memory();
    }
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
    if (ram.size > RamMap::most_bytes) {
        throw InputError(
            fmt::format("ram.size: {} bytes found; up to {} (1 TiB) are allowed", ram.size, RamMap::most_bytes));
    }
    constexpr std::uint64_t least_burst = 64;
    constexpr std::uint64_t most_burst = 1 << 20;
    if (!std::has_single_bit(gpu.copy_burst_bytes) || gpu.copy_burst_bytes < least_burst ||
        gpu.copy_burst_bytes > most_burst) {
        throw InputError(fmt::format("gpu.copy_burst: {} bytes found; a power of two from 64 B to 1 MiB is allowed",
                                     gpu.copy_burst_bytes));
    }
    pcie.check();
    check_platform();
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
