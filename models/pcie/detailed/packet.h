#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "models/common/clock.h"
#include "models/pcie/detailed/transaction.h"
#include "models/pcie/routing_id.h"
#include "models/pcie/tlp.h"

namespace aqpim::pcie {

/// PCIe Base Specification 2.2.1, table 2-3: those that this platform's devices send.
enum class TlpType : std::uint8_t {
    memory_read,
    memory_write,
    configuration_read,
    configuration_write,
    completion,            ///< Cpl: a status alone
    completion_with_data,  ///< CplD
    message,
};

/// The three flows that have buffers of their own.
enum class FlowClass : std::uint8_t { posted, non_posted, completion };
inline constexpr unsigned flow_classes = 3;

enum class CompletionStatus : std::uint8_t { success = 0, unsupported_request = 1, completer_abort = 4 };

constexpr FlowClass flow_class(TlpType type) {
    switch (type) {
        case TlpType::memory_write:
        case TlpType::message:
            return FlowClass::posted;
        case TlpType::completion:
        case TlpType::completion_with_data:
            return FlowClass::completion;
        default:
            return FlowClass::non_posted;
    }
}

/// "MRd", "CplD", ... as the specification abbreviates them.
std::string_view name_of(TlpType type);

/// One transaction layer packet, between where it is made and where it ends.
struct Tlp {
    TlpType type = TlpType::memory_read;
    bool type_1 = false;  ///< of configuration requests: for a bus further down
    bool poisoned = false;
    Attributes attributes;
    CompletionStatus status = CompletionStatus::success;
    std::uint16_t tag = 0;
    RoutingId requester = 0;
    RoutingId target = 0;          ///< of configuration requests; of completions, the completer
    std::uint64_t address = 0;     ///< of completions: of their first byte
    std::uint32_t bytes = 0;       ///< carried or asked for
    std::uint32_t byte_count = 0;  ///< of completions: what the request has left, these included
    std::uint8_t message_code = 0;

    // The simulation's own.
    TransactionPtr transaction;  ///< that a request belongs to
    std::uint64_t offset = 0;    ///< of the first byte in the transaction's data
    std::uint64_t stamp = 0;     ///< order of arrival in a queue
    Picoseconds tail_ready = 0;  ///< when its last byte is there to be sent on
    std::uint32_t link_epoch = 0;
    bool holds_buffer = false;  ///< of the receiver behind whose port it lies

    FlowClass flow() const { return flow_class(type); }
    bool has_data() const {
        return type == TlpType::memory_write || type == TlpType::configuration_write ||
               type == TlpType::completion_with_data;
    }
    /// Null: there is none, or it does not matter.
    std::uint8_t* data() const { return transaction == nullptr ? nullptr : transaction->data_at(offset); }
    std::uint64_t payload_bytes() const { return has_data() ? double_word_bytes(address, bytes) : 0; }
};
using TlpPtr = std::unique_ptr<Tlp>;

/// When a TLP gets to the other end of a link.
struct Arrival {
    Picoseconds head;  ///< the header is there
    Picoseconds tail;  ///< all of it is
};

/// True if `later` may go ahead of `earlier`, which came before it by the same way (PCIe Base Specification 2.4.1,
/// table "Ordering Rules Summary"; where the table leaves a choice, what this platform does).
bool may_pass(const Tlp& later, const Tlp& earlier);

}  // namespace aqpim::pcie
