#include "models/pcie/msix.h"

#include <algorithm>
#include <utility>

#include "aqpim/pci_ids.h"

namespace aqpim {

namespace {
constexpr unsigned entry_bytes = 16;
constexpr unsigned pending_per_register = 64;
constexpr std::uint64_t control_and_data_bits = 0x1'ffff'ffff;
}  // namespace

Msix::Msix(const EndpointConfig& config, unsigned vectors, Send send)
    : config_(config), send_(std::move(send)), vectors_(vectors) {
    registers_.add_array(
        "message_address", AQPIM_MSIX_TABLE_OFFSET, 8, vectors, entry_bytes,
        [this](unsigned v) { return vectors_[v].address; },
        [this](unsigned v, std::uint64_t value, const sc_core::sc_time&) { vectors_[v].address = value & ~0x3ull; });
    registers_.add_array(
        "message_data_and_vector_control", AQPIM_MSIX_TABLE_OFFSET + 8, 8, vectors, entry_bytes,
        [this](unsigned v) { return vectors_[v].data_and_control; },
        [this](unsigned v, std::uint64_t value, const sc_core::sc_time& delay) {
            write_data_and_control(v, value, delay);
        });
    const unsigned pending_registers = (vectors + pending_per_register - 1) / pending_per_register;
    registers_.add_array("pending_bits", AQPIM_MSIX_PBA_OFFSET, 8, pending_registers, 8,
                         [this](unsigned i) { return pending_bits(i * pending_per_register); });
}

void Msix::raise(unsigned vector, sc_core::sc_time& delay) {
    if (vector >= vectors_.size() || !config_.msix_enabled()) {
        return;
    }
    vectors_[vector].pending = true;
    send_if_allowed(vectors_[vector], delay);
}

void Msix::transport(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay) {
    registers_.transport(payload, delay);
}

void Msix::write_data_and_control(unsigned vector, std::uint64_t value, const sc_core::sc_time& delay) {
    vectors_[vector].data_and_control = value & control_and_data_bits;
    send_pending(delay);
}

void Msix::reset() {
    std::fill(vectors_.begin(), vectors_.end(), Vector{});
}

std::uint64_t Msix::pending_bits(unsigned first) const {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < pending_per_register && first + i < vectors_.size(); ++i) {
        bits |= std::uint64_t{vectors_[first + i].pending} << i;
    }
    return bits;
}

void Msix::send_pending(sc_core::sc_time delay) {
    for (Vector& vector : vectors_) {
        send_if_allowed(vector, delay);
    }
}

void Msix::send_if_allowed(Vector& vector, sc_core::sc_time& delay) {
    const bool allowed = config_.msix_enabled() && !config_.msix_function_masked() && config_.bus_master_enabled();
    if (!vector.pending || vector.masked() || !allowed) {
        return;
    }
    vector.pending = false;
    send_(vector.address, static_cast<std::uint32_t>(vector.data_and_control), delay);
}

}  // namespace aqpim
