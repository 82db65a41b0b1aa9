#include "models/pcie/link_direction.h"

#include <catch2/catch.hpp>

#include <vector>

#include "tests/pcie/parameters.h"

using namespace aqpim;

namespace {

/// Gen1 x1: a byte takes 4 ns.
PcieParameters slow_link(const std::string& forwarding = "cut_through") {
    PcieParameters parameters = default_pcie_parameters();
    parameters.forwarding = forwarding;
    parameters.generation = 1;
    parameters.lanes = 1;
    parameters.propagation_ps = 10'000;
    return parameters;
}

constexpr TransferLabel write_label{"MWr", 0x1000, 512};

struct Slices : RecorderSink {
    struct Entry {
        std::string name;
        Picoseconds start;
        Picoseconds end;
    };
    void on_track(TrackId, const std::string& path) override { track = path; }
    void on_slice(const Slice& slice) override {
        entries.push_back({std::string(slice.name), slice.start_ps, slice.end_ps});
    }
    std::string track;
    std::vector<Entry> entries;
};

}  // namespace

TEST_CASE("the header of a transfer's first TLP arrives before all of it") {
    const PcieParameters parameters = slow_link();
    Recorder recorder;
    LinkDirection direction(parameters, recorder, "down");
    const Passage passage = direction.send(TlpFormat(parameters).memory_write(0, 512), 1'000, 0, write_label);
    CHECK(passage.waited == 0);
    CHECK(passage.head_arrival == 1'000 + 24 * 4'000 + 10'000);
    CHECK(passage.departed == 1'000 + 560 * 4'000);
    CHECK(passage.tail_lag == (560 - 24) * 4'000);
}

TEST_CASE("where switches store and forward the first TLP arrives before the last one") {
    const PcieParameters parameters = slow_link("store_and_forward");
    Recorder recorder;
    LinkDirection direction(parameters, recorder, "down");
    const Passage passage = direction.send(TlpFormat(parameters).memory_write(0, 512), 1'000, 0, write_label);
    CHECK(passage.waited == 0);
    CHECK(passage.head_arrival == 1'000 + 280 * 4'000 + 10'000);
    CHECK(passage.departed == 1'000 + 560 * 4'000);
    CHECK(passage.tail_lag == 280 * 4'000);
}

TEST_CASE("a transfer waits for the one before it") {
    const PcieParameters parameters = slow_link();
    Recorder recorder;
    LinkDirection direction(parameters, recorder, "down");
    const TlpFormat format(parameters);
    direction.send(format.memory_write(0, 512), 0, 0, write_label);
    const Passage second = direction.send(format.memory_write(0, 256), 40'000, 0, write_label);
    CHECK(second.waited == 560 * 4'000 - 40'000);
    CHECK(second.departed == (560 + 280) * 4'000);
}

TEST_CASE("a transfer that trickles in leaves no sooner than its last byte") {
    const PcieParameters parameters = slow_link();
    Recorder recorder;
    LinkDirection direction(parameters, recorder, "down");
    const Picoseconds lag = 10'000'000;
    const Passage passage = direction.send(TlpFormat(parameters).memory_write(0, 512), 0, lag, write_label);
    CHECK(passage.departed == lag);
    CHECK(passage.head_arrival == 24 * 4'000 + 10'000);
    CHECK(passage.tail_lag == lag - 24 * 4'000);
}

TEST_CASE("where switches store and forward a transfer that trickles in leaves one TLP after its last byte") {
    const PcieParameters parameters = slow_link("store_and_forward");
    Recorder recorder;
    LinkDirection direction(parameters, recorder, "down");
    const Picoseconds lag = 10'000'000;
    const Passage passage = direction.send(TlpFormat(parameters).memory_write(0, 512), 0, lag, write_label);
    CHECK(passage.departed == lag + 280 * 4'000);
    CHECK(passage.head_arrival == 280 * 4'000 + 10'000);
    CHECK(passage.tail_lag == lag);
}

TEST_CASE("a direction counts and records what crosses it") {
    const PcieParameters parameters = slow_link();
    Slices slices;
    Recorder recorder;
    recorder.attach(slices);
    LinkDirection direction(parameters, recorder, "pcie.link.down");
    const TlpFormat format(parameters);
    direction.send(format.memory_write(0, 512), 0, 0, write_label);
    direction.send(format.memory_read(0, 512), 0, 0, {"MRd", 0x1000, 512});
    CHECK(direction.counters().tlps == 3);
    CHECK(direction.counters().payload_bytes == 512);
    CHECK(direction.counters().wire_bytes == 584);
    CHECK(direction.counters().wire_bits() == 8 * 584);
    CHECK(direction.counters().busy_ps == 584 * 4'000);
    REQUIRE(slices.entries.size() == 2);
    CHECK(slices.track == "pcie.link.down");
    CHECK(slices.entries[0].name == "MWr 512 B");
    CHECK(slices.entries[1].name == "MRd");
    CHECK(slices.entries[1].start == slices.entries[0].end);
}
