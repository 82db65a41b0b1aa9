#pragma once

#include <systemc>
#include <tlm>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

#include "models/common/recorder.h"
#include "models/common/sockets.h"
#include "models/cpu/block_cache.h"
#include "models/cpu/coverage.h"
#include "models/cpu/csr_file.h"
#include "models/cpu/debug.h"
#include "models/cpu/decoder.h"
#include "models/cpu/direct_memory.h"
#include "models/cpu/disassembler.h"
#include "models/cpu/float/float_arithmetic.h"
#include "models/cpu/hart_group.h"
#include "models/cpu/hart_parameters.h"
#include "models/cpu/host_pages.h"
#include "models/cpu/sv39.h"

namespace aqpim {

/// A RISC-V hart: RV64I with M, A, F, D and C as configured, Zicsr, Zifencei, Zicntr; M, S and U mode, PMP, Sv39
/// (Unprivileged ISA 20191213, Privileged 1.12).
///
/// - Fetch, load and store use host pointers where the bus grants them and transactions elsewhere. Misaligned loads
///   and stores work in granted memory; elsewhere they trap, as misaligned LR, SC and AMO always do.
/// - An access that the bus answers with an error is an access fault with mtval = its virtual address. Illegal
///   instructions leave their encoding in mtval, ebreak its address.
/// - An instruction begins at a tick of the hart's clock. A hart that is alone awake sees everything that happened up
///   to then: it runs alone only until the next event of the kernel, so that neither the quantum nor host pointers
///   change a figure. Several awake harts run for one quantum each, or until their next transaction; within it they
///   see neither interrupts nor each other's progress.
/// - This hart's stores into code are seen by the next instruction; what others write needs the fence.i.
/// - `time` is read from set_time_source; without one it is no CSR, as on cores that leave it to firmware.
/// - If the first instruction of an exception's handler raises an exception again, the hart has locked up and stops.
class Hart : public sc_core::sc_module, public DebugTarget {
 public:
    InitiatorSocket<Hart> socket;
    sc_core::sc_in<bool> software_interrupt;             ///< mip.MSIP
    sc_core::sc_in<bool> timer_interrupt;                ///< mip.MTIP
    sc_core::sc_in<bool> external_interrupt;             ///< mip.MEIP
    sc_core::sc_in<bool> supervisor_external_interrupt;  ///< mip.SEIP

    /// Records on track "host.hart<hart_id>". Throws InputError for an instruction set that the hart cannot have.
    Hart(sc_core::sc_module_name name, const HartParameters& parameters, Picoseconds quantum_ps, unsigned hart_id,
         HartGroup& group, Recorder& recorder);
    ~Hart() override;

    /// Out of reset at time 0, with registers a0 to a2 given; a hart that is not started does nothing.
    void start(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2 = 0);
    /// The same at any time, from any process or between two runs of the kernel: takes effect before the next
    /// instruction.
    void reset(std::uint64_t pc, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2 = 0);
    /// A reset has been asked for and has not taken effect.
    bool in_reset() const { return reset_.has_value(); }

    /// What the CSR `time` reads at a time that may lie ahead of the kernel's.
    using TimeSource = std::function<std::uint64_t(const sc_core::sc_time&)>;
    void set_time_source(TimeSource source);
    /// Called once when the hart has locked up.
    std::function<void()> on_lock_up;
    /// `written` is called after each store of this hart to the aligned 8 bytes at `physical`, at its exact time.
    void watch_store(std::uint64_t physical, std::function<void()> written);
    /// A line in objdump's form before each instruction; null: no more. Slow.
    void trace_instructions(std::ostream* lines);
    /// Counts each instruction begun by its line of the table; null: no more. Slow.
    void count_instructions(InstructionCoverage* coverage);
    /// Null: none. The hart asks and tells it from now on.
    void set_debugger(Debugger* debugger);

    /// Close the last slice in the recorder, at the end of the simulation.
    void finish();

    struct Trap {
        std::uint64_t cause;  ///< as in mcause
        std::uint64_t pc;
        std::uint64_t value;  ///< as in mtval
        Picoseconds time_ps;
    };
    /// The last exception but ecalls, ebreak and page faults; after a lock-up the one whose handler could not run.
    const std::optional<Trap>& last_exception() const { return last_exception_; }
    std::uint64_t instructions() const { return instructions_; }  ///< retired
    std::uint64_t bus_errors() const { return bus_errors_; }
    std::uint64_t pc() const { return pc_; }  ///< of the instruction in execution, or the next one
    std::uint64_t reg(unsigned index) const { return x_.at(index); }
    Privilege privilege() const { return csrs_.privilege(); }
    bool is_waiting() const { return waiting_; }  ///< asleep in wfi
    bool locked_up() const { return locked_up_; }

    // DebugTarget
    const Isa& isa() const override { return decoder_.isa(); }
    std::optional<std::uint64_t> read_register(unsigned number) override;
    bool write_register(unsigned number, std::uint64_t value) override;
    bool read_memory(std::uint64_t address, void* data, std::size_t bytes) override;
    bool write_memory(std::uint64_t address, const void* data, std::size_t bytes) override;
    void add_breakpoint(std::uint64_t address) override;
    void remove_breakpoint(std::uint64_t address) override;
    void add_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) override;
    void remove_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) override;
    void step() override;
    void hold(bool held) override;

 private:
    enum class CsrAction { swap, set, clear };
    /// How an instruction that left the straight path came back.
    enum class Outcome {
        done,      ///< the next one may follow
        stopped,   ///< done, but time has passed or state has changed: look around first
        raised,    ///< an exception; nothing is written
        given_up,  ///< nothing is done yet, the slow way has to do it
    };
    /// Where execution goes on after a block.
    enum class Way {
        next,    ///< at the following address
        target,  ///< at its direct jump's target
        unknown,
    };
    /// An instruction about to be executed.
    struct Place {
        const Instruction* i = nullptr;
        Block* block = nullptr;
        std::uint64_t page_pc = 0;       ///< virtual address of its page
        Ticks tick = 0;                  ///< when its block began
        std::uint64_t instructions = 0;  ///< retired before its block
    };
    struct Start {
        std::uint64_t pc;
        std::uint64_t a0;
        std::uint64_t a1;
        std::uint64_t a2;
    };
    struct Reservation {
        std::uint64_t address;
        std::uint64_t physical;
        unsigned bytes;
        std::uint64_t value;  ///< read by LR
    };
    struct DataPages {
        HostPages read;
        HostPages write;
    };
    struct Watchpoint {
        WatchKind kind;
        std::uint64_t address;
        std::uint64_t bytes;
        bool operator==(const Watchpoint&) const = default;
    };

    // Time (hart.cpp)
    void run();
    void rest();
    void run_slice();
    void synchronise();
    void begin_slice();
    void sample_interrupts();
    void wait_for_interrupt();
    void come_out_of_reset();
    void record(std::string_view name, Activity activity, Picoseconds end_ps);

    // Code (hart_fetch.cpp). Null or false: an exception has been raised.
    Block* next_block();
    Block* find_block();
    Block* find_in_memory(std::uint64_t physical);
    Block* fetch_one();
    bool fetch(std::uint64_t address, void* data, unsigned bytes);
    Instruction decode(std::uint32_t encoding, std::uint64_t page_offset) const;
    void end(Block& block) const;
    Block decode_block(std::uint64_t offset, const std::uint8_t* page) const;
    std::uint32_t most_instructions(const Block& block) const;
    Block* cut(const Block& block, std::uint32_t count);
    void follow_mode();
    void translation_changed();

    // Execution (hart_execute.cpp)
    template <bool quick>
    struct Step;
    struct Code;
    void execute();
    void pair_up(Block& block) const;
    InstructionCode code_of(const Instruction& instruction) const;
    void go_on(const Place& place);
    void end_block(const Place& place, Way way, std::uint64_t next_pc);
    void begin_block(Block* block, std::uint64_t page_pc, Ticks tick, std::uint64_t instructions);
    void leave(std::uint64_t pc, Ticks tick, std::uint64_t instructions);
    void chain(Block* block, std::uint64_t page_pc, Ticks tick, std::uint64_t instructions, Way way);
    void leave_block(const Instruction& instruction, Outcome outcome, std::uint64_t next_pc);
    template <class Action>
    Outcome outside(const Instruction* i, const Block* block, std::uint64_t page_pc, Ticks tick,
                    std::uint64_t instructions, Action action);

    // Memory (hart_memory.cpp). False: an exception has been raised.
    bool locate(Access access, std::uint64_t address, unsigned bytes, std::uint64_t& physical);
    bool read(Access access, std::uint64_t address, void* data, unsigned bytes);
    bool write(std::uint64_t address, const void* data, unsigned bytes);
    bool read_across_pages(Access access, std::uint64_t address, void* data, unsigned bytes);
    bool write_across_pages(std::uint64_t address, const void* data, unsigned bytes);
    bool transact(Access access, tlm::tlm_command command, std::uint64_t address, std::uint64_t physical, void* data,
                  unsigned bytes);
    bool bus_access(tlm::tlm_command command, std::uint64_t physical, void* data, unsigned bytes);
    bool is_aligned(Access access, std::uint64_t address, unsigned bytes);
    void remember_page(Access access, std::uint64_t address, std::uint64_t physical);
    void stored(std::uint64_t physical, std::uint64_t bytes);
    void drop_pages();
    void drop_write_pages();
    bool walk_read(std::uint64_t physical, std::uint64_t& entry);
    bool walk_update(std::uint64_t physical, std::uint64_t entry);
    void invalidate_direct_memory(sc_dt::uint64 start, sc_dt::uint64 end);

    // Atomics (hart_atomic.h)
    template <class T>
    void load_reserved(const Instruction& instruction);
    template <class T>
    void store_conditional(const Instruction& instruction);
    template <class T, class Operator>
    void atomic(const Instruction& instruction, Operator operate);

    // System instructions and traps (hart_trap.cpp)
    void add_counters();
    void csr_instruction(const Instruction& instruction, CsrAction action, std::uint64_t operand);
    Cause environment_call() const;
    void raise(Cause cause, std::uint64_t value);
    void take_interrupt();
    void take_exception();

    // Debugging (hart_debug.cpp)
    void update_observation();
    bool stop_before_instruction();
    void stop_after_instruction();
    void tell_debugger(const Stop& stop);
    void watch(Access access, std::uint64_t address, unsigned bytes) {
        if (!watchpoints_.empty()) {
            check_watchpoints(access, address, bytes);
        }
    }
    void check_watchpoints(Access access, std::uint64_t address, unsigned bytes);
    bool find_for_debugger(std::uint64_t address, std::uint64_t& physical);
    bool debug_move(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t bytes);

    const unsigned id_;
    const Clock clock_;
    const Picoseconds quantum_ps_;
    const Ticks taken_branch_penalty_;
    const Ticks trap_cycles_;
    HartGroup& group_;
    const unsigned place_;  ///< in the group
    Recorder& recorder_;
    const TrackId track_;

    // Architectural state
    std::array<std::uint64_t, 33> x_{};  ///< the last takes what is written to x0
    std::array<std::uint64_t, 32> f_{};
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
    bool stop_ = false;  ///< the instruction in execution is the last before looking around

    std::optional<Trap> exception_;  ///< raised by the instruction in execution
    std::optional<Trap> last_exception_;
    std::optional<Trap> last_trap_;  ///< the last exception of any kind
    std::uint64_t bus_errors_ = 0;
    std::optional<Start> reset_;  ///< asked for
    sc_core::sc_event wake_;      ///< reset, or no longer held
    bool started_ = false;
    bool waiting_ = false;
    bool locked_up_ = false;
    bool held_ = false;

    // Code
    const Decoder decoder_;
    const std::uint64_t jump_alignment_;  ///< bits that are zero in a jump's target
    BlockCache blocks_;
    std::uint64_t code_version_ = 0;  ///< of the group, when blocks_ were last known to be right
    Place going_on_;                  ///< where execute() goes on; nowhere while instructions do so by themselves
    Ticks go_on_until_ = 0;           ///< blocks whose last instruction begins before this follow each other at once
    Block cut_;                       ///< a block of which not all is executed, or that cannot be kept

    // Memory
    DirectMemory memory_;
    const Sv39 sv39_;
    std::array<std::unique_ptr<DataPages>, 4> pages_by_mode_;  ///< by privilege of the access
    DataPages* pages_;                                         ///< of loads and stores now
    std::array<std::uint8_t, 8> loaded_{};                     ///< by a load that did not find its page there
    std::map<std::uint64_t, std::function<void()>> watched_stores_;

    // Observation
    Debugger* debugger_ = nullptr;
    std::ostream* trace_ = nullptr;
    InstructionCoverage* coverage_ = nullptr;
    Disassembler disassembler_;
    std::vector<std::uint64_t> breakpoints_;
    std::vector<Watchpoint> watchpoints_;
    std::optional<Stop> watch_hit_;
    std::optional<std::uint64_t> resumed_at_;  ///< a breakpoint here does not stop again at once
    bool stepping_ = false;
    bool one_at_a_time_ = false;  ///< an observer wants to see each instruction
    bool observed_ = false;       ///< blocks may have to be cut for an observer
};

}  // namespace aqpim
