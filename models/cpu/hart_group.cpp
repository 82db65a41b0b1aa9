#include "models/cpu/hart_group.h"

#include <algorithm>
#include <utility>

namespace aqpim {

unsigned HartGroup::add(std::function<void()> drop_write_pointers) {
    harts_.push_back({std::move(drop_write_pointers), false, std::nullopt, false});
    return static_cast<unsigned>(harts_.size() - 1);
}

void HartGroup::set_awake(unsigned hart, bool awake) {
    if (std::exchange(harts_[hart].awake, awake) != awake) {
        awake_ += awake ? 1 : -1;
    }
}

void HartGroup::reserve(unsigned hart, std::uint64_t physical) {
    release(hart);
    harts_[hart].reserved = physical / set_bytes;
}

void HartGroup::release(unsigned hart) {
    harts_[hart].reserved.reset();
    guarded_ -= std::exchange(harts_[hart].guarded, false) ? 1 : 0;
}

void HartGroup::guard(unsigned hart) {
    if (!harts_[hart].reserved || harts_[hart].guarded || harts_.size() == 1) {
        return;
    }
    harts_[hart].guarded = true;
    ++guarded_;
    for (Hart& other : harts_) {
        if (&other != &harts_[hart]) {
            other.drop_write_pointers();
        }
    }
}

bool HartGroup::guarded(std::uint64_t physical) const {
    constexpr std::uint64_t sets_per_page = page_bytes / set_bytes;
    return guarded_ != 0 && std::any_of(harts_.begin(), harts_.end(), [&](const Hart& hart) {
               return hart.guarded && *hart.reserved / sets_per_page == physical / page_bytes;
           });
}

void HartGroup::written(unsigned hart, std::uint64_t physical, std::uint64_t bytes) {
    if (guarded_ == 0) {
        return;
    }
    for (unsigned other = 0; other < harts_.size(); ++other) {
        const auto& reserved = harts_[other].reserved;
        if (other != hart && reserved && physical / set_bytes <= *reserved &&
            *reserved <= (physical + bytes - 1) / set_bytes) {
            release(other);
        }
    }
}

}  // namespace aqpim
