// How payloads become requests, and how these get to the channels.
#include <catch2/catch.hpp>

#include <map>
#include <tuple>
#include <vector>

#include "jedec_rules.h"
#include "models/dram/transfer_engine.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

/// Channel, row, first column and bursts.
using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

constexpr const char* rows_together = "row:rank:bank:bank_group:pseudo_channel:channel:column:burst";

std::vector<Place> places(const char* order, const Transfer& transfer) {
    const Organization organization;
    const AddressMap map(order, organization);
    RequestWalk walk(transfer, map, organization);
    std::vector<Place> result;
    for (Request request; walk.next(request);) {
        CHECK(request.write == transfer.write);
        result.emplace_back(request.location.channel, request.location.row, request.location.column, request.bursts);
    }
    return result;
}

struct Rig : TransferSink {
    explicit Rig(std::initializer_list<std::pair<std::string, std::string>> changes = {})
        : scene(changes),
          map(scene.parameters.address_map, scene.parameters.organization()),
          channels(scene.parameters, &log) {
        engine.emplace(scene.parameters, map, channels, *this);
    }
    void transfer_done(std::uint64_t id, Ticks at) override { done[id] = at; }

    std::vector<std::string> violations() {
        channels.finish_trace();
        return jedec_violations(log.commands, scene.parameters);
    }

    Scene scene;
    CommandLog log;
    AddressMap map;
    LockstepChannels channels;
    std::optional<TransferEngine> engine;
    std::map<std::uint64_t, Ticks> done;
};

}  // namespace

TEST_CASE("bursts that are neighbours in a row travel as one request, up to the row's end") {
    CHECK(places(rows_together, {30 * 32, 4 * 32, 4 * 32, false}) == std::vector<Place>{{0, 0, 30, 2}, {1, 0, 0, 2}});
    CHECK(places(rows_together, {0, 1024, 1024, true}) == std::vector<Place>{{0, 0, 0, 32}});
}

TEST_CASE("bursts in other channels travel alone") {
    CHECK(places("row:rank:bank:bank_group:pseudo_channel:column:channel:burst", {0, 96, 96, false}) ==
          std::vector<Place>{{0, 0, 0, 1}, {1, 0, 0, 1}, {2, 0, 0, 1}});
}

TEST_CASE("a burst that is covered in part is a whole one") {
    CHECK(places(rows_together, {31, 1, 1, false}) == std::vector<Place>{{0, 0, 0, 1}});
    CHECK(places(rows_together, {31, 2, 2, false}) == std::vector<Place>{{0, 0, 0, 2}});
    CHECK(places(rows_together, {32, 33, 99, false}) == std::vector<Place>{{0, 0, 1, 2}});
}

TEST_CASE("each beat of a stream is a request of its own, the last one as long as what is left") {
    CHECK(places(rows_together, {0, 100, 40, true}) == std::vector<Place>{{0, 0, 0, 2}, {0, 0, 0, 2}, {0, 0, 0, 1}});
    CHECK(places(rows_together, {0, 64, 32, true}) == std::vector<Place>{{0, 0, 0, 1}, {0, 0, 0, 1}});
}

TEST_CASE("what has a channel to itself is as fast at once in either fidelity") {
    Rig fast({{"memory.fidelity", "fast"}});
    Rig detailed;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const Transfer transfer{i * 4096 * (i % 7), 1 + i * 37 % 5000, 5000, i % 3 == 0};
        CHECK(fast.engine->run(transfer, i * 100) == detailed.engine->run(transfer, i * 100));
    }
    CHECK(detailed.engine->next_end() == TransferEngine::never);
}

TEST_CASE("a long transfer that goes to all channels alike ends as one that goes burst by burst") {
    const Scene scene;
    const AddressMap map(scene.parameters.address_map, scene.parameters.organization());
    LockstepChannels striped(scene.parameters, nullptr);
    LockstepChannels separate(scene.parameters, nullptr);
    Rig rig;
    TransferEngine engine(scene.parameters, map, striped, rig);
    for (std::uint64_t i = 0; i < 40; ++i) {
        const Transfer transfer{i * 65536 + i * 37, 20'000 + i * 1111, 100'000, i % 2 == 0};
        const Ticks arrival = i * 500;
        RequestWalk walk(transfer, map, scene.parameters.organization());
        Ticks expected = 0;
        for (Request request; walk.next(request);) {
            expected = std::max(expected, separate.access(request.location.channel, request.location, request.bursts,
                                                          request.write, arrival));
        }
        CHECK(engine.run(transfer, arrival) == expected);
    }
    for (std::uint32_t channel = 0; channel < striped.size(); ++channel) {
        CHECK(striped.counters(channel).commands == separate.counters(channel).commands);
    }
}

TEST_CASE("a transfer ends with its last burst, not before the engine says that something may end") {
    Rig rig;
    CHECK(rig.engine->start({0, 16384, 16384, false}, 7, 50) == 50 + 31);  // 32 bursts in each channel, one a cycle
    Ticks present = 50;
    while (rig.done.empty()) {
        const Ticks next = rig.engine->next_end();
        REQUIRE(next != TransferEngine::never);
        REQUIRE(next > present);
        present = next;
        rig.engine->advance(present);
    }
    CHECK(rig.done.at(7) >= present);
    CHECK(rig.done.at(7) >= 50 + 32 * 2 / 2);  // two pseudo-channels, two cycles a burst
    CHECK(rig.engine->next_end() == TransferEngine::never);
    CHECK(rig.violations().empty());
}

TEST_CASE("a refresh that a controller has planned gives way to what engines have done since") {
    Rig rig({{"pim.channels", "1"}, {"dram.refresh_postpone", "0"}});
    Location location;
    location.rank = 1;
    rig.engine->start({rig.map.encode(location), 32, 32, false}, 1, 0);
    rig.engine->advance(500);  // rank 0 waits for its refresh, at tREFI
    rig.engine->finish(0);
    rig.channels.issue(0, {Command::PIM_ACT_AB, 1, 5}, 1000);
    rig.engine->start({rig.map.encode(location), 32, 32, false}, 2, 6000);
    rig.engine->finish(0);
    CHECK(rig.done.size() == 2);
    CHECK(rig.violations() == std::vector<std::string>{});
}
