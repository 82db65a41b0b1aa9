// The ordering table of PCIe Base Specification 2.4.1, entry by entry, against what the fabric allows.

#include <array>
#include <catch2/catch.hpp>

#include "models/pcie/detailed/packet.h"

using namespace aqpim::pcie;

namespace {

enum class Entry { no, yes, choice };

constexpr std::array<TlpType, 7> types{TlpType::memory_read,
                                       TlpType::memory_write,
                                       TlpType::configuration_read,
                                       TlpType::configuration_write,
                                       TlpType::completion,
                                       TlpType::completion_with_data,
                                       TlpType::message};
constexpr std::array<aqpim::RoutingId, 2> ids{0x100, 0x208};

// The table's rows and columns.
bool is_posted(TlpType type) {
    return type == TlpType::memory_write || type == TlpType::message;
}
bool is_read(TlpType type) {
    return type == TlpType::memory_read || type == TlpType::configuration_read;
}
bool is_completion(TlpType type) {
    return type == TlpType::completion || type == TlpType::completion_with_data;
}

/// Column 2 "posted request": the entries a) and b) of A2, B2, C2 and D2.
Entry over_posted(const Tlp& later, const Tlp& earlier) {
    // IDO compares requesters; a completion comes from its completer (D2b).
    const auto sender = is_completion(later.type) ? later.target : later.requester;
    if (later.attributes.id_based_ordering && sender != earlier.requester) {
        return Entry::choice;
    }
    // RO is of no use to reads (B2), and of use to all others.
    return later.attributes.relaxed_ordering && !is_read(later.type) ? Entry::choice : Entry::no;
}

Entry expected(const Tlp& later, const Tlp& earlier) {
    if (is_posted(earlier.type)) {
        return over_posted(later, earlier);
    }
    if (is_completion(earlier.type)) {
        const bool same_request = later.requester == earlier.requester && later.tag == earlier.tag;
        return is_completion(later.type) && same_request ? Entry::no : Entry::choice;  // A5, B5, C5, D5
    }
    return is_posted(later.type) || is_completion(later.type) ? Entry::yes : Entry::choice;  // A3, A4, D3, D4
}

Tlp tlp(TlpType type, unsigned flags, unsigned requester, unsigned target, std::uint16_t tag) {
    Tlp made;
    made.type = type;
    made.attributes.relaxed_ordering = (flags & 1) != 0;
    made.attributes.id_based_ordering = (flags & 2) != 0;
    made.attributes.no_snoop = (flags & 4) != 0;
    made.requester = ids[requester];
    made.target = ids[target];
    made.tag = tag;
    return made;
}

template <class Check>
void for_all_pairs(Check check) {
    for (const TlpType later_type : types) {
        for (const TlpType earlier_type : types) {
            for (unsigned bits = 0; bits < 1U << 10; ++bits) {
                const Tlp later = tlp(later_type, bits & 7, bits >> 3 & 1, bits >> 4 & 1, 1);
                const Tlp earlier = tlp(earlier_type, bits >> 5 & 3, bits >> 7 & 1, bits >> 8 & 1, bits >> 9 & 1);
                check(later, earlier);
            }
        }
    }
}

}  // namespace

TEST_CASE("what the ordering table forbids does not pass and what it demands does") {
    unsigned forbidden = 0;
    unsigned demanded = 0;
    for_all_pairs([&](const Tlp& later, const Tlp& earlier) {
        const Entry entry = expected(later, earlier);
        const bool passes = may_pass(later, earlier);
        if ((entry == Entry::no && passes) || (entry == Entry::yes && !passes)) {
            CAPTURE(name_of(later.type), name_of(earlier.type), later.attributes.relaxed_ordering,
                    later.attributes.id_based_ordering, later.requester, later.target, earlier.requester);
            FAIL_CHECK();
        }
        forbidden += entry == Entry::no ? 1 : 0;
        demanded += entry == Entry::yes ? 1 : 0;
    });
    CHECK(forbidden > 0);
    CHECK(demanded > 0);
}

TEST_CASE("relaxed and id based ordering are made use of") {
    const Tlp write = tlp(TlpType::memory_write, 0, 0, 0, 0);
    CHECK(may_pass(tlp(TlpType::completion_with_data, 1, 1, 0, 0), write));
    CHECK(may_pass(tlp(TlpType::completion_with_data, 2, 0, 1, 0), write));
    CHECK(may_pass(tlp(TlpType::memory_read, 2, 1, 0, 0), write));
    CHECK(may_pass(tlp(TlpType::memory_write, 1, 0, 0, 0), write));
}
