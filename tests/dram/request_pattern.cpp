#include "request_pattern.h"

#include <algorithm>

namespace aqpim::dram {

std::uint32_t below(Random& random, std::uint32_t limit) {
    return static_cast<std::uint32_t>(random() % limit);
}

Settings operator+(Settings settings, const Settings& more) {
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
}

void set_up(Scene& scene, const Settings& settings) {
    for (const auto& [key, value] : settings) {
        scene.table.set(key, value, "test");
    }
    scene.parameters.apply_presets(scene.table);
}

const std::vector<Settings> all_standards = {
    {{"dram.standard", "HBM2"}},
    {{"dram.standard", "HBM3"}},
    {{"dram.standard", "HBM3"}, {"dram.speed", "6400"}},
    {{"dram.standard", "GDDR6"}},
    {{"dram.standard", "LPDDR5"}},
    {{"dram.standard", "DDR4"}},
    {{"dram.standard", "DDR4"}, {"dram.ranks", "2"}},
    {{"dram.standard", "DDR5"}},
};

const std::vector<Pattern> all_patterns = {
    {.write_percent = 0},
    {.write_percent = 50},
    {.rows = 2, .banks = 4, .write_percent = 50},
    {.rows = 64, .write_percent = 30},
    {.rows = 2, .columns = 2, .write_percent = 60},
    {.rows = 3, .most_bursts = 6, .write_percent = 40},
    {.rows = 3, .write_percent = 40, .group = 40, .gap = 800},
    {.rows = 3, .write_percent = 30, .gap = 30},
    {.rows = 2, .write_percent = 30, .gap = 100, .pause = 9000},
    {.rows = 2, .banks = 2, .most_bursts = 3, .write_percent = 70, .gap = 12},
};

namespace {

Location random_location(Random& random, const Pattern& pattern, const Organization& o) {
    Location location;
    std::uint32_t bank = below(random, std::min(pattern.banks, o.banks_per_channel()));
    location.pseudo_channel = bank % o.pseudo_channels;
    bank /= o.pseudo_channels;
    location.bank_group = bank % o.bank_groups;
    bank /= o.bank_groups;
    location.rank = bank % o.ranks;
    location.bank = bank / o.ranks;
    location.row = below(random, pattern.rows);
    location.column = below(random, pattern.columns);
    return location;
}

}  // namespace

std::vector<Arrival> arrivals(const Pattern& pattern, const Organization& organization, std::uint32_t count,
                              std::uint64_t seed) {
    Random random(seed);
    std::vector<Arrival> all;
    Ticks now = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (i % pattern.group == 0 && pattern.gap != 0) {
            now += random() % (pattern.gap + 1);
        }
        if (pattern.pause != 0 && below(random, 50) == 0) {
            now += pattern.pause;
        }
        Request request;
        request.id = i;
        request.location = random_location(random, pattern, organization);
        request.bursts =
            std::min(1 + below(random, pattern.most_bursts), organization.columns - request.location.column);
        request.write = below(random, 100) < pattern.write_percent;
        all.push_back({now, request});
    }
    return all;
}

}  // namespace aqpim::dram
