#include "models/dram/address_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "models/common/error.h"

namespace aqpim::dram {

namespace {

enum Name : std::size_t { row, column, rank, bank, bank_group, pseudo_channel, channel, burst };

constexpr std::array<std::string_view, 8> names = {"row",        "column",         "rank",    "bank",
                                                   "bank_group", "pseudo_channel", "channel", "burst"};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto colon = text.find(':');
        parts.push_back(text.substr(0, colon));
        if (colon == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(colon + 1);
    }
}

[[noreturn]] void refuse(std::string_view order, const std::string& why) {
    throw InputError(fmt::format("dram.address_map: '{}' {}; allowed: {}, each once, burst last", order, why,
                                 fmt::join(names, ", ")));
}

}  // namespace

AddressMap::AddressMap(std::string_view order, const Organization& o) {
    const std::array<std::uint32_t, field_count> counts = {o.rows,        o.columns,         o.ranks,    o.banks,
                                                           o.bank_groups, o.pseudo_channels, o.channels, o.burst_bytes};
    std::array<bool, field_count> placed{};
    const std::vector<std::string_view> parts = split(order);
    std::uint32_t shift = 0;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const auto field = static_cast<std::size_t>(std::find(names.begin(), names.end(), *part) - names.begin());
        if (field == field_count) {
            refuse(order, fmt::format("has the unknown field '{}'", *part));
        }
        if (placed[field]) {
            refuse(order, fmt::format("has '{}' twice", *part));
        }
        if (!std::has_single_bit(counts[field])) {
            throw InputError(fmt::format("{} {}s: an address map needs a power of two", counts[field], *part));
        }
        placed[field] = true;
        fields_[field] = {shift, counts[field] - 1u};
        shift += static_cast<std::uint32_t>(std::countr_zero(counts[field]));
    }
    for (std::size_t field = 0; field < field_count; ++field) {
        if (!placed[field]) {
            refuse(order, fmt::format("lacks '{}'", names[field]));
        }
    }
    if (fields_[burst].shift != 0) {
        refuse(order, "does not end in 'burst'");
    }
}

Location AddressMap::decode(std::uint64_t address) const {
    Location location;
    location.channel = value(channel, address);
    location.pseudo_channel = value(pseudo_channel, address);
    location.rank = value(rank, address);
    location.bank_group = value(bank_group, address);
    location.bank = value(bank, address);
    location.row = value(row, address);
    location.column = value(column, address);
    return location;
}

std::uint64_t AddressMap::encode(const Location& location) const {
    return std::uint64_t{location.row} << fields_[row].shift | std::uint64_t{location.column} << fields_[column].shift |
           std::uint64_t{location.rank} << fields_[rank].shift | std::uint64_t{location.bank} << fields_[bank].shift |
           std::uint64_t{location.bank_group} << fields_[bank_group].shift |
           std::uint64_t{location.pseudo_channel} << fields_[pseudo_channel].shift |
           std::uint64_t{location.channel} << fields_[channel].shift;
}

}  // namespace aqpim::dram
