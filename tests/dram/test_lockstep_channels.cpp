// Channels that share what they compute behave as channels that do not.
#include <catch2/catch.hpp>

#include <deque>
#include <random>
#include <vector>

#include "models/dram/lockstep_channels.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

/// The same calls to channels in lockstep and to separate ones.
class Twins {
 public:
    explicit Twins(const DramParameters& parameters) : lockstep(parameters, nullptr) {
        for (std::uint32_t index = 0; index < lockstep.size(); ++index) {
            separate_.emplace_back(parameters, index, nullptr);
        }
    }

    Ticks access(std::uint32_t channel, Location location, std::uint32_t bursts, bool write, Ticks at) {
        location.channel = channel;
        const Ticks expected = separate_[channel].access(location, bursts, write, at);
        const Ticks found = lockstep.access(channel, location, bursts, write, at);
        REQUIRE(found == expected);
        return found;
    }
    Ticks issue(std::uint32_t channel, const PimCommand& command, Ticks at) {
        const Ticks expected = separate_[channel].issue(command, at);
        const Ticks found = lockstep.issue(channel, command, at);
        REQUIRE(found == expected);
        return found;
    }
    void settle(Ticks now) {
        lockstep.settle(now);
        for (Channel& channel : separate_) {
            channel.settle(now);
        }
    }
    Ticks ready() const {
        Ticks ready = 0;
        for (const Channel& channel : separate_) {
            ready = std::max(ready, channel.ready());
        }
        return ready;
    }
    void compare_channel(std::uint32_t channel) const {
        const Counters expected = separate_[channel].counters();
        const Counters found = lockstep.counters(channel);
        CHECK(found.commands == expected.commands);
        CHECK(found.moved_bursts == expected.moved_bursts);
        CHECK(found.active_rank_ticks == expected.active_rank_ticks);
        CHECK(found.activates == expected.activates);
        CHECK(found.row_hits == expected.row_hits);
        CHECK(found.row_conflicts == expected.row_conflicts);
        CHECK(found.refreshes == expected.refreshes);
        CHECK(found.pim_columns == expected.pim_columns);
        CHECK(lockstep.ready(channel) <= ready());
    }
    void compare() const {
        for (std::uint32_t channel = 0; channel < lockstep.size(); ++channel) {
            compare_channel(channel);
        }
    }

    LockstepChannels lockstep;

 private:
    std::deque<Channel> separate_;
};

DramParameters eight_channels() {
    const Scene scene({{"pim.stacks", "1"}, {"pim.channels", "8"}});
    return scene.parameters;
}

/// Calls as a device makes them: programs and transfers to all channels, and now and then something to a few.
class RandomCalls {
 public:
    RandomCalls(Twins& twins, std::uint32_t seed) : twins_(twins), random_(seed) {}

    void run(unsigned rounds) {
        for (unsigned round = 0; round < rounds; ++round) {
            const std::uint32_t kind = below(10);
            if (kind < 4) {
                program(0, twins_.lockstep.size());
            } else if (kind < 7) {
                transfer(0, twins_.lockstep.size());
            } else if (kind == 7) {
                const std::uint32_t first = below(twins_.lockstep.size());
                transfer(first, first + 1 + below(twins_.lockstep.size() - first));
            } else if (kind == 8) {
                const std::uint32_t first = below(twins_.lockstep.size());
                program(first, first + 1 + below(twins_.lockstep.size() - first));
            } else {
                end_command();
            }
        }
    }

 private:
    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }

    void program(std::uint32_t first, std::uint32_t end) {
        const std::uint32_t row = below(64);
        const std::vector<PimCommand> commands = {{Command::PIM_SET_CONFIG},
                                                  {Command::PIM_MAC_AB, 1 + below(40), row},
                                                  {Command::PIM_MV_BA, 1 + below(8)},
                                                  {Command::PIM_SFM, 1, 0, 0, below(100)},
                                                  {Command::PIM_RET, 1 + below(60), row}};
        for (const PimCommand& command : commands) {
            Ticks done = 0;
            for (std::uint32_t channel = first; channel < end; ++channel) {
                done = std::max(done, twins_.issue(channel, command, now_));
            }
            now_ = below(3) == 0 ? done : now_;
        }
    }
    void transfer(std::uint32_t first, std::uint32_t end) {
        const bool write = below(2) == 0;
        for (std::uint32_t burst = 1 + below(20); burst != 0; --burst) {
            Location location;
            location.bank_group = below(4);
            location.bank = below(4);
            location.row = below(4);
            location.column = below(16);
            for (std::uint32_t channel = first; channel < end; ++channel) {
                twins_.access(channel, location, 1, write, now_);
            }
        }
        now_ += below(200);
    }
    void end_command() {
        for (std::uint32_t channel = 0; channel < twins_.lockstep.size(); ++channel) {
            twins_.issue(channel, {Command::PIM_PREA}, now_);
        }
        now_ = twins_.ready() + below(2) * below(100'000);
        twins_.settle(now_);
    }

    Twins& twins_;
    std::mt19937 random_;
    Ticks now_ = 0;
};

}  // namespace

TEST_CASE("channels in lockstep give the figures of separate channels for random programs and transfers") {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        CAPTURE(seed);
        Twins twins(eight_channels());
        RandomCalls(twins, seed).run(300);
        twins.compare();
    }
}

TEST_CASE("channels in lockstep give the figures of separate channels with refreshes bank by bank") {
    DramParameters parameters = eight_channels();
    parameters.refresh = "per_bank";
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Twins twins(parameters);
        RandomCalls(twins, seed).run(300);
        twins.compare();
    }
}

TEST_CASE("channels that are asked for the same stay one cohort") {
    Twins twins(eight_channels());
    for (Ticks at = 0; at < 5000; ++at) {
        for (std::uint32_t channel = 0; channel < 8; ++channel) {
            twins.access(channel, {.row = static_cast<std::uint32_t>(at % 7)}, 1, false, at);
        }
    }
    CHECK(twins.lockstep.cohorts() == 1);
    twins.compare();
}

TEST_CASE(
    "a channel that is asked for something else leaves and comes back when its rows are closed and time has passed") {
    Twins twins(eight_channels());
    twins.access(3, {.row = 5}, 4, true, 0);
    twins.access(4, {.row = 5}, 4, true, 0);
    twins.access(5, {.row = 9}, 4, true, 0);
    twins.settle(1000);
    CHECK(twins.lockstep.cohorts() == 3);
    for (std::uint32_t channel = 0; channel < 8; ++channel) {
        twins.issue(channel, {Command::PIM_MAC_AB, 32, 7}, 1000);
        twins.issue(channel, {Command::PIM_PREA}, 1000);
    }
    twins.settle(twins.ready() + 100'000);
    CHECK(twins.lockstep.cohorts() == 1);
    twins.compare();
}

TEST_CASE("a channel taken out of lockstep has its own state") {
    Twins twins(eight_channels());
    for (std::uint32_t channel = 0; channel < 6; ++channel) {
        twins.access(channel, {.row = 5}, 1, false, 0);
    }
    CHECK(twins.lockstep.alone(2).counters().reads == 1);
    CHECK(twins.lockstep.alone(7).counters().reads == 0);
    CHECK(twins.lockstep.cohorts() == 3);  // 2, 7, and all others
    for (std::uint32_t channel = 0; channel < 8; ++channel) {
        twins.access(channel, {.row = 6}, 1, false, 50);
    }
    twins.compare();
}

TEST_CASE("the work of engines counts for the one channel") {
    Twins twins(eight_channels());
    twins.lockstep.add_engine_work(3, 10, 20);
    CHECK(twins.lockstep.counters(3).macs == 10);
    CHECK(twins.lockstep.counters(3).lookups == 20);
    CHECK(twins.lockstep.counters(2).macs == 0);
}
