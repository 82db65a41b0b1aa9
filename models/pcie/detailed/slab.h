#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace aqpim::pcie {

/// Things that wait for their event, which knows them by a number.
template <class T>
class Slab {
 public:
    std::uint32_t keep(T thing) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(things_.size()));
            things_.emplace_back();
        }
        const std::uint32_t index = free_.back();
        free_.pop_back();
        things_[index] = std::move(thing);
        return index;
    }
    T take(std::uint64_t index) {
        free_.push_back(static_cast<std::uint32_t>(index));
        return std::exchange(things_[index], T{});
    }
    /// All of them, those that are free too.
    std::vector<T>& things() { return things_; }

 private:
    std::vector<T> things_;
    std::vector<std::uint32_t> free_;
};

}  // namespace aqpim::pcie
