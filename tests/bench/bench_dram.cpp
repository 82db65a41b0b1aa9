// How fast the DRAM model is: requests per second of the controller and of the closed form, and PIM row sweeps. Not a
// test.

#include <fmt/format.h>

#include <ctime>
#include <random>
#include <vector>

#include "models/common/parameter.h"
#include "models/dram/controller.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr std::size_t requests = 1'000'000;
constexpr int sweeps = 2'000'000;
constexpr int rounds = 3;

struct Memory {
    explicit Memory(const std::string& standard) {
        parameters.declare_memory(table.section("memory"));
        parameters.declare_dram(table.section("dram"));
        parameters.declare_pim(table.section("pim"));
        table.set("dram.standard", standard, "benchmark");
        table.set("dram.refresh_postpone", "0", "benchmark");
        parameters.apply_presets(table);
    }

    ParameterTable table;
    DramParameters parameters;
};

std::vector<Location> sequential(const Organization& o) {
    std::vector<Location> locations(requests);
    for (std::uint32_t i = 0; i < requests; ++i) {
        Location& l = locations[i];
        l.pseudo_channel = i % o.pseudo_channels;
        const std::uint32_t burst = i / o.pseudo_channels;
        l.bank_group = burst % o.bank_groups;
        l.column = burst / o.bank_groups % o.columns;
        l.bank = burst / (o.bank_groups * o.columns) % o.banks;
        l.row = burst / (o.bank_groups * o.columns * o.banks) % o.rows;
    }
    return locations;
}

std::vector<Location> scattered(const Organization& o) {
    std::mt19937_64 random(1);
    std::vector<Location> locations(requests);
    for (Location& l : locations) {
        const std::uint64_t bits = random();
        l.pseudo_channel = bits % o.pseudo_channels;
        l.bank_group = (bits >> 8) % o.bank_groups;
        l.bank = (bits >> 16) % o.banks;
        l.column = (bits >> 24) % o.columns;
        l.row = (bits >> 32) % o.rows;
    }
    return locations;
}

class Last : public CompletionSink {
 public:
    void completed(const Request&, Ticks at) override { tick = at; }
    Ticks tick = 0;
};

double seconds(std::clock_t since) {
    return static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC;
}

double detailed(const Memory& memory, const std::vector<Location>& locations) {
    Channel channel(memory.parameters, 0, nullptr);
    Last last;
    Controller controller(channel, memory.parameters, last);
    const std::clock_t begin = std::clock();
    for (const Location& location : locations) {
        controller.wait_for_room(false);
        controller.enqueue({0, location, 1, false});
    }
    while (controller.step()) {
    }
    return seconds(begin);
}

double closed_form(const Memory& memory, const std::vector<Location>& locations) {
    Channel channel(memory.parameters, 0, nullptr);
    const std::uint32_t places = memory.parameters.controller.read_queue;
    std::vector<Ticks> free_from(places);
    const std::clock_t begin = std::clock();
    std::size_t next = 0;
    for (const Location& location : locations) {
        free_from[next] = channel.access(location, false, free_from[next]);
        next = next + 1 == places ? 0 : next + 1;
    }
    return seconds(begin);
}

double row_sweeps(const Memory& memory) {
    Channel channel(memory.parameters, 0, nullptr);
    const std::clock_t begin = std::clock();
    Ticks end = 0;
    for (std::uint32_t i = 0; i < sweeps; ++i) {
        const std::uint32_t row = i % memory.parameters.rows;
        channel.issue({Command::PIM_ACT_AB, 1, row}, end);
        end = channel.issue({Command::PIM_MAC_AB, memory.parameters.columns, row}, end);
    }
    return seconds(begin);
}

template <class Run>
double best_of(const Run& run) {
    double best = run();
    for (int round = 1; round < rounds; ++round) {
        best = std::min(best, run());
    }
    return best;
}

}  // namespace

int main() {
    fmt::print("| standard | stream | detailed, M requests/s | fast, M requests/s |\n|---|---|---:|---:|\n");
    for (const char* const standard : {"HBM2", "DDR4", "HBM3"}) {
        const Memory memory(standard);
        const Organization organization = memory.parameters.organization();
        for (const bool in_order : {true, false}) {
            const std::vector<Location> locations = in_order ? sequential(organization) : scattered(organization);
            const auto per_second = [](double s) { return static_cast<double>(requests) / s / 1e6; };
            fmt::print("| {} | {} | {:.2f} | {:.1f} |\n", standard, in_order ? "sequential" : "random",
                       per_second(best_of([&] { return detailed(memory, locations); })),
                       per_second(best_of([&] { return closed_form(memory, locations); })));
        }
    }
    const double each = best_of([] { return row_sweeps(Memory("HBM3")); }) / sweeps;
    fmt::print("\nan all-bank row sweep (activate, 32 MACs, precharge): {:.0f} ns\n", each * 1e9);
}
