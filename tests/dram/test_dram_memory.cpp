// The PIM memory through its socket, with b_transport.
#include <catch2/catch.hpp>

#include <array>
#include <ctime>
#include <numeric>

#include "memory_rig.h"

using namespace aqpim;
using namespace aqpim::dram;

TEST_CASE("a burst read takes the controller's latency, tRCD, CL and its burst, from the next clock edge") {
    Rig rig({{"dram.controller_latency", "10ns"}});
    std::uint32_t word = 0;
    CHECK(rig.run(tlm::TLM_READ_COMMAND, 0, &word, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(to_ps(rig.delay) == (14 + 19 + 19 + 2) * 769);  // 10 ns: the 14th edge
}

TEST_CASE("what is written is read back, across channels and from any byte") {
    Rig rig;
    std::vector<std::uint8_t> sent(1000);
    std::iota(sent.begin(), sent.end(), std::uint8_t{1});
    std::vector<std::uint8_t> got(sent.size());
    CHECK(rig.run(tlm::TLM_WRITE_COMMAND, 12345, sent.data(), 1000) == tlm::TLM_OK_RESPONSE);
    CHECK(rig.run(tlm::TLM_READ_COMMAND, 12345, got.data(), 1000) == tlm::TLM_OK_RESPONSE);
    CHECK(got == sent);
    CHECK(rig.memory.counters().writes == 33);  // 1000 B from byte 25 of a burst
    CHECK(rig.memory.counters().reads == 33);
}

TEST_CASE("engines see in the store what came through the socket") {
    Rig rig;
    std::uint32_t word = 0x12345678;
    rig.run(tlm::TLM_WRITE_COMMAND, capacity - 4, &word, 4);
    std::uint32_t stored = 0;
    rig.memory.store().read(capacity - 4, reinterpret_cast<std::uint8_t*>(&stored), 4);
    CHECK(stored == word);
}

TEST_CASE("bursts to different channels overlap, a payload ends with its last burst") {
    Rig rig({{"dram.controller_latency", "0ns"}});
    std::array<std::uint8_t, 16 * 32> data{};
    rig.run(tlm::TLM_READ_COMMAND, 0, data.data(), data.size());
    CHECK(to_ps(rig.delay) == (19 + 19 + 2) * 769);  // one burst in each channel
}

TEST_CASE("an access waits for the engines' use of its channel") {
    Rig rig({{"dram.controller_latency", "0ns"}});
    rig.memory.channel(0).issue({Command::PIM_ACT_AB, 1, 5}, 0);
    rig.memory.channel(0).issue({Command::PIM_MAC_AB, 32, 5}, 0);
    std::uint32_t word = 0;
    rig.run(tlm::TLM_READ_COMMAND, 0, &word, 4);  // row 0: precharge, tRTP after the last MAC
    CHECK(to_ps(rig.delay) == (19 + 31 * 6 + 8 + 19 + 19 + 21) * 769);
}

namespace {

/// Share of the peak bandwidth (a burst per tCCD_S and pseudo-channel) that a sequential stream of 8 MiB reaches.
double stream_efficiency(Rig& rig, tlm::tlm_command command) {
    constexpr std::uint32_t payload = 4096;
    constexpr std::uint64_t bytes = 8 << 20;
    std::vector<std::uint8_t> data(payload);
    sc_core::sc_time last;
    for (std::uint64_t address = 0; address < bytes; address += payload) {
        sc_core::sc_time delay;  // all requests wait from the start
        access(rig.initiator.socket, command, address, data.data(), payload, delay);
        last = std::max(last, delay);
    }
    const double peak_bytes_per_cycle = 16 * 2 * 32 / 2.0;
    return static_cast<double>(bytes) / peak_bytes_per_cycle / (static_cast<double>(to_ps(last)) / 769);
}

}  // namespace

TEST_CASE("a sequential read stream reaches the peak bandwidth within a few per cent, less refresh") {
    Rig rig({{"dram.refresh", "off"}});
    CHECK(stream_efficiency(rig, tlm::TLM_READ_COMMAND) > 0.92);
}

TEST_CASE("refresh takes tRFC of each tREFI from a sequential read stream") {
    Rig rig;
    CHECK(stream_efficiency(rig, tlm::TLM_READ_COMMAND) > 0.92 * (1 - (456 + 19 + 100) / 5070.0));
}

TEST_CASE("a sequential write stream reaches the peak bandwidth within a few per cent") {
    Rig rig({{"dram.refresh", "off"}});
    CHECK(stream_efficiency(rig, tlm::TLM_WRITE_COMMAND) > 0.90);
}

TEST_CASE("a traced memory hands on its commands in order of time for each channel, timed as without trace") {
    CommandLog log;
    Rig traced({}, &log);
    std::vector<std::uint8_t> data(8192);
    for (std::uint64_t i = 0; i < 64; ++i) {
        traced.run(tlm::TLM_READ_COMMAND, i * 1234567 % capacity, data.data(), 8192);
        sc_core::sc_start(traced.delay);
        traced.delay = sc_core::SC_ZERO_TIME;
    }
    CHECK(log.commands.size() > 64 * 200);  // most is handed on while the run goes on
    traced.memory.finish_trace();
    std::array<Picoseconds, 16> last{};
    for (const TracedCommand& command : log.commands) {
        const auto channel = static_cast<std::size_t>(command.channel);
        CHECK(command.time_ps >= last[channel]);
        last[channel] = command.time_ps;
    }
}

TEST_CASE("65 536 bursts cost little wall time") {
    Rig rig;
    std::vector<std::uint8_t> data(4096);
    const std::clock_t start = std::clock();
    for (std::uint64_t address = 0; address < 65536 * 32; address += data.size()) {
        rig.run(tlm::TLM_READ_COMMAND, address, data.data(), static_cast<std::uint32_t>(data.size()));
    }
    const double cpu_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    CHECK(cpu_s < 0.5);  // 0.02 in a release build; the bound leaves room for an instrumented one
}
