#include <catch2/catch.hpp>
#include <chrono>
#include <random>

#include "platform/results/activity.h"

using namespace aqpim;

namespace {

void record(ActivityLog& log, Activity activity, Picoseconds start_ps, Picoseconds end_ps) {
    log.on_slice({0, "work", start_ps, end_ps, activity, nullptr, 0});
}

struct Work {
    Activity activity;
    Picoseconds start_ps;
    Picoseconds end_ps;
};

/// Instant by instant.
Breakdown counted(const std::vector<Work>& all, Picoseconds start_ps, Picoseconds end_ps) {
    Breakdown result;
    for (Picoseconds now = start_ps; now < end_ps; ++now) {
        bool active[6] = {};
        for (const Work& work : all) {
            active[static_cast<int>(work.activity)] |= work.start_ps <= now && now < work.end_ps;
        }
        const auto count = std::count(active + 1, active + 6, true);
        Picoseconds& part = count == 0  ? result.idle
                            : count > 1 ? result.overlapped
                            : active[1] ? result.host
                            : active[2] ? result.pcie
                            : active[3] ? result.gpu
                            : active[4] ? result.pim_quantize
                                        : result.pim_attention;
        ++part;
    }
    return result;
}

}  // namespace

TEST_CASE("time counts for the one part at work, for overlapped with two, for idle with none") {
    ActivityLog log;
    record(log, Activity::host, 0, 10);
    record(log, Activity::pcie, 8, 20);
    record(log, Activity::pim_attention, 30, 50);
    record(log, Activity::none, 0, 100);
    const Breakdown all = log.breakdown(0, 60);
    CHECK(all == Breakdown{.host = 8, .pcie = 10, .pim_attention = 20, .overlapped = 2, .idle = 20});
    CHECK(all.total() == 60);
    CHECK(log.breakdown(9, 31) == Breakdown{.pcie = 10, .pim_attention = 1, .overlapped = 1, .idle = 10});
    CHECK(log.breakdown(100, 200) == Breakdown{.idle = 100});
    CHECK(log.breakdown(5, 5) == Breakdown{});
}

TEST_CASE("a part that is busy twice at a time is one part at work") {
    ActivityLog log;
    record(log, Activity::gpu, 0, 10);
    record(log, Activity::gpu, 5, 15);
    record(log, Activity::gpu, 2, 3);
    CHECK(log.breakdown(0, 20) == Breakdown{.gpu = 15, .idle = 5});
}

TEST_CASE("work recorded after a breakdown counts in the next") {
    ActivityLog log;
    record(log, Activity::host, 0, 10);
    CHECK(log.breakdown(0, 20) == Breakdown{.host = 10, .idle = 10});
    record(log, Activity::pim_quantize, 10, 20);
    CHECK(log.breakdown(0, 20) == Breakdown{.host = 10, .pim_quantize = 10});
}

TEST_CASE("breakdowns of random work agree with counting instant by instant") {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        ActivityLog log;
        std::vector<Work> all;
        for (int i = 0; i < 30; ++i) {
            const Picoseconds start = random() % 100;
            all.push_back({static_cast<Activity>(random() % 6), start, start + random() % 12});
            record(log, all.back().activity, all.back().start_ps, all.back().end_ps);
        }
        const Picoseconds start = random() % 60;
        const Picoseconds end = start + random() % 60;
        const Breakdown breakdown = log.breakdown(start, end);
        REQUIRE(breakdown == counted(all, start, end));
        REQUIRE(breakdown.total() == end - start);
    }
}

TEST_CASE("the time in which either of two activities was at work counts once") {
    ActivityLog log;
    record(log, Activity::pim_quantize, 10, 20);
    record(log, Activity::pim_attention, 15, 30);
    record(log, Activity::pim_attention, 40, 50);
    record(log, Activity::pim_quantize, 42, 45);
    record(log, Activity::gpu, 0, 100);
    CHECK(log.busy_ps({Activity::pim_quantize, Activity::pim_attention}) == 30);
    CHECK(log.busy_ps({Activity::pim_quantize}) == 13);
    CHECK(log.busy_ps({Activity::host}) == 0);
}

TEST_CASE("a million slices and 64 steps are broken down within seconds") {
    ActivityLog log;
    constexpr Picoseconds slices = 1'000'000;
    for (Picoseconds i = 0; i < slices; ++i) {
        record(log, static_cast<Activity>(1 + i % 5), i * 10, i * 10 + 12);
    }
    const auto begin = std::chrono::steady_clock::now();
    Picoseconds total = 0;
    for (Picoseconds step = 0; step < 64; ++step) {
        total += log.breakdown(step * slices * 10 / 64, (step + 1) * slices * 10 / 64).total();
    }
    CHECK(total == slices * 10);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}
