#pragma once

#include "models/pcie/aer.h"
#include "tests/pcie/tree.h"

namespace aqpim {

/// What software does with registers of a function, through ECAM.
class FunctionRegisters {
 public:
    FunctionRegisters(TestHost& host, RoutingId id) : host_(host), id_(id) {}

    std::uint32_t read(unsigned offset, unsigned bytes = 4) { return host_.config_read(id_, offset, bytes); }
    void write(unsigned offset, std::uint32_t value, unsigned bytes = 4) {
        host_.config_write(id_, offset, value, bytes);
    }
    /// Offset of a capability, 0 if there is none.
    unsigned capability(unsigned id);
    unsigned extended_capability(unsigned id);
    unsigned pcie(unsigned offset) { return capability(0x10) + offset; }
    unsigned aer(unsigned offset) { return extended_capability(0x0001) + offset; }

    bool has_reported(UncorrectableError error) {
        return (read(aer(aer_register::uncorrectable_status)) >> static_cast<unsigned>(error) & 1) != 0;
    }
    HeaderLog header_log();
    /// Error reporting by messages, of all kinds.
    void enable_error_messages();

 private:
    TestHost& host_;
    RoutingId id_;
};

/// Time since `begin`, for a caller that is `delay` ahead.
inline Picoseconds since(const sc_core::sc_time& begin, const sc_core::sc_time& delay = sc_core::SC_ZERO_TIME) {
    return to_ps(sc_core::sc_time_stamp() + delay - begin);
}

}  // namespace aqpim
