#include "tests/pcie/detailed/ordering_checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace aqpim::pcie::test {

namespace {
constexpr std::size_t most_reports = 10;
}  // namespace

bool OrderingChecker::Kind::operator<(const Kind& other) const {
    return std::tie(row, relaxed, by_id, sender) < std::tie(other.row, other.relaxed, other.by_id, other.sender);
}

OrderingChecker::Kind OrderingChecker::kind_of(const Tlp& tlp) {
    Row row = Row::read;
    RoutingId sender = tlp.requester;
    if (tlp.type == TlpType::memory_write || tlp.type == TlpType::message) {
        row = Row::posted;
    } else if (tlp.type == TlpType::configuration_write) {
        row = Row::write;
    } else if (tlp.type == TlpType::completion || tlp.type == TlpType::completion_with_data) {
        row = Row::completion;
        sender = tlp.target;
    }
    return {row, tlp.attributes.relaxed_ordering, tlp.attributes.id_based_ordering, sender};
}

/// A posted request of `writer`: column 2 of the table.
bool OrderingChecker::may_overtake(const Kind& later, RoutingId writer) {
    return (later.relaxed && later.row != Row::read) || (later.by_id && later.sender != writer);
}

/// The stamp is what the queue of the end that made it has just given it: the order of making.
void OrderingChecker::leaves(unsigned end, const Tlp& tlp) {
    const bool is_first_link = made_.try_emplace(&tlp, Made{end, tlp.stamp}).second;
    if (!is_first_link && !scene_->end(end).reflects(tlp)) {
        report("sent twice", tlp, end);
    }
}

void OrderingChecker::arrives(unsigned end, const Tlp& tlp) {
    if (scene_->end(end).reflects(tlp)) {
        return;
    }
    const auto place = made_.find(&tlp);
    if (place == made_.end()) {
        report("came from nowhere", tlp, end);
        return;
    }
    const Made made = place->second;
    made_.erase(place);
    ++arrived_;
    const Kind kind = kind_of(tlp);
    if (kind.row == Row::posted) {
        check_posted(tlp, made, end);
    } else if (kind.row == Row::completion) {
        check_completion(tlp, end);
    }
    std::uint64_t& latest = latest_[{made.end, end}][kind];
    latest = std::max(latest, made.stamp);
}

/// What was made after a posted request and is there before it must have been allowed to pass it.
void OrderingChecker::check_posted(const Tlp& tlp, const Made& made, unsigned end) {
    for (const auto& [kind, stamp] : latest_[{made.end, end}]) {
        if (stamp > made.stamp && !may_overtake(kind, tlp.requester)) {
            report(fmt::format("was passed by a TLP of row {}", static_cast<unsigned>(kind.row)), tlp, end);
        }
    }
}

/// Completions of one request come in the order of their addresses (entry D5b).
void OrderingChecker::check_completion(const Tlp& tlp, unsigned end) {
    if (tlp.type != TlpType::completion_with_data) {
        return;
    }
    const std::uint64_t request = std::uint64_t{tlp.requester} << 16 | tlp.tag;
    const auto [place, is_first] = next_address_.try_emplace(request, tlp.address);
    if (place->second != tlp.address) {
        report("came out of order", tlp, end);
    }
    place->second = tlp.address + tlp.bytes;
    if (tlp.bytes == tlp.byte_count) {
        next_address_.erase(place);
    }
}

void OrderingChecker::report(const std::string& what, const Tlp& tlp, unsigned end) {
    if (violations_.size() < most_reports) {
        violations_.push_back(
            fmt::format("{} {:#x} of {:04x} at end {} {}", name_of(tlp.type), tlp.address, tlp.requester, end, what));
    }
}

}  // namespace aqpim::pcie::test
