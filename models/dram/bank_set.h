#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace aqpim::dram {

/// Banks of one channel.
class BankSet {
 public:
    static constexpr std::uint32_t most_banks = 1024;

    explicit BankSet(std::uint32_t banks) : used_((banks + 63) / 64) {}

    void insert(std::uint32_t bank) { words_[bank / 64] |= std::uint64_t{1} << bank % 64; }
    void erase(std::uint32_t bank) { words_[bank / 64] &= ~(std::uint64_t{1} << bank % 64); }
    bool contains(std::uint32_t bank) const { return (words_[bank / 64] >> bank % 64 & 1) != 0; }
    bool empty() const {
        std::uint64_t any = 0;
        for (std::uint32_t i = 0; i < used_; ++i) {
            any |= words_[i];
        }
        return any == 0;
    }

    /// Every bank in turn.
    template <class Visit>
    void for_each(Visit visit) const {
        for (std::uint32_t i = 0; i < used_; ++i) {
            for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
                visit(i * 64 + static_cast<std::uint32_t>(std::countr_zero(word)));
            }
        }
    }
    /// Those that are in `with` and not in `without`.
    template <class Visit>
    void for_each(const BankSet& with, const BankSet& without, Visit visit) const {
        for (std::uint32_t i = 0; i < used_; ++i) {
            for (std::uint64_t word = words_[i] & with.words_[i] & ~without.words_[i]; word != 0; word &= word - 1) {
                visit(i * 64 + static_cast<std::uint32_t>(std::countr_zero(word)));
            }
        }
    }

 private:
    std::uint32_t used_;
    std::array<std::uint64_t, most_banks / 64> words_{};
};

}  // namespace aqpim::dram
