#include "models/pcie/detailed/replay.h"

#include "models/pcie/bit_errors.h"

namespace aqpim::pcie {

ReplayBuffer::ReplayBuffer(const PcieParameters& parameters, std::uint64_t seed)
    : limit_(parameters.replay_buffer), bit_error_rate_(parameters.bit_error_rate), random_(seed) {}

bool ReplayBuffer::has_room(std::uint64_t wire_bytes, Picoseconds now) {
    if (kept_bytes_ + wire_bytes <= limit_) {
        return true;
    }
    forget(now);
    return kept_bytes_ + wire_bytes <= limit_;
}

void ReplayBuffer::keep(std::uint64_t wire_bytes, Picoseconds acknowledged) {
    kept_.push_back({acknowledged, wire_bytes});
    kept_bytes_ += wire_bytes;
}

bool ReplayBuffer::is_empty(Picoseconds now) {
    forget(now);
    return kept_.empty();
}

void ReplayBuffer::clear() {
    kept_.clear();
    kept_bytes_ = 0;
}

bool ReplayBuffer::is_damaged(std::uint64_t wire_bytes) {
    if (bit_error_rate_ == 0) {
        return false;
    }
    return random_.uniform() < damaged_share(bit_error_rate_, wire_bytes);
}

void ReplayBuffer::forget(Picoseconds now) {
    while (!kept_.empty() && kept_.front().acknowledged <= now) {
        kept_bytes_ -= kept_.front().bytes;
        kept_.pop_front();
    }
}

}  // namespace aqpim::pcie
