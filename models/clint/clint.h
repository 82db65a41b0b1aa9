#pragma once

#include <cstdint>
#include <vector>

#include "aqpim/memory_map.h"
#include "models/common/register_file.h"
#include "models/common/sockets.h"

namespace aqpim {

/// Core-local interruptor: software and timer interrupts of each hart, in SiFive's layout as on QEMU's `virt` machine
/// (RISC-V ACLINT specification, MSWI and MTIMER).
///
///     0x0000 + 4 * hart  RW 4  msip      bit 0: the hart's software interrupt
///     0x4000 + 8 * hart  RW 8  mtimecmp  the timer interrupt is on while mtime >= mtimecmp; all ones at reset
///     0xbff8             RW 8  mtime     counts AQPIM_TIMEBASE_HZ of simulated time, from zero
///
/// The 8-byte registers may be accessed by halves. Nothing ticks: mtime is worked out from simulated time, and one
/// event stands at the picosecond at which the next timer interrupt is due. A register's state changes when it is
/// written, the interrupt lines follow at the access's annotated time.
class Clint : public sc_core::sc_module {
 public:
    static constexpr Picoseconds tick_ps = 1'000'000'000'000 / AQPIM_TIMEBASE_HZ;
    static_assert(tick_ps * AQPIM_TIMEBASE_HZ == 1'000'000'000'000, "mtime ticks on whole picoseconds");

    TargetSocket<Clint> socket{"socket"};
    sc_core::sc_vector<sc_core::sc_out<bool>> software_interrupt;
    sc_core::sc_vector<sc_core::sc_out<bool>> timer_interrupt;

    Clint(sc_core::sc_module_name name, unsigned harts);
    ~Clint() override;

    /// mtime at the simulated time `at`, for the hart's `time` CSR. `at` may lie ahead of the kernel's time.
    std::uint64_t time(const sc_core::sc_time& at) const { return to_ps(at) / tick_ps + offset_; }

    /// Registers as at power-on: mtime counts from zero again.
    void reset();

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
    void drive_interrupts();
    /// Notifies `update_` when mtime will be `ticks` further on than now, if simulated time goes that far.
    void notify_after(std::uint64_t ticks);

    RegisterFile registers_;
    sc_core::sc_event update_;
    sc_core::sc_time access_time_;  // of the transaction that is being served
    std::uint64_t offset_ = 0;      // of mtime from simulated time, modulo 2^64
    std::vector<std::uint32_t> msip_;
    std::vector<std::uint64_t> mtimecmp_;
};

}  // namespace aqpim
