#pragma once

#include <array>
#include <cstdint>

#include "models/pcie/detailed/packet.h"
#include "models/pcie/pcie_parameters.h"

namespace aqpim::pcie {

/// Credits of one class: a header each TLP, and data in units of 16 B (PCIe Base Specification 2.6.1).
struct Credits {
    static constexpr std::uint64_t unit_bytes = 16;
    static constexpr std::uint32_t infinite = 0xffff'ffff;

    std::uint32_t headers = 0;
    std::uint32_t data = 0;

    static std::uint32_t data_of(std::uint64_t payload_bytes) {
        return static_cast<std::uint32_t>((payload_bytes + unit_bytes - 1) / unit_bytes);
    }
};

/// What a receiver has room for.
using ReceiveBuffers = std::array<Credits, flow_classes>;

/// Of a switch port, or, with room for all completions it asks for, of an endpoint or a root port (section 2.6.1.2).
ReceiveBuffers switch_buffers(const PcieParameters& parameters);
ReceiveBuffers end_buffers(const PcieParameters& parameters);

/// The credits that a sender has left of what the other end advertised.
class CreditCounter {
 public:
    void advertise(const ReceiveBuffers& buffers) { left_ = limit_ = buffers; }

    bool allows(FlowClass flow, std::uint32_t data) const {
        const Credits& left = left_[index(flow)];
        return left.headers >= 1 && left.data >= data;
    }
    void consume(FlowClass flow, std::uint32_t data) { change(flow, -1, -static_cast<std::int64_t>(data)); }
    void give_back(FlowClass flow, std::uint32_t data) { change(flow, 1, data); }
    /// All of them, as after training.
    void refill() { left_ = limit_; }
    bool is_full() const;

 private:
    static unsigned index(FlowClass flow) { return static_cast<unsigned>(flow); }
    void change(FlowClass flow, std::int64_t headers, std::int64_t data);

    ReceiveBuffers left_{};
    ReceiveBuffers limit_{};
};

}  // namespace aqpim::pcie
