#include "models/dram/address_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "models/common/error.h"

namespace aqpim::dram {

namespace {

constexpr std::size_t burst = AddressMap::field_count;
constexpr std::array<std::string_view, burst + 1> names = {"row",        "column",         "rank",    "bank",
                                                           "bank_group", "pseudo_channel", "channel", "burst"};

/// Bits of each field that are placed.
using FieldMasks = std::array<std::uint32_t, names.size()>;

/// Bits of each field, and of the address within a burst.
using Widths = std::array<std::uint32_t, names.size()>;

Widths widths_of(const Organization& o) {
    const std::array<std::uint32_t, names.size()> counts = {
        o.rows, o.columns, o.ranks, o.banks, o.bank_groups, o.pseudo_channels, o.channels, o.burst_bytes};
    Widths widths{};
    for (std::size_t field = 0; field < names.size(); ++field) {
        if (!std::has_single_bit(counts[field])) {
            throw InputError(fmt::format("{} {}s: an address map needs a power of two", counts[field], names[field]));
        }
        widths[field] = static_cast<std::uint32_t>(std::countr_zero(counts[field]));
    }
    return widths;
}

constexpr std::uint32_t low_bits(std::uint32_t count) {
    return (1u << count) - 1u;
}

/// "column", "column[4:2]" or "column[0]".
struct FieldBits {
    std::size_t field;
    std::uint32_t low;
    std::uint32_t count;

    std::uint32_t mask() const { return low_bits(count) << low; }
};

/// Takes a number off the front of `text`, which stays as it is if there is none or one too large.
std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t number = 0;
    const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(next - text.data()));
    return number;
}

/// The text of one of the two parameters while it is read.
class Text {
 public:
    Text(std::string_view text, std::string_view key, std::string allowed, const Widths& widths)
        : text_(text), key_(key), allowed_(std::move(allowed)), widths_(widths) {}

    [[noreturn]] void refuse(const std::string& why) const {
        std::string message = fmt::format("{}: '{}' {}; allowed: {}", key_, text_, why, allowed_);
        std::replace_if(
            message.begin(), message.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
        throw InputError(message);
    }

    /// At separators outside of brackets.
    std::vector<std::string_view> split(char separator) const {
        std::vector<std::string_view> parts;
        std::size_t begin = 0;
        bool in_range = false;
        for (std::size_t i = 0; i <= text_.size(); ++i) {
            if (i == text_.size() || (text_[i] == separator && !in_range)) {
                parts.push_back(text_.substr(begin, i - begin));
                begin = i + 1;
            } else if (text_[i] == '[' || text_[i] == ']') {
                in_range = text_[i] == '[';
            }
        }
        return parts;
    }

    FieldBits field_bits(std::string_view part) const {
        const std::size_t bracket = std::min(part.find('['), part.size());
        const std::string_view name = part.substr(0, bracket);
        const auto field = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
        if (field == names.size()) {
            refuse(fmt::format("has the unknown field '{}'", name));
        }
        if (bracket == part.size()) {
            return {field, 0, widths_[field]};
        }
        return range_of(field, part, part.substr(bracket));
    }

 private:
    FieldBits range_of(std::size_t field, std::string_view part, std::string_view range) const {
        range.remove_prefix(1);
        const auto high = take_number(range);
        auto low = high;
        if (range.starts_with(':')) {
            range.remove_prefix(1);
            low = take_number(range);
        }
        if (!high || !low || range != "]") {
            refuse(fmt::format("has '{}', which is neither FIELD[HIGH:LOW] nor FIELD[BIT]", part));
        }
        if (*low > *high) {
            refuse(fmt::format("has '{}', whose higher bit does not stand first", part));
        }
        if (*high >= widths_[field]) {
            refuse(fmt::format("has '{}', but '{}' has {} bits, numbered from 0", part, names[field], widths_[field]));
        }
        return {field, *low, *high - *low + 1};
    }

    std::string_view text_;
    std::string_view key_;
    std::string allowed_;
    const Widths& widths_;
};

void require_all(const FieldMasks& placed, const Text& text, const Widths& widths) {
    for (std::size_t field = 0; field < names.size(); ++field) {
        if (placed[field] != low_bits(widths[field])) {
            text.refuse(placed[field] == 0
                            ? fmt::format("lacks '{}'", names[field])
                            : fmt::format("lacks bit {} of '{}'", std::countr_one(placed[field]), names[field]));
        }
    }
}

/// What an item of the list of hashes names.
struct HashedBits {
    FieldBits target;
    FieldBits source;
};

HashedBits hashed_bits(std::string_view item, const Text& text) {
    const std::size_t caret = item.find('^');
    const std::size_t bracket = item.find('[');
    if (caret == std::string_view::npos) {
        text.refuse(fmt::format("has '{}', which lacks a '^'", item));
    }
    if (bracket < caret) {
        text.refuse(fmt::format("has '{}', where a range stands on the left", item));
    }
    const FieldBits target = text.field_bits(item.substr(0, caret));
    FieldBits source = text.field_bits(item.substr(caret + 1));
    if (target.field == burst || source.field == burst) {
        text.refuse("hashes with 'burst', which is no part of a location");
    }
    if (bracket == std::string_view::npos) {
        source.count = std::min(source.count, target.count);
    }
    if (source.count > target.count) {
        text.refuse(fmt::format("has '{}', with {} bits for the {} of '{}'", item, source.count, target.count,
                                names[target.field]));
    }
    return {target, source};
}

}  // namespace

AddressMap::AddressMap(std::string_view order, std::string_view hash, const Organization& organization) {
    const Widths widths = widths_of(organization);
    place_fields(order, widths);
    if (hash != "none") {
        add_hashes(hash, widths);
    }
}

void AddressMap::place_fields(std::string_view order, const Widths& widths) {
    const Text text(order, "dram.address_map",
                    fmt::format("{}, each bit of each once, burst last", fmt::join(names, ", ")), widths);
    FieldMasks placed{};
    std::uint32_t shift = 0;
    const std::vector<std::string_view> parts = text.split(':');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        const FieldBits bits = text.field_bits(*part);
        if ((placed[bits.field] & bits.mask()) != 0) {
            text.refuse(fmt::format("has bits of '{}' twice", names[bits.field]));
        }
        if (bits.field == burst && (shift != 0 || bits.count != widths[burst])) {
            text.refuse("does not end in the whole 'burst'");
        }
        if (bits.field != burst) {
            const Part placed_part{bits.field, shift, low_bits(bits.count), bits.low};
            if (placed[bits.field] == 0) {
                first_parts_[bits.field] = placed_part;
            } else {
                more_parts_.push_back(placed_part);
            }
        }
        placed[bits.field] |= bits.mask();
        shift += bits.count;
    }
    require_all(placed, text, widths);
}

void AddressMap::add_hashes(std::string_view list, const Widths& widths) {
    const Text text(list, "dram.address_hash",
                    "none, or a list such as bank^row[1:0],channel^row, where no field on the right stands on the left",
                    widths);
    std::array<bool, field_count> is_target{};
    std::array<bool, field_count> is_source{};
    for (const std::string_view item : text.split(',')) {
        const auto [target, source] = hashed_bits(item, text);
        is_target[target.field] = true;
        is_source[source.field] = true;
        for (std::uint32_t bit = 0; bit < source.count; ++bit) {
            add_hash(address_bit(source.field, source.low + bit), address_bit(target.field, bit));
        }
    }
    for (std::size_t field = 0; field < field_count; ++field) {
        if (is_target[field] && is_source[field]) {
            text.refuse(fmt::format("hashes with '{}', which is hashed itself", names[field]));
        }
    }
}

/// Bits that are neighbours on both sides go together.
void AddressMap::add_hash(std::uint32_t source_bit, std::uint32_t target_bit) {
    if (!hashes_.empty()) {
        Hash& last = hashes_.back();
        const auto count = static_cast<std::uint32_t>(std::countr_one(last.mask));
        if (last.source + count == source_bit && last.target + count == target_bit) {
            last.mask |= std::uint64_t{1} << count;
            return;
        }
    }
    hashes_.push_back({source_bit, target_bit, 1});
}

/// Where a field's bit stands in the address.
std::uint32_t AddressMap::address_bit(std::size_t field, std::uint32_t bit) const {
    const auto holds = [&](const Part& part) {
        return part.field == field && bit >= part.place && (part.mask >> (bit - part.place) & 1u) != 0;
    };
    const Part& first = first_parts_[field];
    const Part& part = holds(first) ? first : *std::find_if(more_parts_.begin(), more_parts_.end(), holds);
    return part.shift + bit - part.place;
}

}  // namespace aqpim::dram
