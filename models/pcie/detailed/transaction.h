#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/common/clock.h"
#include "models/pcie/routing_id.h"

namespace aqpim::pcie {

enum class TransactionKind : std::uint8_t {
    memory_read,
    memory_write,
    configuration_read,
    configuration_write,
    message
};

/// How a transaction ended for its requester. Posted ones end well once they have left.
enum class TransactionStatus : std::uint8_t {
    success,
    unsupported_request,
    completer_abort,
    poisoned,  ///< data came marked as bad
    timeout,   ///< no completion within the completion timeout
    link_down  ///< the requester's own link went down
};

struct Attributes {
    bool relaxed_ordering = false;
    bool id_based_ordering = false;
    bool no_snoop = false;

    bool operator==(const Attributes&) const = default;
};

struct Transaction;
using TransactionPtr = std::shared_ptr<Transaction>;

/// Who asked for a transaction.
class TransactionOwner {
 public:
    virtual void done(Transaction& transaction, Picoseconds at) = 0;

 protected:
    ~TransactionOwner() = default;
};

/// What a requester asks for: any number of TLPs, each with its own part of the data.
struct Transaction {
    TransactionKind kind = TransactionKind::memory_read;
    RoutingId requester = 0;
    RoutingId target = 0;       ///< of configuration requests
    bool type_1 = false;        ///< of configuration requests: for a bus further down
    std::uint64_t address = 0;  ///< of configuration requests: the register
    std::uint64_t bytes = 0;
    Attributes attributes;
    std::uint8_t message_code = 0;
    /// Where read data goes, or written data is: valid until done(), of posted ones `posted_data` for longer. Null: the
    /// data does not matter.
    std::uint8_t* data = nullptr;
    std::vector<std::uint8_t> posted_data;
    TransactionOwner* owner = nullptr;  ///< may be null
    Picoseconds sent = 0;               ///< when its owner sent it

    TransactionStatus status = TransactionStatus::success;
    // The requester's.
    std::uint64_t issued = 0;    ///< bytes for which TLPs have been made
    std::uint64_t finished = 0;  ///< bytes that have left (posted) or come back
    bool ended = false;

    bool is_posted() const { return kind == TransactionKind::memory_write || kind == TransactionKind::message; }
    bool is_write() const { return is_posted() || kind == TransactionKind::configuration_write; }
    bool is_configuration() const {
        return kind == TransactionKind::configuration_read || kind == TransactionKind::configuration_write;
    }
    std::uint8_t* data_at(std::uint64_t offset) const { return data == nullptr ? nullptr : data + offset; }
};

}  // namespace aqpim::pcie
