#include "models/msi_frame/msi_frame.h"

#include "aqpim/memory_map.h"

namespace aqpim {

namespace {
constexpr unsigned message_bytes = 4;
}

MsiFrame::MsiFrame(sc_core::sc_module_name name) : sc_module(name) {
    registers_.add("message", 0x0, message_bytes, {},
                   [this](std::uint64_t value, const sc_core::sc_time& delay) { accept(value, delay); });
    socket.register_b_transport(this, &MsiFrame::b_transport);

    SC_HAS_PROCESS(MsiFrame);
    SC_METHOD(deliver);
    sensitive << arrival_;
    dont_initialize();
}

MsiFrame::~MsiFrame() = default;

void MsiFrame::reset() {
    on_their_way_.clear();
    arrival_.cancel();
}

void MsiFrame::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    if (transaction.get_data_length() != message_bytes) {
        transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return;
    }
    registers_.transport(transaction, delay);
}

void MsiFrame::accept(std::uint64_t message, const sc_core::sc_time& delay) {
    if (message < AQPIM_IRQ_MSI_FIRST || message >= AQPIM_IRQ_MSI_FIRST + AQPIM_IRQ_MSI_COUNT) {
        ++bad_messages_;
        return;
    }
    on_their_way_.emplace(local_time_ps(delay), static_cast<unsigned>(message));
    arrival_.notify(delay);
}

void MsiFrame::deliver() {
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    while (!on_their_way_.empty() && on_their_way_.begin()->first <= now) {
        interrupts->pulse(on_their_way_.begin()->second);
        on_their_way_.erase(on_their_way_.begin());
    }
    if (!on_their_way_.empty()) {
        arrival_.notify(from_ps(on_their_way_.begin()->first - now));
    }
}

}  // namespace aqpim
