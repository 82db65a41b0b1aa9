#pragma once

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jedec_rules.h"

namespace aqpim::dram {

using enum Command;

constexpr Picoseconds tick_ps = 1000;

/// Figures that differ from each other, so that a rule which uses another's is found. An activate takes two ticks and
/// counts from the second.
inline JedecRules rules_of_scene() {
    JedecRules rules;
    rules.timing_ps = {{"tCK", 1},     {"tBL", 2},      {"tCL", 14},      {"tCWL", 4},     {"tRCDRD", 14},
                       {"tRCDWR", 12}, {"tRP", 13},     {"tRPab", 14},    {"tRAS", 33},    {"tRC", 48},
                       {"tCCD_S", 3},  {"tCCD_L", 5},   {"tCCD_L_WR", 7}, {"tCCD_R", 4},   {"tRRD_S", 4},
                       {"tRRD_L", 6},  {"tFAW", 30},    {"tWTR_S", 6},    {"tWTR_L", 8},   {"tRTW", 15},
                       {"tWR", 16},    {"tRTP", 5},     {"tPPD", 3},      {"tRFCab", 260}, {"tRFCpb", 120},
                       {"tRREFD", 9},  {"tREFI", 3900}, {"tCCD_AB", 10},  {"tRTP_AB", 8},  {"tTICK", 1},
                       {"tCMD_ACT", 2}};
    for (auto& [name, time] : rules.timing_ps) {
        time *= tick_ps;
    }
    rules.organization.channels = 2;
    rules.refreshed = false;
    return rules;
}

/// A command at a tick; where the scene does not say otherwise, to row 1 of the first bank.
struct Step {
    Ticks tick;
    Command command;
    std::int32_t bank_group = 0;
    std::int32_t bank = 0;
    std::int32_t rank = 0;
    std::int32_t pseudo_channel = 0;
    std::int32_t row = 1;
};

inline Step of_group(Step step, std::int32_t bank_group, std::int32_t bank = 0) {
    step.bank_group = bank_group;
    step.bank = bank;
    return step;
}

inline Step of_rank(Step step, std::int32_t rank, std::int32_t pseudo_channel = 0) {
    step.rank = rank;
    step.pseudo_channel = pseudo_channel;
    return step;
}

inline Step of_row(Step step, std::int32_t row) {
    step.row = row;
    return step;
}

inline TracedCommand traced(const Step& step) {
    const Level scope = info(step.command).scope;
    const auto down_to = [scope](Level level, std::int32_t value) { return level <= scope ? value : -1; };
    return {step.tick * tick_ps,
            step.command,
            0,
            down_to(Level::pseudo_channel, step.pseudo_channel),
            down_to(Level::rank, step.rank),
            down_to(Level::bank_group, step.bank_group),
            down_to(Level::bank, step.bank),
            step.row,
            0};
}

using Names = std::set<std::string>;

inline Names broken(const std::vector<Step>& steps, const JedecRules& rules) {
    std::vector<TracedCommand> trace;
    for (const Step& step : steps) {
        trace.push_back(traced(step));
    }
    Names names;
    for (const Violation& violation : jedec_violations(trace, rules)) {
        names.insert(violation.rule);
    }
    return names;
}

/// The last step is legal, and one tick earlier breaks `rule` and nothing else.
inline void check_first_legal(const std::string& rule, std::vector<Step> steps, const JedecRules& rules) {
    INFO(rule << ", " << info(steps[steps.size() - 2].command).name << " to " << info(steps.back().command).name);
    CHECK(broken(steps, rules) == Names{});
    --steps.back().tick;
    CHECK(broken(steps, rules) == Names{rule});
}

inline void check_first_legal(const std::string& rule, const std::vector<Step>& steps) {
    check_first_legal(rule, steps, rules_of_scene());
}

inline JedecRules rules_with(const char* name, Ticks ticks) {
    JedecRules rules = rules_of_scene();
    rules.timing_ps[name] = ticks * tick_ps;
    return rules;
}

/// Row 1 open in the first bank of every bank group of the first rank, all settled at tick 100.
inline std::vector<Step> open_groups(std::vector<Step> then) {
    std::vector<Step> steps = {{0, ACT}, of_group({10, ACT}, 1), of_group({20, ACT}, 2), of_group({40, ACT}, 3)};
    steps.insert(steps.end(), then.begin(), then.end());
    return steps;
}

/// Row 1 open in the first bank of both ranks.
inline std::vector<Step> open_ranks(std::vector<Step> then) {
    std::vector<Step> steps = {{0, ACT}, of_rank({10, ACT}, 1)};
    steps.insert(steps.end(), then.begin(), then.end());
    return steps;
}

/// Row 1 open everywhere.
inline std::vector<Step> open_all(std::vector<Step> then) {
    std::vector<Step> steps = {{0, PIM_ACT_AB}};
    steps.insert(steps.end(), then.begin(), then.end());
    return steps;
}

}  // namespace aqpim::dram
