#pragma once

#include <cstdint>

namespace aqpim {

/// Privilege modes, as encoded in mstatus.MPP (Privileged 1.12, table 1.1).
enum class Privilege : std::uint8_t { user = 0, supervisor = 1, machine = 3 };

/// What memory is accessed for. A store-conditional or AMO is a store.
enum class Access : std::uint8_t { fetch, load, store };

/// Exceptions, as in mcause (Privileged 1.12, table 3.6).
enum class Cause : std::uint64_t {
    fetch_misaligned = 0,
    fetch_access_fault = 1,
    illegal_instruction = 2,
    breakpoint = 3,
    load_misaligned = 4,
    load_access_fault = 5,
    store_misaligned = 6,
    store_access_fault = 7,
    ecall_from_u = 8,
    ecall_from_s = 9,
    ecall_from_m = 11,
    fetch_page_fault = 12,
    load_page_fault = 13,
    store_page_fault = 15,
};

}  // namespace aqpim
