#pragma once

#include <systemc>
#include <tlm>

#include <cstdint>
#include <functional>

namespace aqpim {

/// A device's way out: one access to a PCIe bus address, from a thread process. Adds the transaction's time, or what is
/// left of it, to `delay`: a bus in detail waits.
using BusMaster = std::function<tlm::tlm_response_status(tlm::tlm_command command, std::uint64_t address, void* data,
                                                         std::uint32_t bytes, sc_core::sc_time& delay)>;

/// Raises one of a device's MSI-X vectors; adds the time until the message has been sent to `delay`.
using RaiseInterrupt = std::function<void(unsigned vector, sc_core::sc_time& delay)>;

}  // namespace aqpim
