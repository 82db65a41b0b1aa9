// How fast PCIe is through the models and their sockets: device, link, switch, link, root complex, memory. Fast
// fidelity: 16 GiB of payloads of 4 MiB without data. Detailed: TLPs per second, end to end, of 256 MiB with data. Not
// a test.

#include <fmt/format.h>

#include <ctime>
#include <functional>
#include <stdexcept>
#include <vector>

#include "models/common/no_contents.h"
#include "models/memory/memory.h"
#include "tests/pcie/tree.h"

using namespace aqpim;

namespace {

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

MemoryParameters host_memory() {
    MemoryParameters parameters;
    parameters.size = std::uint64_t{4} << 30;
    parameters.latency = 80'000;
    parameters.bandwidth = 200'000'000'000;
    return parameters;
}

FunctionDescription function() {
    return {AQPIM_PCI_VENDOR, AQPIM_PCI_DEVICE_GPU, AQPIM_PCI_CLASS_GPU, "gpu", 0, {}};
}

/// A device behind a switch, and the host's memory.
struct Platform : sc_core::sc_module {
    Platform(sc_core::sc_module_name name, const PcieParameters& parameters, Recorder& recorder)
        : sc_module(name),
          scheduler("scheduler"),
          ecam("ecam"),
          mmio("mmio"),
          memory("memory", host_memory()),
          root("root", parameters, scheduler, recorder),
          root_link("root_link", parameters, recorder),
          pcie_switch("switch", parameters, 1, scheduler, recorder),
          link("link", parameters, recorder),
          device("device", parameters, {function()}, scheduler, recorder),
          dma("dma") {
        ecam.bind(root.ecam);
        mmio.bind(root.mmio);
        root.memory.bind(memory.socket);
        connect(root, root_link);
        connect(root_link, pcie_switch);
        connect(pcie_switch, 0, link);
        connect(link, device);
        dma.bind(device.dma(0));
    }
    void configure(RoutingId id, unsigned offset, std::uint32_t value, unsigned bytes = 4) {
        sc_core::sc_time delay;
        access(ecam, tlm::TLM_WRITE_COMMAND, std::uint64_t{id} << 12 | offset, &value, bytes, delay);
    }
    void enumerate() {
        const RoutingId bridges[] = {Tree::root_port, Tree::switch_upstream, Tree::switch_port(0)};
        for (unsigned bus = 0; bus < 3; ++bus) {
            configure(bridges[bus], pci_register::primary_bus, bus | (bus + 1) << 8 | 3 << 16);
            configure(bridges[bus], pci_register::command, pci_command_bus_master, 2);
        }
        configure(Tree::function_id(0), pci_register::command, pci_command_bus_master, 2);
    }
    tlm::tlm_response_status move(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                                  std::uint32_t bytes, sc_core::sc_time& delay, NoContents* no_contents) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(data);
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        payload.set_extension(no_contents);
        dma->b_transport(payload, delay);
        payload.clear_extension(no_contents);
        return payload.get_response_status();
    }
    std::uint64_t tlps() const { return link.up().tlps + link.down().tlps; }

    TlpScheduler scheduler;
    InitiatorSocket<Platform> ecam;
    InitiatorSocket<Platform> mmio;
    Memory memory;
    PcieRootComplex root;
    PcieLink root_link;
    PcieSwitch pcie_switch;
    PcieLink link;
    PcieDevice device;
    InitiatorSocket<Platform> dma;
};

void check(bool ok) {
    if (!ok) {
        throw std::runtime_error("a transfer failed");
    }
}

void measure_fast(Platform& platform, tlm::tlm_command command) {
    constexpr std::uint64_t bytes = std::uint64_t{16} << 30;
    constexpr std::uint32_t payload = 4 << 20;
    std::vector<std::uint8_t> nothing(payload);
    NoContents no_contents;
    const double begin = cpu_seconds();
    sc_core::sc_time delay;
    for (std::uint64_t done = 0; done < bytes; done += payload) {
        const auto status =
            platform.move(command, done % (std::uint64_t{4} << 30), nothing.data(), payload, delay, &no_contents);
        check(status == tlm::TLM_OK_RESPONSE);
    }
    fmt::print("fast     {:6} 16 GiB in payloads of 4 MiB: {:.4f} s\n",
               command == tlm::TLM_READ_COMMAND ? "read" : "write", cpu_seconds() - begin);
}

void measure_detailed(Platform& platform, tlm::tlm_command command) {
    constexpr std::uint64_t bytes = 256 << 20;
    constexpr std::uint32_t payload = 64 << 10;
    constexpr unsigned streams = 4;
    std::vector<std::uint8_t> data(payload, 0x5a);
    const std::uint64_t before = platform.tlps();
    const double begin = cpu_seconds();
    std::vector<std::function<void()>> scenes;
    for (unsigned stream = 0; stream < streams; ++stream) {
        scenes.push_back([&, stream] {
            sc_core::sc_time delay;
            for (std::uint64_t done = stream * payload; done < bytes; done += streams * payload) {
                check(platform.move(command, done, data.data(), payload, delay, nullptr) == tlm::TLM_OK_RESPONSE);
            }
        });
    }
    check(play_all(scenes));
    const double seconds = cpu_seconds() - begin;
    const auto tlps = static_cast<double>(platform.tlps() - before);
    fmt::print("detailed {:6} 256 MiB: {:.3f} s, {:.2f} M TLPs/s end to end\n",
               command == tlm::TLM_READ_COMMAND ? "read" : "write", seconds, tlps / seconds / 1e6);
}

}  // namespace

int sc_main(int, char**) {
    Recorder recorder;
    PcieParameters parameters = default_pcie_parameters();
    Platform fast("fast", parameters, recorder);
    parameters.fidelity = "detailed";
    Platform detailed("detailed", parameters, recorder);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    check(play([&] {
        fast.enumerate();
        detailed.enumerate();
    }));
    for (const tlm::tlm_command command : {tlm::TLM_WRITE_COMMAND, tlm::TLM_READ_COMMAND}) {
        measure_fast(fast, command);
        measure_detailed(detailed, command);
        measure_detailed(detailed, command);  // the memory's pages are there
    }
    return 0;
}
