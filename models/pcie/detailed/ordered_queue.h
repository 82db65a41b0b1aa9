#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>

#include "models/pcie/detailed/packet.h"

namespace aqpim::pcie {

/// TLPs that came by one way and leave by one link: a FIFO for each class, between which the ordering rules decide.
class OrderedQueue {
 public:
    void push(TlpPtr tlp);
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::size_t size(FlowClass flow) const { return queues_[static_cast<unsigned>(flow)].size(); }

    /// The TLP to send next: of the heads that may pass all before them and that `allowed` accepts (for whose class
    /// there are credits), the oldest. Null if there is none.
    template <class Allowed>
    const Tlp* candidate(Allowed allowed) const {
        const Tlp* oldest = nullptr;
        for (const auto& queue : queues_) {
            if (queue.empty() || (oldest != nullptr && oldest->stamp < queue.front()->stamp)) {
                continue;
            }
            const Tlp& head = *queue.front();
            if (allowed(head) && passes_all_before(head)) {
                oldest = &head;
            }
        }
        return oldest;
    }
    /// Takes the head of its class.
    TlpPtr pop(FlowClass flow);
    void clear();

 private:
    bool passes_all_before(const Tlp& head) const;

    std::array<std::deque<TlpPtr>, flow_classes> queues_;
    std::uint64_t stamps_ = 0;
    std::size_t size_ = 0;
};

}  // namespace aqpim::pcie
