#include "models/common/violation_log.h"

#include <fmt/format.h>

#include <limits>
#include <numeric>

namespace aqpim {

namespace {

std::string describe(const tlm::tlm_generic_payload& payload) {
    const char* const command = payload.is_read() ? "read" : payload.is_write() ? "write" : "ignored command";
    return fmt::format("{} of {} bytes at {:#x}", command, payload.get_data_length(), payload.get_address());
}

}  // namespace

void ViolationLog::add(ProtocolRule rule, const std::string& what) {
    ++counts_[index_of(rule)];
    if (texts_.size() < kept_texts) {
        texts_.push_back(fmt::format("{}: {} ({}): {}; at {}", owner_, info(rule).clause, info(rule).text, what,
                                     sc_core::sc_time_stamp().to_string()));
    }
}

void ViolationLog::add(ProtocolRule rule, const tlm::tlm_generic_payload& payload, const std::string& what) {
    add(rule, fmt::format("{}; {}", what, describe(payload)));
}

bool ViolationLog::check_range(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
    const bool in_range = delay.value() <= std::numeric_limits<std::uint64_t>::max() / 2;
    if (!in_range) {
        add(ProtocolRule::time_range, payload, fmt::format("a delay of {}", delay.to_string()));
    }
    return in_range;
}

std::uint64_t ViolationLog::count() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

}  // namespace aqpim
