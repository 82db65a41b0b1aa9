#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/common/sockets.h"

namespace aqpim::test {

inline Picoseconds now_ps() {
    return to_ps(sc_core::sc_time_stamp());
}

/// Lets the simulation go on to `time_ps`, what happens then included.
inline void run_to(Picoseconds time_ps) {
    sc_core::sc_start(from_ps(time_ps) - sc_core::sc_time_stamp());
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

/// Lets delta cycles pass.
inline void settle() {
    for (int delta = 0; delta < 4; ++delta) {
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
}

/// Binds to a device's socket, or to the bus, in a hart's place.
class Initiator : public sc_core::sc_module {
 public:
    InitiatorSocket<Initiator> socket{"socket"};
    std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidations;

    explicit Initiator(sc_core::sc_module_name name) : sc_module(name) {
        socket.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate);
    }

    template <class T>
    tlm::tlm_response_status write(std::uint64_t address, T value, Picoseconds delay_ps = 0) {
        sc_core::sc_time delay = from_ps(delay_ps);
        return access(socket, tlm::TLM_WRITE_COMMAND, address, &value, sizeof value, delay);
    }

    template <class T>
    tlm::tlm_response_status try_read(std::uint64_t address, T& value, Picoseconds delay_ps = 0) {
        sc_core::sc_time delay = from_ps(delay_ps);
        return access(socket, tlm::TLM_READ_COMMAND, address, &value, sizeof value, delay);
    }

    template <class T>
    T read(std::uint64_t address, Picoseconds delay_ps = 0) {
        T value{};
        REQUIRE(try_read(address, value, delay_ps) == tlm::TLM_OK_RESPONSE);
        return value;
    }

    template <class T>
    unsigned debug(tlm::tlm_command command, std::uint64_t address, T& value) {
        tlm::tlm_generic_payload transaction;
        transaction.set_command(command);
        transaction.set_address(address);
        transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
        transaction.set_data_length(sizeof value);
        transaction.set_streaming_width(sizeof value);
        return socket->transport_dbg(transaction);
    }

 private:
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end) { invalidations.emplace_back(start, end); }
};

/// A wire, and when it changed.
class Wire : public sc_core::sc_module {
 public:
    sc_core::sc_signal<bool> signal{"signal"};
    std::vector<std::pair<Picoseconds, bool>> changes;

    explicit Wire(sc_core::sc_module_name name) : sc_module(name) {
        SC_HAS_PROCESS(Wire);
        SC_METHOD(note);
        sensitive << signal;
        dont_initialize();
    }
    bool is_high() const { return signal.read(); }

 private:
    void note() { changes.emplace_back(now_ps(), signal.read()); }
};

using Changes = std::vector<std::pair<Picoseconds, bool>>;

}  // namespace aqpim::test
