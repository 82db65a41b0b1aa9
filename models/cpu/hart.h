#pragma once

#include <systemc>
#include <tlm>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/cpu/csr_file.h"
#include "models/cpu/decode_cache.h"
#include "models/cpu/decoder.h"
#include "models/cpu/direct_memory.h"
#include "models/cpu/hart_parameters.h"

namespace aqpim {

/// A RISC-V hart: RV64IM(A)C, Zicsr, Zifencei, Zicntr, machine mode only (Unprivileged ISA 20191213, Privileged 1.12).
///
/// - Memory is physical. Fetch, load and store use host pointers where the bus grants them and transactions elsewhere.
///   Misaligned loads and stores work in granted memory; elsewhere they trap, as misaligned LR, SC and AMO always do.
/// - An access that the bus answers with an error is an access fault with mtval = its address. Illegal instructions
///   leave their encoding in mtval, ebreak its address.
/// - An instruction begins at a tick of the hart's clock and sees everything that happened up to then. Neither the
///   quantum nor host pointers change that: the hart runs alone only until the next event of the kernel.
/// - `time` is read from set_time_source; without one it is no CSR, as on cores that leave it to firmware.
/// - fence.i and stores of this hart make new code visible; what others write needs the fence.i.
/// - If the first instruction of an exception's handler raises an exception again, the hart has locked up and stops.
class Hart : public sc_core::sc_module {
 public:
    InitiatorSocket<Hart> socket;
    sc_core::sc_in<bool> software_interrupt;  ///< mip.MSIP
    sc_core::sc_in<bool> timer_interrupt;     ///< mip.MTIP
    sc_core::sc_in<bool> external_interrupt;  ///< mip.MEIP

    /// Records on track "host.hart<hart_id>". Throws InputError for an instruction set that the hart cannot have.
    Hart(sc_core::sc_module_name name, const HartParameters& parameters, Picoseconds quantum_ps, unsigned hart_id,
         Recorder& recorder);

    /// Out of reset at time 0, with registers a0 and a1 given; a hart that is not started does nothing.
    void start(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1);
    /// What the CSR `time` reads; called at the exact time of the access.
    void set_time_source(std::function<std::uint64_t()> source);
    /// Called once when the hart has locked up.
    std::function<void()> on_lock_up;

    /// Close the last slice in the recorder, at the end of the simulation.
    void finish();

    struct Trap {
        std::uint64_t cause;  ///< as in mcause
        std::uint64_t pc;
        std::uint64_t value;  ///< as in mtval
        Picoseconds time_ps;
    };
    /// The last exception other than ecall and ebreak; after a lock-up the one whose handler could not run.
    const std::optional<Trap>& last_exception() const { return last_exception_; }
    std::uint64_t instructions() const { return instructions_; }  ///< retired
    std::uint64_t bus_errors() const { return bus_errors_; }
    std::uint64_t pc() const { return pc_; }  ///< of the instruction in execution, or the next one
    std::uint64_t reg(unsigned index) const { return x_.at(index); }
    bool is_waiting() const { return waiting_; }  ///< asleep in wfi
    bool locked_up() const { return locked_up_; }

 private:
    enum class CsrAction { swap, set, clear };
    enum class Access { fetch, load, store };
    struct Reservation {
        std::uint64_t address;
        unsigned bytes;
        std::uint64_t value;
    };

    // Time (hart.cpp)
    void run();
    void synchronise();
    void begin_slice();
    void sample_interrupts();
    void wait_for_interrupt();
    void record(std::string_view name, Activity activity, Picoseconds end_ps);

    // Execution (hart_execute.cpp)
    const Instruction* fetch();
    void execute();
    void add_counters();
    void csr_instruction(const Instruction& instruction, CsrAction action, std::uint64_t operand);

    // Memory (hart_memory.cpp). False: an exception has been raised.
    bool fetch_encoding(std::uint32_t& encoding);
    bool read(Access access, std::uint64_t address, void* data, unsigned bytes);
    bool write(std::uint64_t address, const void* data, unsigned bytes);
    bool transact(Access access, tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes);
    bool is_aligned(Access access, std::uint64_t address, unsigned bytes);
    template <class T>
    void load_reserved(const Instruction& instruction);
    template <class T>
    void store_conditional(const Instruction& instruction);
    template <class T, class Operator>
    void atomic(const Instruction& instruction, Operator operate);
    void invalidate_direct_memory(sc_dt::uint64 start, sc_dt::uint64 end);

    // Traps (hart_trap.cpp)
    void raise(Cause cause, std::uint64_t value);
    void take_interrupt();
    void take_exception();

    const Clock clock_;
    const Picoseconds quantum_ps_;
    const Ticks taken_branch_penalty_;
    const Ticks trap_cycles_;
    Recorder& recorder_;
    const TrackId track_;

    // Architectural state
    std::array<std::uint64_t, 33> x_{};  ///< the last takes what is written to x0
    std::uint64_t pc_ = 0;
    CsrFile csrs_;
    std::optional<Reservation> reservation_;
    std::uint64_t instructions_ = 0;
    std::uint64_t cycle_offset_ = 0;        ///< mcycle minus tick_
    std::uint64_t instruction_offset_ = 0;  ///< minstret minus instructions_

    // Local time
    Ticks tick_ = 0;   ///< when the next instruction begins
    Ticks limit_ = 0;  ///< the slice ends with the first instruction at or after this; 0 ends it now
    Picoseconds slice_start_ps_ = 0;

    std::optional<Trap> exception_;  ///< raised by the instruction in execution
    std::optional<Trap> last_exception_;
    std::optional<std::uint64_t> last_entry_;  ///< instructions_ at the last exception
    std::uint64_t bus_errors_ = 0;
    bool started_ = false;
    bool waiting_ = false;
    bool locked_up_ = false;

    const Decoder decoder_;
    DecodeCache decoded_;
    DirectMemory memory_;
    bool decoded_is_stale_ = false;
};

}  // namespace aqpim
