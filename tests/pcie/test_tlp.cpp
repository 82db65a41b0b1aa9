#include "models/pcie/tlp.h"

#include <catch2/catch.hpp>

#include "tests/pcie/parameters.h"

using namespace aqpim;

namespace {

TlpFormat format(unsigned generation, unsigned max_payload) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.generation = generation;
    parameters.max_payload = max_payload;
    return TlpFormat(parameters);
}

double efficiency(const TlpTraffic& traffic) {
    return static_cast<double>(traffic.payload_bytes) / static_cast<double>(traffic.wire_bytes);
}

double lane_rate(unsigned generation) {
    const Rational rate = lane_bytes_per_second(generation);
    return static_cast<double>(rate.num) / static_cast<double>(rate.den);
}

}  // namespace

TEST_CASE("a lane moves its transfer rate less the line code") {
    CHECK(lane_rate(1) == 250e6);
    CHECK(lane_rate(2) == 500e6);
    CHECK(lane_rate(3) == Approx(8e9 * 128 / 130 / 8).epsilon(1e-12));
    CHECK(lane_rate(4) == Approx(16e9 * 128 / 130 / 8).epsilon(1e-12));
    CHECK(lane_rate(5) == Approx(32e9 * 128 / 130 / 8).epsilon(1e-12));
    CHECK(lane_rate(6) == 7.375e9);  // 8 GB/s * 236 / 256
}

TEST_CASE("the time of a byte on a link is exact") {
    CHECK(link_byte_time(1, 1).at(1) == 4000);
    CHECK(link_byte_time(2, 4).at(1) == 500);
    // Gen3: 130 / 128 / 8e9 s a bit, so 64 B take 65 ns on one lane.
    CHECK(link_byte_time(3, 1).at(64) == 65'000);
    CHECK(link_byte_time(4, 16).at(256) == 8'125);
    CHECK(link_byte_time(5, 16).at(1u << 30) == 17'039'360'000);
    CHECK(link_byte_time(6, 16).at(236) == 2'000);  // one flit of 256 B at 128 GB/s
}

TEST_CASE("payloads of 128, 256 and 512 bytes leave 84.2, 91.4 and 95.5 percent") {
    CHECK(efficiency(format(5, 128).memory_write(0, 4096)) == Approx(0.842).margin(0.0005));
    CHECK(efficiency(format(5, 256).memory_write(0, 4096)) == Approx(0.914).margin(0.0005));
    CHECK(efficiency(format(5, 512).memory_write(0, 4096)) == Approx(0.955).margin(0.0005));
}

TEST_CASE("in flit mode a TLP costs its header only") {
    CHECK(format(6, 256).memory_write(0, 4096) == TlpTraffic{16, 4096, 16 * 272, 272, 272});
}

TEST_CASE("a write is cut at the maximum payload and at 4 KiB") {
    const TlpFormat pcie = format(4, 256);
    CHECK(pcie.memory_write(0x1000, 4096) == TlpTraffic{16, 4096, 4480, 280, 280});
    CHECK(pcie.memory_write(0x1080, 256) == TlpTraffic{1, 256, 280, 280, 280});
    CHECK(pcie.memory_write(0x1f80, 256) == TlpTraffic{2, 256, 304, 152, 152});
    CHECK(pcie.memory_write(0x1fc0, 1024) == TlpTraffic{5, 1024, 1144, 88, 216});
}

TEST_CASE("a write carries whole double words") {
    const TlpFormat pcie = format(4, 256);
    CHECK(pcie.memory_write(0x1001, 1) == TlpTraffic{1, 4, 28, 28, 28});
    CHECK(pcie.memory_write(0x1003, 2) == TlpTraffic{1, 8, 32, 32, 32});
    CHECK(pcie.memory_write(0x1001, 256) == TlpTraffic{2, 260, 308, 280, 28});
}

TEST_CASE("a read asks for at most the maximum read request") {
    const TlpFormat pcie = format(4, 256);
    CHECK(pcie.memory_read(0x1000, 4) == TlpTraffic{1, 0, 24, 24, 24});
    CHECK(pcie.memory_read(0x1000, 4096) == TlpTraffic{8, 0, 192, 24, 24});
    CHECK(pcie.memory_read(0x1f00, 512) == TlpTraffic{2, 0, 48, 24, 24});
}

TEST_CASE("completions end on the read completion boundary") {
    const TlpFormat pcie = format(4, 256);
    CHECK(pcie.completions(0x1000, 4) == TlpTraffic{1, 4, 28, 28, 28});
    CHECK(pcie.completions(0x1000, 4096) == TlpTraffic{16, 4096, 4480, 280, 280});
    // 512 B from 0x1020: 0x1020 to 0x1100 (224 B), to 0x1200 (256 B), and the 32 B left.
    CHECK(pcie.completions(0x1020, 512) == TlpTraffic{3, 512, 584, 248, 56});
}
