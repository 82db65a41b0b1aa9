#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include <algorithm>
#include <cstdint>

#include "models/common/clock.h"

namespace aqpim {

inline constexpr unsigned bus_width_bits = 64;

/// The platform's sockets. The simple target sockets answer `nb_transport` by calling the model's `b_transport`, so
/// that every model obeys the base protocol in both styles. A module that has them defines its destructor in
/// its .cpp, or every source that sees the module compiles its sockets again.
template <class Module>
using InitiatorSocket = tlm_utils::simple_initiator_socket<Module, bus_width_bits>;
template <class Module>
using TaggedInitiatorSocket = tlm_utils::simple_initiator_socket_tagged<Module, bus_width_bits>;
template <class Module>
using TargetSocket = tlm_utils::simple_target_socket<Module, bus_width_bits>;
template <class Module>
using TaggedTargetSocket = tlm_utils::simple_target_socket_tagged<Module, bus_width_bits>;

inline Picoseconds to_ps(const sc_core::sc_time& time) {
    static const std::uint64_t resolution_ps = [] { return sc_core::sc_time(1, sc_core::SC_PS).value(); }();
    return time.value() / resolution_ps;
}

inline sc_core::sc_time from_ps(Picoseconds ps) {
    return sc_core::sc_time::from_value(ps * sc_core::sc_time(1, sc_core::SC_PS).value());
}

/// Now, with the time that the initiator is ahead.
inline Picoseconds local_time_ps(const sc_core::sc_time& delay) {
    return to_ps(sc_core::sc_time_stamp() + delay);
}

/// One plain access through `socket`: returns the response status, and adds the transaction's time to `delay`.
template <class Socket>
tlm::tlm_response_status access(Socket& socket, tlm::tlm_command command, std::uint64_t address, void* data,
                                std::uint32_t bytes, sc_core::sc_time& delay) {
    tlm::tlm_generic_payload transaction;
    transaction.set_command(command);
    transaction.set_address(address);
    transaction.set_data_ptr(static_cast<unsigned char*>(data));
    transaction.set_data_length(bytes);
    transaction.set_streaming_width(bytes);
    socket->b_transport(transaction, delay);
    return transaction.get_response_status();
}

/// The same without time or side effects; true if all bytes were reached.
template <class Socket>
bool debug_access(Socket& socket, tlm::tlm_command command, std::uint64_t address, void* data, std::uint64_t bytes) {
    constexpr std::uint64_t most = std::uint64_t{1} << 30;  // a payload's length has 32 bits
    for (std::uint64_t done = 0; done < bytes; done += most) {
        const auto length = static_cast<unsigned>(std::min(most, bytes - done));
        tlm::tlm_generic_payload transaction;
        transaction.set_command(command);
        transaction.set_address(address + done);
        transaction.set_data_ptr(static_cast<unsigned char*>(data) + done);
        transaction.set_data_length(length);
        transaction.set_streaming_width(length);
        if (socket->transport_dbg(transaction) != length) {
            return false;
        }
    }
    return true;
}

/// True if `transaction` is a plain burst: no byte enables, no wrapping. Otherwise sets the fitting error response.
inline bool is_plain_burst(tlm::tlm_generic_payload& transaction) {
    if (transaction.get_byte_enable_ptr() != nullptr) {
        transaction.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return false;
    }
    if (transaction.get_streaming_width() < transaction.get_data_length() || transaction.get_data_length() == 0) {
        transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return false;
    }
    return true;
}

}  // namespace aqpim
