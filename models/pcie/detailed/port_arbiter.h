#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace aqpim::pcie {

/// Whose turn it is between queues that share a link: each may send as many TLPs as its weight says, then the next one
/// that has any (weighted round robin; with weights of 1, round robin).
class PortArbiter {
 public:
    explicit PortArbiter(std::vector<std::uint32_t> weights) : weights_(std::move(weights)), left_(weights_.front()) {}

    /// The first queue in turn for which `ready` holds, or the number of queues.
    template <class Ready>
    unsigned choose(Ready ready) const {
        const auto queues = static_cast<unsigned>(weights_.size());
        for (unsigned i = 0; i < queues; ++i) {
            const unsigned queue = (turn_ + i) % queues;
            if (ready(queue)) {
                return queue;
            }
        }
        return queues;
    }
    void sent(unsigned queue) {
        if (queue != turn_) {
            turn_ = queue;
            left_ = weights_[queue];
        }
        if (--left_ == 0) {
            turn_ = (turn_ + 1) % static_cast<unsigned>(weights_.size());
            left_ = weights_[turn_];
        }
    }

 private:
    std::vector<std::uint32_t> weights_;
    unsigned turn_ = 0;
    std::uint32_t left_;
};

}  // namespace aqpim::pcie
