// How fast the detailed PCIe engine is: TLPs per second of large DMA writes and reads through one switch, end to end
// with their data, and on all links. Not a test.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <vector>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/detailed/stream.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr std::uint64_t memory_bytes = 16 * 1024 * 1024;
constexpr std::uint64_t transfer = 64 * 1024;
constexpr std::uint64_t transfers = 4096;
constexpr unsigned in_flight = 4;
constexpr int rounds = 3;
constexpr unsigned endpoint = 1;

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void measure(std::string_view name, TransactionKind kind, bool with_faults) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.bit_error_rate = with_faults ? 1e-7 : 0;
    std::vector<std::uint8_t> data(transfer, 0x5a);
    double best = 1e9;
    std::uint64_t end_to_end = 0;
    std::uint64_t crossings = 0;
    for (int round = 0; round < rounds; ++round) {
        Scene scene(parameters, Shape{}, {.bytes = memory_bytes});
        Stream dma(scene.end(endpoint),
                   {kind, 0, transfer * transfers, transfer, in_flight, memory_bytes, data.data()});
        const double begin = cpu_seconds();
        dma.start();
        scene.run();
        best = std::min(best, cpu_seconds() - begin);
        const SceneLink& link = scene.link_of(endpoint);
        end_to_end = link.up->counters().tlps + link.down->counters().tlps;
        const SceneLink& above = scene.link_of(0);
        crossings = end_to_end + above.up->counters().tlps + above.down->counters().tlps;
    }
    fmt::print("{:24} {:6.2f} M TLPs/s end to end  {:6.2f} M crossings/s  {:5.2f} GB/s\n", name,
               static_cast<double>(end_to_end) / best / 1e6, static_cast<double>(crossings) / best / 1e6,
               static_cast<double>(transfer * transfers) / best / 1e9);
}

}  // namespace

int main() {
    measure("writes", TransactionKind::memory_write, false);
    measure("reads", TransactionKind::memory_read, false);
    measure("writes with bit errors", TransactionKind::memory_write, true);
}
