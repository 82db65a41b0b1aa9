// The event-driven controller issues the same commands at the same ticks as one that looks at everything in every tick.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "jedec_rules.h"
#include "models/dram/channel.h"
#include "models/dram/controller.h"
#include "reference_controller.h"
#include "request_pattern.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

/// What a controller has done.
struct Outcome {
    std::vector<std::string> commands;
    std::vector<std::string> completions;
    std::vector<TracedCommand> trace;
};

std::string text_of(Ticks at, std::string_view command, const Location& l) {
    return fmt::format("{} {} {} {} {} {} {} {}", at, command, l.pseudo_channel, l.rank, l.bank_group, l.bank, l.row,
                       l.column);
}

class Completions : public CompletionSink {
 public:
    void completed(const Request& request, Ticks at) override {
        texts.push_back(fmt::format("{} at {}", request.id, at));
    }
    std::vector<std::string> texts;
};

constexpr Ticks idle_end = 30'000;  ///< after the last request, for refreshes of idle ranks

Outcome run_event_driven(const DramParameters& parameters, const std::vector<Arrival>& requests) {
    CommandLog log;
    Completions completions;
    Channel channel(parameters, 0, &log);
    Controller controller(channel, parameters, completions);
    for (const Arrival& arrival : requests) {
        controller.advance(arrival.at);
        controller.wait_for_room(arrival.request.write);
        controller.enqueue(arrival.request);
    }
    while (controller.step()) {
    }
    REQUIRE(controller.waiting() == 0);
    controller.advance(controller.now() + idle_end);
    channel.finish_trace();

    Outcome outcome{{}, completions.texts, log.commands};
    const Clock clock = parameters.timing.tick_clock();
    for (const TracedCommand& c : log.commands) {
        const auto field = [](std::int32_t value) { return static_cast<std::uint32_t>(std::max(value, 0)); };
        outcome.commands.push_back(text_of(clock.first_tick_at(c.time_ps), info(c.command).name,
                                           {0, field(c.pseudo_channel), field(c.rank), field(c.bank_group),
                                            field(c.bank), field(c.row), field(c.column)}));
    }
    return outcome;
}

Outcome run_tick_by_tick(const DramParameters& parameters, const std::vector<Arrival>& requests) {
    ReferenceController controller(parameters);
    for (const Arrival& arrival : requests) {
        while (controller.now() < arrival.at || !controller.has_room(arrival.request.write)) {
            controller.tick();
        }
        controller.enqueue(arrival.request);
    }
    while (controller.waiting() != 0) {
        controller.tick();
    }
    for (const Ticks end = controller.now() + idle_end; controller.now() < end;) {
        controller.tick();
    }
    Outcome outcome;
    for (const TimedCommand& c : controller.commands()) {
        outcome.commands.push_back(text_of(c.at, info(c.command).name, c.location));
    }
    for (const ReferenceController::Completion& c : controller.completions()) {
        outcome.completions.push_back(fmt::format("{} at {}", c.id, c.at));
    }
    return outcome;
}

/// The first line in which the lists differ, with some lines before it; empty if they are equal.
std::string first_difference(const std::vector<std::string>& found, const std::vector<std::string>& expected) {
    const std::size_t common = std::min(found.size(), expected.size());
    std::size_t i = 0;
    while (i < common && found[i] == expected[i]) {
        ++i;
    }
    if (i == found.size() && i == expected.size()) {
        return "";
    }
    std::string text = fmt::format("line {} of {} and {}:", i, found.size(), expected.size());
    for (std::size_t before = i - std::min<std::size_t>(i, 6); before < i; ++before) {
        text += fmt::format("\n    {}", found[before]);
    }
    return text + fmt::format("\n  found {}\n  expected {}", i < found.size() ? found[i] : "nothing",
                              i < expected.size() ? expected[i] : "nothing");
}

void check_same(const Settings& settings, const Pattern& pattern, std::uint32_t count, std::uint64_t seed) {
    std::string told = fmt::format("seed {}", seed);
    for (const auto& [key, value] : settings) {
        told += fmt::format(", {} = {}", key, value);
    }
    INFO(told);
    Scene scene;
    set_up(scene, settings);
    scene.parameters.check();
    const std::vector<Arrival> requests = arrivals(pattern, scene.parameters.organization(), count, seed);
    const Outcome found = run_event_driven(scene.parameters, requests);
    const Outcome expected = run_tick_by_tick(scene.parameters, requests);
    CHECK(first_difference(found.commands, expected.commands) == "");
    CHECK(first_difference(found.completions, expected.completions) == "");
    CHECK(jedec_violations(found.trace, scene.parameters) == std::vector<std::string>{});
}

constexpr std::uint64_t mixed_runs = 100;

bool has_per_bank_refresh(const Settings& standard) {
    Scene scene;
    set_up(scene, standard);
    return scene.parameters.timing.nRFCpb != 0;
}

}  // namespace

TEST_CASE("every standard and every pattern of traffic, with the default policies") {
    std::uint64_t seed = 1;
    for (const Settings& standard : all_standards) {
        for (const Pattern& pattern : all_patterns) {
            check_same(standard, pattern, 600, ++seed);
        }
    }
}

TEST_CASE("page policies, schedulers and age caps") {
    std::uint64_t seed = 1000;
    const std::vector<Settings> page_policies = {
        {{"memory.page_policy", "closed"}},
        {{"memory.page_policy", "timeout"}, {"memory.page_timeout", "20"}},
        {{"memory.page_policy", "timeout"}, {"memory.page_timeout", "150"}},
    };
    const std::vector<Settings> schedulers = {
        {},
        {{"memory.scheduler", "fcfs"}},
        {{"memory.age_cap", "60"}},
        {{"memory.age_cap", "400"}},
    };
    for (const Settings& standard : all_standards) {
        for (const Settings& page_policy : page_policies) {
            for (const Settings& scheduler : schedulers) {
                check_same(standard + page_policy + scheduler, all_patterns[seed % all_patterns.size()], 400, seed);
                ++seed;
            }
        }
    }
}

TEST_CASE("refresh kinds and postponement") {
    std::uint64_t seed = 2000;
    for (const Settings& standard : all_standards) {
        for (const char* const refresh : {"off", "all_bank", "per_bank"}) {
            for (const char* const postpone : {"0", "1", "3", "8"}) {
                if (refresh == std::string("per_bank") && !has_per_bank_refresh(standard)) {
                    continue;
                }
                const Settings refreshes = {{"dram.refresh", refresh}, {"dram.refresh_postpone", postpone}};
                const Settings scheduler = {{"memory.scheduler", seed % 3 == 0 ? "fcfs" : "fr_fcfs"},
                                            {"memory.age_cap", seed % 2 == 0 ? "0" : "50"}};
                check_same(standard + refreshes + scheduler, all_patterns[seed % all_patterns.size()], 1200, seed);
                ++seed;
            }
        }
    }
}

TEST_CASE("queue sizes and watermarks of the write drain") {
    std::uint64_t seed = 3000;
    const std::vector<Settings> queues = {
        {{"memory.read_queue", "1"}, {"memory.write_queue", "1"}},
        {{"memory.read_queue", "4"}, {"memory.write_queue", "2"}},
        {{"memory.read_queue", "8"}, {"memory.write_queue", "64"}},
        {{"memory.read_queue", "32"}, {"memory.write_queue", "7"}},
    };
    const std::vector<Settings> watermarks = {
        {{"memory.write_high", "0.5"}, {"memory.write_low", "0"}},
        {{"memory.write_high", "1"}, {"memory.write_low", "0.9"}},
        {{"memory.write_high", "0.1"}, {"memory.write_low", "0.05"}},
    };
    for (const Settings& standard : all_standards) {
        for (const Settings& queue : queues) {
            for (const Settings& watermark : watermarks) {
                check_same(standard + queue + watermark, all_patterns[seed % all_patterns.size()], 400, seed);
                ++seed;
            }
        }
    }
}

TEST_CASE("everything mixed at random") {
    const auto one_of = [](Random& random, const std::vector<const char*>& values) {
        return values[below(random, static_cast<std::uint32_t>(values.size()))];
    };
    for (std::uint64_t seed = 4000; seed < 4000 + mixed_runs; ++seed) {
        Random random(seed);
        const Settings& standard = all_standards[below(random, static_cast<std::uint32_t>(all_standards.size()))];
        const Settings settings = {
            {"memory.page_policy", one_of(random, {"open", "closed", "timeout"})},
            {"memory.page_timeout", one_of(random, {"0", "10", "90", "700"})},
            {"memory.scheduler", one_of(random, {"fr_fcfs", "fr_fcfs", "fcfs"})},
            {"memory.age_cap", one_of(random, {"0", "0", "30", "200", "2000"})},
            {"memory.read_queue", one_of(random, {"1", "3", "16", "32"})},
            {"memory.write_queue", one_of(random, {"1", "5", "16", "32"})},
            {"memory.write_high", one_of(random, {"0.5", "0.8", "1"})},
            {"memory.write_low", one_of(random, {"0", "0.2", "0.4"})},
            {"dram.refresh_postpone", one_of(random, {"0", "1", "2", "8"})},
            {"dram.refresh",
             one_of(random, has_per_bank_refresh(standard) ? std::vector<const char*>{"off", "all_bank", "per_bank"}
                                                           : std::vector<const char*>{"off", "all_bank"})},
        };
        check_same(standard + settings, all_patterns[below(random, static_cast<std::uint32_t>(all_patterns.size()))],
                   500, seed);
    }
}
