#include "models/plic/plic.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace aqpim {

namespace {

constexpr std::uint64_t priority_base = 0x0;
constexpr std::uint64_t pending_base = 0x1000;
constexpr std::uint64_t enable_base = 0x2000;
constexpr std::uint64_t enable_stride = 0x80;
constexpr std::uint64_t threshold_base = 0x200000;
constexpr std::uint64_t claim_base = 0x200004;
constexpr std::uint64_t context_stride = 0x1000;
constexpr unsigned register_bytes = 4;

bool has_bit(const auto& words, unsigned source) {
    return (words[source / 32] >> (source % 32) & 1) != 0;
}

/// The context whose claim register stands at `offset`.
std::optional<unsigned> context_of_claim(std::uint64_t offset) {
    if (offset < claim_base || (offset - claim_base) % context_stride != 0) {
        return std::nullopt;
    }
    return static_cast<unsigned>((offset - claim_base) / context_stride);
}

}  // namespace

Plic::Plic(sc_core::sc_module_name name, unsigned harts)
    : sc_module(name),
      source("source", sources),
      external_interrupt("external_interrupt", harts * contexts_per_hart),
      contexts_(harts * contexts_per_hart) {
    registers_.add_array(
        "priority", priority_base + register_bytes, register_bytes, sources - 1, register_bytes,
        [this](unsigned index) { return gateways_[index + 1].priority; },
        [this](unsigned index, std::uint64_t value, const sc_core::sc_time&) {
            gateways_[index + 1].priority = value & highest_priority;
        });
    registers_.add_array("pending", pending_base, register_bytes, words, register_bytes,
                         [this](unsigned word) { return pending_word(word); });
    for (unsigned context = 0; context < contexts_.size(); ++context) {
        add_context_registers(context);
    }
    socket.register_b_transport(this, &Plic::b_transport);
    socket.register_transport_dbg(this, &Plic::transport_dbg);

    SC_HAS_PROCESS(Plic);
    SC_METHOD(drive_interrupts);
    sensitive << update_;
}

Plic::~Plic() = default;

void Plic::add_context_registers(unsigned context) {
    Context& state = contexts_[context];
    registers_.add_array(
        "enable", enable_base + enable_stride * context, register_bytes, words, register_bytes,
        [&state](unsigned word) { return state.enabled[word]; },
        [&state](unsigned word, std::uint64_t value, const sc_core::sc_time&) {
            state.enabled[word] = static_cast<std::uint32_t>(word == 0 ? value & ~std::uint64_t{1} : value);
        });
    registers_.add(
        "threshold", threshold_base + context_stride * context, register_bytes, [&state] { return state.threshold; },
        [&state](std::uint64_t value, const sc_core::sc_time&) { state.threshold = value & highest_priority; });
    registers_.add(
        "claim/complete", claim_base + context_stride * context, register_bytes,
        [this, &state] { return best_source(state); },
        [this, context](std::uint64_t value, const sc_core::sc_time&) { complete(context, value); });
}

void Plic::end_of_elaboration() {
    SC_HAS_PROCESS(Plic);
    SC_METHOD(sample_lines);
    sensitive << lines_have_settled_;
    for (Line& line : source) {
        if (line.size() != 0) {
            sensitive << line->value_changed_event();
        }
    }
}

void Plic::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    if (transaction.get_data_length() != register_bytes) {
        transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    registers_.transport(transaction, delay);
    if (!transaction.is_response_ok()) {
        return;
    }
    // Reading is free of side effects for transport_dbg's sake; the claim is made here.
    if (const auto context = context_of_claim(transaction.get_address()); context && transaction.is_read()) {
        claim(*context);
    }
    update_.notify(delay);
}

unsigned Plic::transport_dbg(tlm::tlm_generic_payload& transaction) {
    return registers_.debug_read(transaction);
}

void Plic::claim(unsigned context) {
    if (const unsigned number = best_source(contexts_[context]); number != 0) {
        gateways_[number].pending = false;
        gateways_[number].in_service = true;
    }
}

void Plic::complete(unsigned context, std::uint64_t number) {
    if (number >= sources || !has_bit(contexts_[context].enabled, static_cast<unsigned>(number))) {
        return;
    }
    Gateway& gateway = gateways_[number];
    if (gateway.in_service) {
        gateway.in_service = false;
        gateway.pending = gateway.edge_waits || is_high(static_cast<unsigned>(number));
        gateway.edge_waits = false;
    }
}

void Plic::pulse(unsigned number) {
    if (number == 0 || number >= sources) {
        throw std::out_of_range(fmt::format("the PLIC has no source {}", number));
    }
    Gateway& gateway = gateways_[number];
    (gateway.in_service ? gateway.edge_waits : gateway.pending) = true;
    update_.notify(sc_core::SC_ZERO_TIME);
}

void Plic::reset() {
    gateways_.fill({});
    std::fill(contexts_.begin(), contexts_.end(), Context{});
    update_.notify(sc_core::SC_ZERO_TIME);
    // The devices behind the lines are reset at the same time, and let go of them in the next delta cycles.
    lines_have_settled_.notify(from_ps(1));
}

void Plic::sample_lines() {
    for (unsigned number = 1; number < sources; ++number) {
        Gateway& gateway = gateways_[number];
        gateway.pending = gateway.pending || (!gateway.in_service && is_high(number));
    }
    update_.notify(sc_core::SC_ZERO_TIME);
}

void Plic::drive_interrupts() {
    for (unsigned context = 0; context < contexts_.size(); ++context) {
        Output& output = external_interrupt[context];
        const unsigned number = best_source(contexts_[context]);
        if (output.size() != 0) {
            output->write(number != 0 && gateways_[number].priority > contexts_[context].threshold);
        }
    }
}

unsigned Plic::best_source(const Context& context) const {
    unsigned best = 0;  // source 0 has priority 0 for good
    for (unsigned number = 1; number < sources; ++number) {
        const Gateway& candidate = gateways_[number];
        if (candidate.pending && has_bit(context.enabled, number) && candidate.priority > gateways_[best].priority) {
            best = number;
        }
    }
    return best;
}

std::uint32_t Plic::pending_word(unsigned word) const {
    std::uint32_t bits = 0;
    for (unsigned bit = 0; bit < 32 && word * 32 + bit < sources; ++bit) {
        bits |= static_cast<std::uint32_t>(gateways_[word * 32 + bit].pending) << bit;
    }
    return bits;
}

}  // namespace aqpim
