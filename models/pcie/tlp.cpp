#include "models/pcie/tlp.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace aqpim {

namespace {

constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;
constexpr std::uint64_t double_word_bytes = 4;
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t read_completion_boundary = 64;
constexpr unsigned header_bytes = 16;
constexpr unsigned framing_and_lcrc_bytes = 8;
constexpr unsigned first_flit_generation = 6;

struct LineRate {
    std::uint64_t transfers_per_second;
    std::uint64_t code_num;  // share of the bits on the wire that TLPs have
    std::uint64_t code_den;
};

constexpr std::array<LineRate, 6> line_rates{{
    {2'500'000'000, 8, 10},
    {5'000'000'000, 8, 10},
    {8'000'000'000, 128, 130},
    {16'000'000'000, 128, 130},
    {32'000'000'000, 128, 130},
    {64'000'000'000, 236, 256},
}};

/// A transfer as the double words it touches: byte enables, not shorter TLPs, leave out bytes at its ends.
struct DoubleWords {
    DoubleWords(std::uint64_t address, std::uint64_t bytes)
        : first(address / double_word_bytes * double_word_bytes),
          end((address + bytes + double_word_bytes - 1) / double_word_bytes * double_word_bytes) {}

    std::uint64_t first;
    std::uint64_t end;
};

/// Calls `piece(first, bytes)` for the pieces of at most `limit` bytes, none of which crosses 4 KiB.
template <class Piece>
void for_each_piece(DoubleWords range, std::uint64_t limit, Piece piece) {
    while (range.first < range.end) {
        const std::uint64_t to_page_end = page - range.first % page;
        const std::uint64_t bytes = std::min({limit, to_page_end, range.end - range.first});
        piece(range.first, bytes);
        range.first += bytes;
    }
}

}  // namespace

Rational lane_bytes_per_second(unsigned generation) {
    const LineRate& rate = line_rates.at(generation - 1);
    const std::uint64_t num = rate.transfers_per_second * rate.code_num;
    const std::uint64_t den = rate.code_den * 8;
    const std::uint64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

Clock link_byte_time(unsigned generation, unsigned lanes) {
    const Rational rate = lane_bytes_per_second(generation);
    const std::uint64_t num = picoseconds_per_second * rate.den;
    const std::uint64_t den = rate.num * lanes;
    const std::uint64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

TlpFormat::TlpFormat(const PcieParameters& parameters)
    : overhead_(parameters.generation < first_flit_generation ? header_bytes + framing_and_lcrc_bytes : header_bytes),
      max_payload_(parameters.max_payload),
      max_read_request_(parameters.max_read_request) {}

TlpTraffic TlpFormat::memory_write(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    for_each_piece({address, bytes}, max_payload_, [&](std::uint64_t, std::uint64_t piece) { add(traffic, piece); });
    return traffic;
}

TlpTraffic TlpFormat::memory_read(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    for_each_piece({address, bytes}, max_read_request_, [&](std::uint64_t, std::uint64_t) { add(traffic, 0); });
    return traffic;
}

TlpTraffic TlpFormat::completions(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    for_each_piece({address, bytes}, max_read_request_, [&](std::uint64_t first, std::uint64_t left) {
        while (left > max_payload_) {
            const std::uint64_t boundary = (first + max_payload_) / read_completion_boundary * read_completion_boundary;
            const std::uint64_t piece = boundary - first;
            add(traffic, piece);
            first += piece;
            left -= piece;
        }
        add(traffic, left);
    });
    return traffic;
}

TlpTraffic TlpFormat::header() const {
    TlpTraffic traffic;
    add(traffic, 0);
    return traffic;
}

TlpTraffic TlpFormat::double_word() const {
    TlpTraffic traffic;
    add(traffic, double_word_bytes);
    return traffic;
}

void TlpFormat::add(TlpTraffic& traffic, std::uint64_t payload_bytes) const {
    const std::uint64_t wire_bytes = payload_bytes + overhead_;
    if (traffic.tlps == 0) {
        traffic.first_wire_bytes = wire_bytes;
    }
    traffic.last_wire_bytes = wire_bytes;
    traffic.tlps += 1;
    traffic.payload_bytes += payload_bytes;
    traffic.wire_bytes += wire_bytes;
}

}  // namespace aqpim
