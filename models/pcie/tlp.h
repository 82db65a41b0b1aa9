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

/// Time of one TLP byte on a whole link, exact.
Clock link_byte_time(unsigned generation, unsigned lanes);

/// How transfers are cut into TLPs, and what these cost on the wire. Counts whole transfers in one go; nothing here
/// knows of time.
///
/// A TLP costs 24 B beyond its payload (16 B header, 4 B framing and sequence number, 4 B LCRC; system.md §4). The
/// header of 4 double words is taken for all, though completions and 32-bit requests have one of 3. In flit mode (Gen6)
/// it costs the header only: CRC, FEC and link-layer bytes are part of the flit (PCIe 6.0 section 4.2.3), and so of the
/// rate above.
class TlpFormat {
 public:
    explicit TlpFormat(const PcieParameters& parameters);

    /// Posted writes: cut at max_payload, and where they would cross 4 KiB (PCIe Base Specification 2.2.7).
    TlpTraffic memory_write(std::uint64_t address, std::uint64_t bytes) const;
    /// The requests of a read: cut at max_read_request, and at 4 KiB.
    TlpTraffic memory_read(std::uint64_t address, std::uint64_t bytes) const;
    /// The data of that read. Each request is answered on its own; a completion carries max_payload at most and, but
    /// for a request's last one, ends on the 64 B read completion boundary (section 2.3.1.1).
    TlpTraffic completions(std::uint64_t address, std::uint64_t bytes) const;
    /// A TLP without data: a configuration read, or a completion that only reports a status.
    TlpTraffic header() const;
    /// A TLP with one double word: a configuration write, or the completion of a configuration read.
    TlpTraffic double_word() const;

 private:
    void add(TlpTraffic& traffic, std::uint64_t payload_bytes) const;

    unsigned overhead_;
    std::uint64_t max_payload_;
    std::uint64_t max_read_request_;
};

}  // namespace aqpim
