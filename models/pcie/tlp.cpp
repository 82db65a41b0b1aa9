#include "models/pcie/tlp.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace aqpim {

namespace {

constexpr std::uint64_t picoseconds_per_second = 1'000'000'000'000;
constexpr std::uint64_t double_word = 4;
constexpr std::uint64_t page = 4096;
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

constexpr std::uint64_t down_to_double_word(std::uint64_t address) {
    return address / double_word * double_word;
}

Clock reduced(std::uint64_t num, std::uint64_t den) {
    const std::uint64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

/// `traffic`, then `count` times `more`.
TlpTraffic followed_by(TlpTraffic traffic, const TlpTraffic& more, std::uint64_t count) {
    if (count == 0 || more.tlps == 0) {
        return traffic;
    }
    if (traffic.tlps == 0) {
        traffic.first_wire_bytes = more.first_wire_bytes;
    }
    traffic.last_wire_bytes = more.last_wire_bytes;
    traffic.tlps += more.tlps * count;
    traffic.payload_bytes += more.payload_bytes * count;
    traffic.wire_bytes += more.wire_bytes * count;
    return traffic;
}

}  // namespace

Rational lane_bytes_per_second(unsigned generation) {
    const LineRate& rate = line_rates.at(generation - 1);
    const std::uint64_t num = rate.transfers_per_second * rate.code_num;
    const std::uint64_t den = rate.code_den * 8;
    const std::uint64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

unsigned tlp_overhead_bytes(unsigned generation) {
    return generation < first_flit_generation ? header_bytes + framing_and_lcrc_bytes : header_bytes;
}

Clock link_byte_time(unsigned generation, unsigned lanes) {
    const Rational rate = lane_bytes_per_second(generation);
    return reduced(picoseconds_per_second * rate.den, rate.num * lanes);
}

Clock link_byte_time(const PcieParameters& parameters) {
    if (parameters.payload_bandwidth == 0) {
        return link_byte_time(parameters.generation, parameters.lanes);
    }
    const std::uint64_t tlp = parameters.max_payload + tlp_overhead_bytes(parameters.generation);
    const std::uint64_t divisor = std::gcd(picoseconds_per_second, parameters.payload_bandwidth);
    return reduced(picoseconds_per_second / divisor * parameters.max_payload,
                   parameters.payload_bandwidth / divisor * tlp);
}

std::uint64_t double_word_bytes(std::uint64_t address, std::uint64_t bytes) {
    return down_to_double_word(address + bytes + double_word - 1) - down_to_double_word(address);
}

std::uint64_t request_piece(std::uint64_t address, std::uint64_t left, std::uint64_t limit) {
    const std::uint64_t to_limit = down_to_double_word(address) + limit - address;
    return std::min({to_limit, page - address % page, left});
}

std::uint64_t completion_piece(std::uint64_t address, std::uint64_t left, std::uint64_t max_payload,
                               std::uint64_t boundary) {
    const std::uint64_t most = down_to_double_word(address) + max_payload;
    return address + left <= most ? left : most / boundary * boundary - address;
}

TlpFormat::TlpFormat(const PcieParameters& parameters)
    : overhead_(tlp_overhead_bytes(parameters.generation)),
      max_payload_(parameters.max_payload),
      max_read_request_(parameters.max_read_request),
      boundary_(parameters.read_completion_boundary) {}

TlpTraffic TlpFormat::memory_write(std::uint64_t address, std::uint64_t bytes) const {
    return by_pages(address, bytes, &TlpFormat::writes_in_page);
}

TlpTraffic TlpFormat::memory_read(std::uint64_t address, std::uint64_t bytes) const {
    return by_pages(address, bytes, &TlpFormat::reads_in_page);
}

TlpTraffic TlpFormat::completions(std::uint64_t address, std::uint64_t bytes) const {
    return by_pages(address, bytes, &TlpFormat::completions_in_page);
}

/// No TLP crosses a page, and all whole pages are cut alike.
TlpTraffic TlpFormat::by_pages(std::uint64_t address, std::uint64_t bytes, PieceTraffic within_page) const {
    const std::uint64_t head = std::min(bytes, (page - address % page) % page);
    const std::uint64_t pages = (bytes - head) / page;
    const std::uint64_t tail = bytes - head - pages * page;
    TlpTraffic traffic;
    if (head != 0) {
        traffic = (this->*within_page)(address, head);
    }
    if (pages != 0) {
        traffic = followed_by(traffic, (this->*within_page)(0, page), pages);
    }
    return tail != 0 ? followed_by(traffic, (this->*within_page)(0, tail), 1) : traffic;
}

TlpTraffic TlpFormat::writes_in_page(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    for (std::uint64_t done = 0; done < bytes;) {
        const std::uint64_t piece = request_piece(address + done, bytes - done, max_payload_);
        add(traffic, double_word_bytes(address + done, piece));
        done += piece;
    }
    return traffic;
}

TlpTraffic TlpFormat::reads_in_page(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    for (std::uint64_t done = 0; done < bytes;) {
        done += request_piece(address + done, bytes - done, max_read_request_);
        add(traffic, 0);
    }
    return traffic;
}

TlpTraffic TlpFormat::completions_in_page(std::uint64_t address, std::uint64_t bytes) const {
    TlpTraffic traffic;
    const std::uint64_t end = address + bytes;
    while (address < end) {
        const std::uint64_t request_end = address + request_piece(address, end - address, max_read_request_);
        while (address < request_end) {
            const std::uint64_t piece = completion_piece(address, request_end - address, max_payload_, boundary_);
            add(traffic, double_word_bytes(address, piece));
            address += piece;
        }
    }
    return traffic;
}

TlpTraffic TlpFormat::header() const {
    TlpTraffic traffic;
    add(traffic, 0);
    return traffic;
}

TlpTraffic TlpFormat::double_word() const {
    TlpTraffic traffic;
    add(traffic, aqpim::double_word);
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
