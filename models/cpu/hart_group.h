#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace aqpim {

/// What the harts of one platform share: who is awake, and the reservations of LR and SC.
///
/// A hart's reservation ends when another hart writes to its 64 bytes. Harts write through host pointers, unseen; so a
/// page that is reserved when its hart gives up control is guarded: all other harts lose their pointers to it, and
/// report their writes until the reservation ends.
class HartGroup {
 public:
    static constexpr std::uint64_t page_bytes = 4096;
    static constexpr std::uint64_t set_bytes = 64;  ///< a reservation set, as of profile RVA20 (Za64rs)

    /// One more hart; returns its place here. `drop_write_pointers` makes it forget its host pointers for stores.
    unsigned add(std::function<void()> drop_write_pointers);

    void set_awake(unsigned hart, bool awake);
    bool awake(unsigned hart) const { return harts_[hart].awake; }
    /// No other hart than this runs.
    bool alone(unsigned hart) const { return awake_ == (harts_[hart].awake ? 1u : 0u); }

    void reserve(unsigned hart, std::uint64_t physical);
    void release(unsigned hart);
    bool reserved(unsigned hart, std::uint64_t physical) const { return harts_[hart].reserved == physical / set_bytes; }
    /// The hart gives up control.
    void guard(unsigned hart);
    /// Stores to this page have to be reported by written().
    bool guarded(std::uint64_t physical) const;
    void written(unsigned hart, std::uint64_t physical, std::uint64_t bytes);

    /// A debugger has written to memory: what harts have decoded may be wrong.
    void change_code() { ++code_version_; }
    std::uint64_t code_version() const { return code_version_; }

 private:
    struct Hart {
        std::function<void()> drop_write_pointers;
        bool awake = false;
        std::optional<std::uint64_t> reserved;  ///< number of the reservation set
        bool guarded = false;
    };

    std::vector<Hart> harts_;
    unsigned awake_ = 0;
    unsigned guarded_ = 0;  ///< harts with a guarded reservation
    std::uint64_t code_version_ = 0;
};

}  // namespace aqpim
