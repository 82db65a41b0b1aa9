#pragma once

#include <tlm>

#include <cstdint>

#include "models/common/sockets.h"
#include "models/pcie/tlp_extension.h"

namespace aqpim {

/// Carries out a memory read of many requests, in fast fidelity, as a completer does that answers the first one while
/// it still reads for the others: `access(payload, delay)` reads for the first request, then for all others. `delay` is
/// then that of the first data, and the last data follows `tail_lag` later.
template <class Access>
void read_ahead(tlm::tlm_generic_payload& payload, TlpExtension& tlp, sc_core::sc_time& delay,
                std::uint64_t max_read_request, Access access) {
    const std::uint64_t address = payload.get_address();
    std::uint8_t* const data = payload.get_data_ptr();
    const unsigned bytes = payload.get_data_length();
    const auto first = static_cast<unsigned>(request_piece(address, bytes, max_read_request));
    sc_core::sc_time last_delay = delay;
    const auto read = [&](unsigned from, unsigned length, sc_core::sc_time& done) {
        payload.set_address(address + from);
        payload.set_data_ptr(data + from);
        payload.set_data_length(length);
        payload.set_streaming_width(length);
        access(payload, done);
    };
    read(0, first, delay);
    if (first < bytes && payload.is_response_ok()) {
        payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
        read(first, bytes - first, last_delay);
        tlp.tail_lag = last_delay > delay ? to_ps(last_delay - delay) : 0;
    }
    payload.set_address(address);
    payload.set_data_ptr(data);
    payload.set_data_length(bytes);
    payload.set_streaming_width(bytes);
}

}  // namespace aqpim
