#pragma once

#include <systemc>

namespace aqpim {

/// sc_start. SystemC's coroutines leave AddressSanitizer without the bounds of the main stack, so that it would take
/// what exceptions have unwound for overflows; with it, they are told again.
void run_kernel(const sc_core::sc_time& duration, sc_core::sc_starvation_policy policy = sc_core::SC_RUN_TO_TIME);

}  // namespace aqpim
