#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/bank_set.h"
#include "models/dram/request.h"

namespace aqpim::dram {

/// A request that waits in a controller.
struct Entry {
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    Request request;
    std::uint64_t sequence = 0;  ///< order of arrival
    Ticks arrival = 0;
    std::uint32_t bank = 0;
    std::uint32_t issued = 0;  ///< bursts that have had their column command
    bool counted = false;      ///< as row hit, miss or conflict
    // Links: of the bank's list, and of all requests of the queue, by age.
    std::uint32_t older_in_bank = none;
    std::uint32_t younger_in_bank = none;
    std::uint32_t older = none;
    std::uint32_t younger = none;
};

/// Whether `waiting`, of the same bank, names all that `request` does, and has issued none of it.
inline bool covers(const Entry& waiting, const Request& request) {
    const Location& a = waiting.request.location;
    const Location& b = request.location;
    return a.row == b.row && a.column + waiting.issued <= b.column &&
           a.column + waiting.request.bursts >= b.column + request.bursts;
}

/// Reads, or writes, by bank: those that hit the open row, and the others, each oldest first. Entries live in a pool
/// that the queues of a controller share.
class RequestQueue {
 public:
    struct List {
        std::uint32_t oldest = Entry::none;
        std::uint32_t youngest = Entry::none;
    };

    RequestQueue(std::vector<Entry>& pool, std::uint32_t banks);

    std::uint32_t size() const { return size_; }
    std::uint32_t oldest() const { return all_.oldest; }
    const BankSet& banks_with_hits() const { return banks_with_hits_; }
    const BankSet& banks_with_others() const { return banks_with_others_; }
    std::uint32_t oldest_hit(std::uint32_t bank) const { return hits_[bank].oldest; }
    std::uint32_t oldest_other(std::uint32_t bank) const { return others_[bank].oldest; }

    /// The youngest of all.
    void add(std::uint32_t entry, bool hit);
    void remove(std::uint32_t entry, bool hit);

    void row_opened(std::uint32_t bank, std::uint32_t row);
    void row_closed(std::uint32_t bank);

    /// A request of the bank that brings all that `request` names; Entry::none if there is none.
    std::uint32_t find_covering(std::uint32_t bank, const Request& request) const;

 private:
    void append(List& list, std::uint32_t entry);
    void insert_by_age(List& list, std::uint32_t entry);
    void unlink(List& list, std::uint32_t entry);
    void note(std::uint32_t bank);
    std::uint32_t find_covering(const List& list, const Request& request) const;

    std::vector<Entry>& pool_;
    std::vector<List> hits_;
    std::vector<List> others_;
    BankSet banks_with_hits_;
    BankSet banks_with_others_;
    List all_;
    std::uint32_t size_ = 0;
};

}  // namespace aqpim::dram
