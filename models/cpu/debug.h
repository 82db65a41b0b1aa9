#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "models/cpu/isa.h"

namespace aqpim {

/// Why a hart stands still.
enum class StopReason {
    attached,          ///< before the first instruction
    interrupted,       ///< the debugger asked for it
    stepped,           ///< the one instruction is done
    breakpoint,        ///< before the instruction at `address`
    write_watchpoint,  ///< after the instruction that wrote to `address`
    read_watchpoint,
    access_watchpoint,
};

struct Stop {
    StopReason reason = StopReason::attached;
    std::uint64_t address = 0;  ///< virtual; of a watched access, one that both the access and the watchpoint cover
};

enum class WatchKind { write, read, access };

/// One hart as a debugger sees it. To be called only while the simulation stands still; nothing here takes simulated
/// time.
class DebugTarget {
 public:
    /// Registers by GDB's numbers for RISC-V.
    static constexpr unsigned pc_number = 32;
    static constexpr unsigned first_float_number = 33;  ///< f0 to f31, to 64
    static constexpr unsigned first_csr_number = 65;    ///< the CSR's number is added, to 4160
    static constexpr unsigned privilege_number = 4161;  ///< 0, 1 or 3

    virtual ~DebugTarget() = default;

    virtual const Isa& isa() const = 0;
    /// Empty: no such register. A read has no side effects; CSRs are read whatever the privilege is.
    virtual std::optional<std::uint64_t> read_register(unsigned number) = 0;
    /// False: no such register, or it cannot be written.
    virtual bool write_register(unsigned number, std::uint64_t value) = 0;

    /// Virtual memory as the hart's data accesses would see it now, permissions aside. False: a part is not there.
    virtual bool read_memory(std::uint64_t address, void* data, std::size_t bytes) = 0;
    virtual bool write_memory(std::uint64_t address, const void* data, std::size_t bytes) = 0;

    virtual void add_breakpoint(std::uint64_t address) = 0;
    virtual void remove_breakpoint(std::uint64_t address) = 0;
    virtual void add_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) = 0;
    virtual void remove_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) = 0;

    /// When the simulation goes on, stop again after one instruction (or the trap it takes).
    virtual void step() = 0;
    /// While held, the hart executes nothing when the simulation goes on, wherever it waits: not the instruction either
    /// before which it has stopped.
    virtual void hold(bool held) = 0;
};

/// A debugger as the harts see it.
class Debugger {
 public:
    virtual ~Debugger() = default;

    /// A hart has stopped. The whole simulation stands still until this returns; then it goes on.
    virtual void stopped(unsigned hart, const Stop& stop) = 0;
    /// The user wants the simulation to stop. Asked often; the hart that sees it stops with StopReason::interrupted.
    virtual bool interrupt_requested() = 0;
};

}  // namespace aqpim
