#pragma once

#include <cstdint>

#include "models/common/clock.h"
#include "models/common/quantity.h"
#include "models/pcie/pcie_parameters.h"

namespace aqpim {

/// What one transfer puts on one direction of a link.
struct TlpTraffic {
    std::uint64_t tlps = 0;
    std::uint64_t payload_bytes = 0;     ///< in whole double words, as TLPs carry it
    std::uint64_t wire_bytes = 0;        ///< payload and overhead
    std::uint64_t first_wire_bytes = 0;  ///< of the first TLP
    std::uint64_t last_wire_bytes = 0;   ///< of the last TLP

    bool operator==(const TlpTraffic&) const = default;
};

/// TLP bytes that one lane moves each second in one direction: the transfer rate less the line code (8b/10b, 128b/130b;
/// Gen6: 236 B of TLPs in each 256 B flit, PCIe 6.0 section 4.2.3). `generation` 1 to 6.
Rational lane_bytes_per_second(unsigned generation);

/// Bytes that a TLP costs on the wire beyond its payload: 24 (16 B header, 4 B framing and sequence number, 4 B LCRC;
/// system.md §4). The header of 4 double words is taken for all, though completions and 32-bit requests have one of 3.
/// In flit mode (Gen6) it is the header only: CRC, FEC and link-layer bytes are part of the flit (PCIe 6.0 section
/// 4.2.3), and so of the lanes' rate.
unsigned tlp_overhead_bytes(unsigned generation);

/// Time of one TLP byte on a whole link, exact.
Clock link_byte_time(unsigned generation, unsigned lanes);
/// The same, from `payload_bandwidth` where it is given: the rate at which writes of `max_payload` reach it.
Clock link_byte_time(const PcieParameters& parameters);

/// Payload of the double words that [address, address + bytes) touches: byte enables, not shorter TLPs, leave out bytes
/// at a transfer's ends.
std::uint64_t double_word_bytes(std::uint64_t address, std::uint64_t bytes);
/// Bytes of the first request for [address, address + left): `limit` from the double word on, and none crosses 4 KiB
/// (PCIe Base Specification 2.2.7).
std::uint64_t request_piece(std::uint64_t address, std::uint64_t left, std::uint64_t limit);
/// Bytes of the first completion for what a request has left: at most `max_payload` and, but for the last one, ending
/// on `boundary`, the read completion boundary (section 2.3.1.1).
std::uint64_t completion_piece(std::uint64_t address, std::uint64_t left, std::uint64_t max_payload,
                               std::uint64_t boundary);

/// How transfers are cut into TLPs, and what these cost on the wire. Counts whole transfers in closed form, however
/// large; nothing here knows of time.
class TlpFormat {
 public:
    explicit TlpFormat(const PcieParameters& parameters);

    /// Posted writes, cut at max_payload.
    TlpTraffic memory_write(std::uint64_t address, std::uint64_t bytes) const;
    /// The requests of a read, cut at max_read_request.
    TlpTraffic memory_read(std::uint64_t address, std::uint64_t bytes) const;
    /// The data of that read: each request is answered on its own.
    TlpTraffic completions(std::uint64_t address, std::uint64_t bytes) const;
    /// A TLP without data: a configuration read, or a completion that only reports a status.
    TlpTraffic header() const;
    /// A TLP with one double word: a configuration write, or the completion of a configuration read.
    TlpTraffic double_word() const;

    unsigned overhead_bytes() const { return overhead_; }

 private:
    using PieceTraffic = TlpTraffic (TlpFormat::*)(std::uint64_t address, std::uint64_t bytes) const;
    TlpTraffic by_pages(std::uint64_t address, std::uint64_t bytes, PieceTraffic within_page) const;
    TlpTraffic writes_in_page(std::uint64_t address, std::uint64_t bytes) const;
    TlpTraffic reads_in_page(std::uint64_t address, std::uint64_t bytes) const;
    TlpTraffic completions_in_page(std::uint64_t address, std::uint64_t bytes) const;
    void add(TlpTraffic& traffic, std::uint64_t payload_bytes) const;

    unsigned overhead_;
    std::uint64_t max_payload_;
    std::uint64_t max_read_request_;
    std::uint64_t boundary_;
};

}  // namespace aqpim
