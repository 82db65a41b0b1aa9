// Bit errors: what arrives damaged is sent again after its NAK.

#include <catch2/catch.hpp>
#include <numeric>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/detailed/wire_rate.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr unsigned endpoint = 1;
constexpr unsigned payload = 256;
constexpr Picoseconds retraining = 1'000'000;

Picoseconds tlp_time() {
    return time_of(payload + 24, wire_rate(5, 16));
}

/// A damaged TLP costs its own time, and that until its NAK is back: there, into a DLLP, back.
Picoseconds cost_of_replay() {
    return tlp_time() + 20'000 + 50'000 + 20'000;
}

PcieParameters with_bit_errors(double rate, std::uint64_t seed) {
    PcieParameters parameters = default_pcie_parameters();
    parameters.bit_error_rate = rate;
    parameters.seed = seed;
    return parameters;
}

struct Written {
    std::uint64_t replays;
    unsigned bad_tlps;   // at the receiver
    unsigned rollovers;  // at the sender
    Picoseconds at;
};

/// One full write by an endpoint right below the root.
Written write_once(double bit_error_rate, std::uint64_t seed) {
    Scene scene(with_bit_errors(bit_error_rate, seed), std::nullopt);
    const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 0, nullptr, payload);
    scene.run();
    REQUIRE(write->status == TransactionStatus::success);
    REQUIRE(scene.is_idle());
    return {scene.link_of(endpoint).up->replays(), scene.root().bad_tlps(), scene.end(endpoint).rollovers(),
            scene.root().last_written()};
}

}  // namespace

TEST_CASE("a TLP that is damaged once arrives later by its time and its NAK's") {
    const Picoseconds undisturbed = write_once(0, 1).at;
    CHECK(undisturbed == tlp_time() + 20'000 + 150'000);
    unsigned damaged = 0;
    for (std::uint64_t seed = 1; seed < 500; ++seed) {
        const Written written = write_once(1e-5, seed);
        if (written.replays == 1) {
            ++damaged;
            CHECK(written.bad_tlps == 1);
            CHECK(written.at == undisturbed + cost_of_replay());
        } else {
            CHECK(written.at == undisturbed + written.replays * cost_of_replay());
        }
    }
    // 2240 bits at 1e-5: 2.2 % of 499, so 11, give or take 4 standard deviations of 3.3.
    CHECK(damaged >= 1);
    CHECK(damaged <= 25);
}

TEST_CASE("the fourth replay of a TLP trains the link anew") {
    const Picoseconds undisturbed = write_once(0, 1).at;
    unsigned retrained = 0;
    for (std::uint64_t seed = 1; seed < 50; ++seed) {
        // 2240 bits at 1e-3: nine of ten arrive damaged.
        const Written written = write_once(1e-3, seed);
        const std::uint64_t trainings = written.replays / 4;
        CHECK(written.rollovers == trainings);
        CHECK(written.at == undisturbed + written.replays * cost_of_replay() + trainings * retraining);
        retrained += trainings != 0 ? 1 : 0;
    }
    CHECK(retrained > 10);
}

TEST_CASE("with bit errors the data is right and the replays cost what they cost one by one") {
    constexpr std::uint64_t bytes = 4 * 1024 * 1024;
    std::vector<std::uint8_t> data(bytes);
    std::iota(data.begin(), data.end(), std::uint8_t{0});
    const auto written_at = [&](double rate, std::uint64_t& replays) {
        Scene scene(with_bit_errors(rate, 5), std::nullopt, {.bytes = bytes});
        const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 0, data.data(), bytes);
        scene.run();
        CHECK(scene.root().memory() == data);
        CHECK(scene.is_idle());
        replays = scene.link_of(endpoint).up->replays();
        return scene.root().last_written();
    };
    std::uint64_t replays = 0;
    const Picoseconds undisturbed = written_at(0, replays);
    REQUIRE(replays == 0);
    const Picoseconds disturbed = written_at(1e-5, replays);
    // Each of 16384 TLPs of 2240 bits is damaged with p = 1 - (1 - 1e-5)^2240, each time it is sent.
    const double damaged = 1 - std::pow(1 - 1e-5, 2240);
    const double expected = 16384 * damaged / (1 - damaged);
    CHECK(static_cast<double>(replays) == Approx(expected).margin(4 * std::sqrt(expected)));
    CHECK(static_cast<double>(disturbed - undisturbed) ==
          Approx(static_cast<double>(replays * cost_of_replay())).epsilon(0.01));
}

TEST_CASE("the same seed gives the same bit errors and another one others") {
    const auto replays = [](std::uint64_t seed) {
        Scene scene(with_bit_errors(1e-5, seed), Shape{}, {.bytes = 1024 * 1024});
        const auto write = start(scene.end(endpoint), TransactionKind::memory_write, 0, nullptr, 1024 * 1024);
        scene.run();
        return std::pair{scene.link_of(endpoint).up->replays(), scene.root().last_written()};
    };
    CHECK(replays(1) == replays(1));
    CHECK(replays(1) != replays(2));
}
