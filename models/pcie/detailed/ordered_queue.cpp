#include "models/pcie/detailed/ordered_queue.h"

#include <utility>

namespace aqpim::pcie {

void OrderedQueue::push(TlpPtr tlp) {
    tlp->stamp = stamps_++;
    queues_[static_cast<unsigned>(tlp->flow())].push_back(std::move(tlp));
    ++size_;
}

TlpPtr OrderedQueue::pop(FlowClass flow) {
    auto& queue = queues_[static_cast<unsigned>(flow)];
    TlpPtr tlp = std::move(queue.front());
    queue.pop_front();
    --size_;
    return tlp;
}

void OrderedQueue::clear() {
    for (auto& queue : queues_) {
        queue.clear();
    }
    size_ = 0;
}

/// Within its class a head is first. Only posted ones hold others up.
bool OrderedQueue::passes_all_before(const Tlp& head) const {
    const auto& posted = queues_[static_cast<unsigned>(FlowClass::posted)];
    if (head.flow() == FlowClass::posted || posted.empty()) {
        return true;
    }
    for (const TlpPtr& earlier : posted) {
        if (earlier->stamp > head.stamp) {
            break;
        }
        if (!may_pass(head, *earlier)) {
            return false;
        }
    }
    return true;
}

}  // namespace aqpim::pcie
