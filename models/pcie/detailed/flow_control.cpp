#include "models/pcie/detailed/flow_control.h"

#include <algorithm>

namespace aqpim::pcie {

namespace {

Credits credits(std::uint32_t headers, std::uint64_t bytes) {
    // One less than infinite is more than any link has on its way.
    const std::uint64_t units = std::min<std::uint64_t>(bytes / Credits::unit_bytes, Credits::infinite - 1);
    return {headers, static_cast<std::uint32_t>(units)};
}

}  // namespace

ReceiveBuffers switch_buffers(const PcieParameters& p) {
    // Configuration writes carry a double word: a unit each.
    return {credits(p.posted_headers, p.posted_buffer),
            credits(p.nonposted_headers, p.nonposted_headers * Credits::unit_bytes),
            credits(p.completion_headers, p.completion_buffer)};
}

ReceiveBuffers end_buffers(const PcieParameters& parameters) {
    ReceiveBuffers buffers = switch_buffers(parameters);
    buffers[static_cast<unsigned>(FlowClass::completion)] = {Credits::infinite, Credits::infinite};
    return buffers;
}

bool CreditCounter::is_full() const {
    return std::equal(left_.begin(), left_.end(), limit_.begin(),
                      [](const Credits& a, const Credits& b) { return a.headers == b.headers && a.data == b.data; });
}

void CreditCounter::change(FlowClass flow, std::int64_t headers, std::int64_t data) {
    const Credits& limit = limit_[index(flow)];
    Credits& left = left_[index(flow)];
    if (limit.headers != Credits::infinite) {
        left.headers = static_cast<std::uint32_t>(left.headers + headers);
    }
    if (limit.data != Credits::infinite) {
        left.data = static_cast<std::uint32_t>(left.data + data);
    }
}

}  // namespace aqpim::pcie
