#pragma once

#include <systemc>
#include <tlm>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/common/protocol_rules.h"

namespace aqpim {

/// Counts the violations that a checker finds, and keeps the words of the first ones.
class ViolationLog {
 public:
    static constexpr std::size_t kept_texts = 20;

    /// `owner`: the checker's hierarchical name.
    explicit ViolationLog(std::string owner) : owner_(std::move(owner)) {}

    void add(ProtocolRule rule, const std::string& what);
    void add(ProtocolRule rule, const tlm::tlm_generic_payload& payload, const std::string& what);
    /// A delay may not be negative: sc_time has no sign, below zero it wraps to its upper half. False if it is.
    bool check_range(const tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);

    std::uint64_t count() const;
    std::uint64_t count(ProtocolRule rule) const { return counts_[index_of(rule)]; }
    /// One line each: where, clause and rule, what was found, payload, time.
    const std::vector<std::string>& texts() const { return texts_; }

 private:
    std::string owner_;
    std::array<std::uint64_t, protocol_rule_count> counts_{};
    std::vector<std::string> texts_;
};

}  // namespace aqpim
