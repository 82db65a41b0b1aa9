#include "models/dram/request_queue.h"

namespace aqpim::dram {

RequestQueue::RequestQueue(std::vector<Entry>& pool, std::uint32_t banks)
    : pool_(pool), hits_(banks), others_(banks), banks_with_hits_(banks), banks_with_others_(banks) {}

void RequestQueue::add(std::uint32_t entry, bool hit) {
    Entry& e = pool_[entry];
    append((hit ? hits_ : others_)[e.bank], entry);
    note(e.bank);
    e.older = all_.youngest;
    e.younger = Entry::none;
    (all_.youngest == Entry::none ? all_.oldest : pool_[all_.youngest].younger) = entry;
    all_.youngest = entry;
    ++size_;
}

void RequestQueue::remove(std::uint32_t entry, bool hit) {
    const Entry& e = pool_[entry];
    unlink((hit ? hits_ : others_)[e.bank], entry);
    note(e.bank);
    (e.older == Entry::none ? all_.oldest : pool_[e.older].younger) = e.younger;
    (e.younger == Entry::none ? all_.youngest : pool_[e.younger].older) = e.older;
    --size_;
}

void RequestQueue::row_opened(std::uint32_t bank, std::uint32_t row) {
    for (std::uint32_t entry = others_[bank].oldest; entry != Entry::none;) {
        const std::uint32_t next = pool_[entry].younger_in_bank;
        if (pool_[entry].request.location.row == row) {
            unlink(others_[bank], entry);
            append(hits_[bank], entry);
        }
        entry = next;
    }
    note(bank);
}

void RequestQueue::row_closed(std::uint32_t bank) {
    for (std::uint32_t entry = hits_[bank].oldest; entry != Entry::none;) {
        const std::uint32_t next = pool_[entry].younger_in_bank;
        insert_by_age(others_[bank], entry);
        entry = next;
    }
    hits_[bank] = {};
    note(bank);
}

std::uint32_t RequestQueue::find_covering(std::uint32_t bank, const Request& request) const {
    const std::uint32_t hit = find_covering(hits_[bank], request);
    return hit != Entry::none ? hit : find_covering(others_[bank], request);
}

std::uint32_t RequestQueue::find_covering(const List& list, const Request& request) const {
    for (std::uint32_t entry = list.oldest; entry != Entry::none; entry = pool_[entry].younger_in_bank) {
        if (covers(pool_[entry], request)) {
            return entry;
        }
    }
    return Entry::none;
}

void RequestQueue::append(List& list, std::uint32_t entry) {
    Entry& e = pool_[entry];
    e.older_in_bank = list.youngest;
    e.younger_in_bank = Entry::none;
    (list.youngest == Entry::none ? list.oldest : pool_[list.youngest].younger_in_bank) = entry;
    list.youngest = entry;
}

void RequestQueue::insert_by_age(List& list, std::uint32_t entry) {
    std::uint32_t after = list.youngest;
    while (after != Entry::none && pool_[after].sequence > pool_[entry].sequence) {
        after = pool_[after].older_in_bank;
    }
    Entry& e = pool_[entry];
    e.older_in_bank = after;
    e.younger_in_bank = after == Entry::none ? list.oldest : pool_[after].younger_in_bank;
    (e.younger_in_bank == Entry::none ? list.youngest : pool_[e.younger_in_bank].older_in_bank) = entry;
    (after == Entry::none ? list.oldest : pool_[after].younger_in_bank) = entry;
}

void RequestQueue::unlink(List& list, std::uint32_t entry) {
    const Entry& e = pool_[entry];
    (e.older_in_bank == Entry::none ? list.oldest : pool_[e.older_in_bank].younger_in_bank) = e.younger_in_bank;
    (e.younger_in_bank == Entry::none ? list.youngest : pool_[e.younger_in_bank].older_in_bank) = e.older_in_bank;
}

void RequestQueue::note(std::uint32_t bank) {
    hits_[bank].oldest == Entry::none ? banks_with_hits_.erase(bank) : banks_with_hits_.insert(bank);
    others_[bank].oldest == Entry::none ? banks_with_others_.erase(bank) : banks_with_others_.insert(bank);
}

}  // namespace aqpim::dram
