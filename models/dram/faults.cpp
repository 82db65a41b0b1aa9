#include "models/dram/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>

#include "models/common/error.h"
#include "models/dram/ecc.h"

namespace aqpim::dram {

namespace {

constexpr double highest_rate = 1e-2;

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Decimal, or hexadecimal after 0x.
std::optional<std::uint64_t> parse_number(std::string_view text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    text.remove_prefix(hexadecimal ? 2 : 0);
    std::uint64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (text.empty() || error != std::errc{} || rest != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::optional<FaultPlace::Kind> parse_kind(std::string_view text) {
    if (text.empty()) {
        return FaultPlace::Kind::inverted;
    }
    if (text == "/stuck0") {
        return FaultPlace::Kind::stuck0;
    }
    if (text == "/stuck1") {
        return FaultPlace::Kind::stuck1;
    }
    return std::nullopt;
}

[[noreturn]] void refuse_place(std::string_view text, std::string_view allowed) {
    throw InputError(fmt::format("dram.faults: '{}' found; {}", text, allowed));
}

FaultPlace parse_place(std::string_view text, std::uint64_t capacity_bytes) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::size_t point = std::min(text.find('.'), slash);
    const auto address = parse_number(text.substr(0, point));
    const auto bit = parse_number(text.substr(std::min(point + 1, slash), slash - std::min(point + 1, slash)));
    const auto kind = parse_kind(text.substr(slash));
    if (!address || !bit || !kind) {
        refuse_place(text, "none, or places ADDRESS.BIT, ADDRESS.BIT/stuck0 or ADDRESS.BIT/stuck1 are allowed");
    }
    if (*bit > 7) {
        refuse_place(text, "bits 0 to 7 of a byte are allowed");
    }
    if (*address >= capacity_bytes) {
        refuse_place(text, fmt::format("addresses below the capacity, {:#x}, are allowed", capacity_bytes));
    }
    return {*address, static_cast<std::uint32_t>(*bit), *kind};
}

std::uint64_t read_word(const SparseMemory& store, std::uint64_t word) {
    std::array<std::uint8_t, 8> bytes;
    store.read(word * bytes.size(), bytes.data(), bytes.size());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        value |= std::uint64_t{bytes[i]} << 8 * i;
    }
    return value;
}

}  // namespace

void FaultParameters::declare(ParameterSection dram) {
    dram.choice(ecc, "ecc", "none", {"none", "secded"},
                {"what finds wrong bits: nothing, or 8 check bits for each 64", "open: off"});
    dram.real(rate, "fault_rate", 0, {0, highest_rate},
              {"probability that a bit read is wrong, each time", "open: off"});
    dram.text(
        places, "faults", "none",
        {"bad cells, separated by commas: ADDRESS.BIT reads inverted, ADDRESS.BIT/stuck0 and /stuck1 always the same",
         "open: off"});
    dram.count(seed, "fault_seed", 1, {}, {"of the bits that fault_rate makes wrong", "any"});
}

std::vector<FaultPlace> FaultParameters::parse_places(std::uint64_t capacity_bytes) const {
    std::vector<FaultPlace> result;
    const std::string_view text = trim(places);
    if (text.empty() || text == "none") {
        return result;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string_view item = trim(text.substr(begin, end - begin));
        const FaultPlace place = parse_place(item, capacity_bytes);
        const bool repeated = std::any_of(result.begin(), result.end(), [&](const FaultPlace& other) {
            return other.address == place.address && other.bit == place.bit;
        });
        if (repeated) {
            refuse_place(item, "each bit is allowed once");
        }
        result.push_back(place);
        begin = end + 1;
    }
    return result;
}

FaultInjector::FaultInjector(const FaultParameters& parameters, std::uint64_t capacity_bytes)
    : ecc_(parameters.ecc == "secded"), rate_(parameters.rate), random_(parameters.seed) {
    for (const FaultPlace& place : parameters.parse_places(capacity_bytes)) {
        BadBits& bad = bad_words_[place.address / word_bytes];
        const std::uint64_t bit = std::uint64_t{1} << (place.address % word_bytes * 8 + place.bit);
        (place.kind == FaultPlace::Kind::inverted ? bad.inverted
         : place.kind == FaultPlace::Kind::stuck0 ? bad.stuck0
                                                  : bad.stuck1) |= bit;
    }
    active_ = rate_ > 0 || !bad_words_.empty();
    if (rate_ > 0) {
        next_flip_ = bits_to_next_flip();
    }
}

ReadOutcome FaultInjector::apply(const SparseMemory& store, std::uint64_t address, std::uint8_t* data,
                                 std::size_t bytes) {
    if (!active_ || bytes == 0) {
        return ReadOutcome::ok;
    }
    const std::uint64_t first_word = address / word_bytes;
    const std::uint64_t last_word = (address + bytes - 1) / word_bytes;
    flips_.clear();
    add_places(store, first_word, last_word);
    if (rate_ > 0) {
        add_random_flips(first_word, last_word - first_word + 1);
    }
    merge_flips();
    ReadOutcome outcome = ReadOutcome::ok;
    for (const WordFlips& flips : flips_) {
        if (deliver(store, flips, {address, data, bytes}) == ReadOutcome::poisoned) {
            outcome = ReadOutcome::poisoned;
        }
    }
    return outcome;
}

void FaultInjector::add_places(const SparseMemory& store, std::uint64_t first_word, std::uint64_t last_word) {
    for (auto bad = bad_words_.lower_bound(first_word); bad != bad_words_.end() && bad->first <= last_word; ++bad) {
        const std::uint64_t stored = read_word(store, bad->first);
        const BadBits& bits = bad->second;
        flips_.push_back({bad->first, bits.inverted | (bits.stuck0 & stored) | (bits.stuck1 & ~stored), 0});
    }
}

/// Goes from one wrong bit to the next, so that a rare one costs nothing per bit.
void FaultInjector::add_random_flips(std::uint64_t first_word, std::uint64_t words) {
    const std::uint64_t word_bits = ecc_ ? ecc::word_bits : ecc::data_bits;
    const std::uint64_t bits = words * word_bits;
    std::uint64_t position = next_flip_;
    while (position < bits) {
        WordFlips flips{first_word + position / word_bits, 0, 0};
        if (const std::uint64_t bit = position % word_bits; bit < ecc::data_bits) {
            flips.data = std::uint64_t{1} << bit;
        } else {
            flips.check = static_cast<std::uint8_t>(1u << (bit - ecc::data_bits));
        }
        flips_.push_back(flips);
        position += 1 + bits_to_next_flip();
    }
    next_flip_ = position - bits;
}

/// Drawn from the geometric distribution.
std::uint64_t FaultInjector::bits_to_next_flip() {
    constexpr double most = 0x1p62;  // a sum with the bits of one read does not overflow
    constexpr double unit = 0x1p-53;
    const double above_zero = (static_cast<double>(random_() >> 11) + 1) * unit;
    return static_cast<std::uint64_t>(std::min(std::floor(std::log(above_zero) / std::log1p(-rate_)), most));
}

void FaultInjector::merge_flips() {
    std::sort(flips_.begin(), flips_.end(), [](const WordFlips& a, const WordFlips& b) { return a.word < b.word; });
    std::size_t kept = 0;
    for (const WordFlips& flips : flips_) {
        if (kept == 0 || flips_[kept - 1].word != flips.word) {
            flips_[kept++] = flips;
            continue;
        }
        WordFlips& merged = flips_[kept - 1];
        merged.data ^= flips.data;
        merged.check ^= flips.check;
    }
    flips_.resize(kept);
}

ReadOutcome FaultInjector::deliver(const SparseMemory& store, const WordFlips& flips, const Read& read) {
    errors_.bits_flipped += static_cast<std::uint64_t>(std::popcount(flips.data) + std::popcount(flips.check));
    std::uint64_t wrong = flips.data;
    ecc::Status status = ecc::Status::ok;
    if (ecc_) {
        const std::uint64_t stored = read_word(store, flips.word);
        const auto check = static_cast<std::uint8_t>(ecc::encode(stored) ^ flips.check);
        const ecc::Decoded decoded = ecc::decode(stored ^ flips.data, check);
        wrong = decoded.data ^ stored;
        status = decoded.status;
    }
    const bool noticeable = put_wrong_bits(read, flips.word, wrong);
    if (status == ecc::Status::detected) {
        ++errors_.detected;
        return ReadOutcome::poisoned;
    }
    errors_.undetected += noticeable ? 1 : 0;
    errors_.corrected += status == ecc::Status::corrected && wrong == 0 ? 1 : 0;
    return ReadOutcome::ok;
}

/// Whether any of them is in what is read.
bool FaultInjector::put_wrong_bits(const Read& read, std::uint64_t word, std::uint64_t wrong) {
    bool any = false;
    for (std::uint64_t byte = 0; byte < word_bytes; ++byte) {
        const auto wrong_byte = static_cast<std::uint8_t>(wrong >> 8 * byte);
        const std::uint64_t offset = word * word_bytes + byte - read.address;  // wraps where it lies before
        if (wrong_byte != 0 && offset < read.bytes) {
            read.data[offset] ^= wrong_byte;
            any = true;
        }
    }
    return any;
}

}  // namespace aqpim::dram
