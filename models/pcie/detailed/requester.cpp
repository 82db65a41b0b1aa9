#include "models/pcie/detailed/requester.h"

#include <algorithm>
#include <utility>

namespace aqpim::pcie {

namespace {

TlpType request_type(TransactionKind kind) {
    switch (kind) {
        case TransactionKind::memory_read:
            return TlpType::memory_read;
        case TransactionKind::memory_write:
            return TlpType::memory_write;
        case TransactionKind::configuration_read:
            return TlpType::configuration_read;
        case TransactionKind::configuration_write:
            return TlpType::configuration_write;
        case TransactionKind::message:
            break;
    }
    return TlpType::message;
}

TransactionStatus status_of(const Tlp& completion) {
    switch (completion.status) {
        case CompletionStatus::unsupported_request:
            return TransactionStatus::unsupported_request;
        case CompletionStatus::completer_abort:
            return TransactionStatus::completer_abort;
        case CompletionStatus::success:
            break;
    }
    return completion.poisoned ? TransactionStatus::poisoned : TransactionStatus::success;
}

}  // namespace

Requester::Requester(EventQueue& events, const PcieParameters& parameters, Transmitter& transmitter,
                     RequesterErrors& errors)
    : events_(events),
      transmitter_(transmitter),
      errors_(errors),
      max_payload_(parameters.max_payload),
      max_read_request_(parameters.max_read_request),
      most_outstanding_(parameters.tags),
      timeout_(parameters.completion_timeout_ps),
      entries_(parameters.tags) {
    for (std::uint32_t tag = parameters.tags; tag > 0; --tag) {
        free_tags_.push_back(static_cast<std::uint16_t>(tag - 1));
    }
}

void Requester::set_sizes(std::uint32_t max_payload, std::uint32_t max_read_request) {
    max_payload_ = max_payload;
    max_read_request_ = max_read_request;
}

void Requester::start(TransactionPtr transaction, Picoseconds now) {
    if (!transmitter_.is_up()) {
        transaction->status = TransactionStatus::link_down;
        end(*transaction, now);
    } else if (transaction->is_posted()) {
        issue_posted(transaction, now);
    } else {
        waiting_.push_back(std::move(transaction));
        issue_waiting(now);
    }
}

/// Data is copied: the requester may go on as soon as the write has left.
void Requester::issue_posted(const TransactionPtr& transaction, Picoseconds now) {
    if (transaction->data != nullptr && transaction->posted_data.empty()) {
        transaction->posted_data.assign(transaction->data, transaction->data + transaction->bytes);
        transaction->data = transaction->posted_data.data();
    }
    do {
        const std::uint64_t left = transaction->bytes - transaction->issued;
        const std::uint64_t piece = request_piece(transaction->address + transaction->issued, left, max_payload_);
        TlpPtr tlp = make_tlp(transaction, piece);
        transaction->issued += piece;
        transmitter_.push(only_source, std::move(tlp), now);
    } while (transaction->issued < transaction->bytes);
}

void Requester::issue_waiting(Picoseconds now) {
    while (!waiting_.empty() && !free_tags_.empty() && outstanding() < most_outstanding_) {
        const TransactionPtr transaction = waiting_.front();
        const bool given_up = transaction->status != TransactionStatus::success;
        if (!given_up) {
            issue_request(transaction, now);
        }
        if (given_up || transaction->issued == transaction->bytes) {
            waiting_.pop_front();
        }
    }
}

void Requester::issue_request(const TransactionPtr& transaction, Picoseconds now) {
    const std::uint64_t left = transaction->bytes - transaction->issued;
    const std::uint64_t address = transaction->address + transaction->issued;
    const std::uint64_t piece =
        transaction->is_configuration() ? left : request_piece(address, left, max_read_request_);
    const std::uint16_t tag = free_tags_.back();
    free_tags_.pop_back();
    TlpPtr tlp = make_tlp(transaction, piece);
    tlp->tag = tag;
    entries_[tag] = {transaction, transaction->issued, piece, 0, ++serials_};
    transaction->issued += piece;
    if (timeout_) {
        while (!deadlines_.empty() && !is_open(deadlines_.front())) {
            deadlines_.pop_front();
        }
        deadlines_.push_back({now + *timeout_, tag, serials_});
        arm_timer();
    }
    transmitter_.push(only_source, std::move(tlp), now);
}

TlpPtr Requester::make_tlp(const TransactionPtr& transaction, std::uint64_t bytes) const {
    auto tlp = std::make_unique<Tlp>();
    tlp->type = request_type(transaction->kind);
    tlp->type_1 = transaction->type_1;
    tlp->attributes = transaction->attributes;
    tlp->requester = transaction->requester;
    tlp->target = transaction->target;
    tlp->address = transaction->address + transaction->issued;
    tlp->bytes = static_cast<std::uint32_t>(bytes);
    tlp->message_code = transaction->message_code;
    tlp->transaction = transaction;
    tlp->offset = transaction->issued;
    return tlp;
}

bool Requester::complete(const Tlp& completion, Picoseconds now) {
    if (completion.tag >= entries_.size()) {
        return false;
    }
    Entry& entry = entries_[completion.tag];
    // A tag may have been given away anew before a late completion comes.
    if (entry.transaction == nullptr || entry.transaction != completion.transaction) {
        return false;
    }
    const TransactionStatus status = status_of(completion);
    if (status != TransactionStatus::success && entry.transaction->status == TransactionStatus::success) {
        entry.transaction->status = status;
    }
    const bool failed = completion.status != CompletionStatus::success;
    entry.received += failed ? entry.bytes : completion.bytes;
    if (failed || !completion.has_data() || entry.received >= entry.bytes) {
        release(completion.tag, now);
    }
    return true;
}

void Requester::left(const Tlp& tlp, Picoseconds departed) {
    if (tlp.flow() != FlowClass::posted || tlp.transaction == nullptr) {
        return;
    }
    if (!transmitter_.is_up()) {
        tlp.transaction->status = TransactionStatus::link_down;
    }
    finish(*tlp.transaction, tlp.bytes, departed);
}

void Requester::release(std::uint16_t tag, Picoseconds now) {
    const Entry entry = std::exchange(entries_[tag], {});
    free_tags_.push_back(tag);
    finish(*entry.transaction, entry.bytes, now);
    issue_waiting(now);
}

/// What is given up is not asked for further.
void Requester::finish(Transaction& transaction, std::uint64_t bytes, Picoseconds now) {
    transaction.finished += bytes;
    const bool all_asked = transaction.issued == transaction.bytes || transaction.status != TransactionStatus::success;
    if (all_asked && transaction.finished >= transaction.issued) {
        end(transaction, now);
    }
}

void Requester::end(Transaction& transaction, Picoseconds now) {
    if (std::exchange(transaction.ended, true)) {
        return;
    }
    if (transaction.owner != nullptr) {
        transaction.owner->done(transaction, now);
    }
    if (!transaction.is_posted()) {
        transaction.data = nullptr;  // requests of one that was given up may still be on their way
    }
}

void Requester::fail_all(TransactionStatus status, Picoseconds now) {
    std::deque<TransactionPtr> failed = std::exchange(waiting_, {});
    for (std::uint16_t tag = 0; tag < entries_.size(); ++tag) {
        if (entries_[tag].transaction != nullptr) {
            failed.push_back(std::exchange(entries_[tag], {}).transaction);
            free_tags_.push_back(tag);
        }
    }
    for (const TransactionPtr& transaction : failed) {
        if (transaction->status == TransactionStatus::success) {
            transaction->status = status;
        }
        end(*transaction, now);
    }
}

void Requester::arm_timer() {
    if (!timer_armed_ && !deadlines_.empty()) {
        timer_armed_ = true;
        events_.at(deadlines_.front().at, *this);
    }
}

void Requester::handle(std::uint64_t, Picoseconds now) {
    timer_armed_ = false;
    while (!deadlines_.empty()) {
        const Deadline deadline = deadlines_.front();
        const bool waits = is_open(deadline);
        if (waits && deadline.at > now) {
            break;
        }
        deadlines_.pop_front();
        if (waits) {
            const TransactionPtr transaction = entries_[deadline.tag].transaction;
            transaction->status =
                transaction->status == TransactionStatus::success ? TransactionStatus::timeout : transaction->status;
            errors_.timed_out(*transaction);
            release(deadline.tag, now);
        }
    }
    arm_timer();
}

}  // namespace aqpim::pcie
