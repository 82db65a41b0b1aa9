#pragma once

#include <cstdint>

/// Fields of CSRs, by their bits (Privileged 1.12).
namespace aqpim::csr_fields {

// mstatus and sstatus (3.1.6, 4.1.1)
constexpr std::uint64_t status_sie = 1u << 1;
constexpr std::uint64_t status_mie = 1u << 3;
constexpr std::uint64_t status_spie = 1u << 5;
constexpr std::uint64_t status_mpie = 1u << 7;
constexpr std::uint64_t status_spp = 1u << 8;
constexpr unsigned status_mpp_shift = 11;
constexpr std::uint64_t status_mpp = 3u << status_mpp_shift;
constexpr std::uint64_t status_fs = 3u << 13;
constexpr std::uint64_t status_mprv = 1u << 17;
constexpr std::uint64_t status_sum = 1u << 18;
constexpr std::uint64_t status_mxr = 1u << 19;
constexpr std::uint64_t status_tvm = 1u << 20;
constexpr std::uint64_t status_tw = 1u << 21;
constexpr std::uint64_t status_tsr = 1u << 22;
constexpr std::uint64_t status_uxl_64 = std::uint64_t{2} << 32;
constexpr std::uint64_t status_sxl_64 = std::uint64_t{2} << 34;
constexpr std::uint64_t status_sd = std::uint64_t{1} << 63;

// Interrupts' numbers, which are also their bits in mie, mip and mideleg (table 3.6)
constexpr unsigned supervisor_software = 1;
constexpr unsigned machine_software = 3;
constexpr unsigned supervisor_timer = 5;
constexpr unsigned machine_timer = 7;
constexpr unsigned supervisor_external = 9;
constexpr unsigned machine_external = 11;

constexpr std::uint64_t bit(unsigned number) {
    return std::uint64_t{1} << number;
}
constexpr std::uint64_t supervisor_interrupts =
    bit(supervisor_software) | bit(supervisor_timer) | bit(supervisor_external);
constexpr std::uint64_t machine_interrupts = bit(machine_software) | bit(machine_timer) | bit(machine_external);

// mtvec and stvec (3.1.7)
constexpr std::uint64_t vector_mode = 3;
constexpr std::uint64_t vectored = 1;

// satp (4.1.11)
constexpr unsigned satp_mode_shift = 60;
constexpr std::uint64_t satp_bare = 0;
constexpr std::uint64_t satp_sv39 = 8;
constexpr unsigned satp_asid_shift = 44;
constexpr std::uint64_t satp_page = (std::uint64_t{1} << satp_asid_shift) - 1;

// Numbers of registers with rules of their own
constexpr unsigned satp_number = 0x180;
constexpr unsigned mip_number = 0x344;

}  // namespace aqpim::csr_fields
