#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "models/cpu/debug.h"

namespace aqpim::test {

/// Memory of a few KiB that fake harts share.
struct FakeMemory {
    static constexpr std::uint64_t base = 0x80000000;

    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);

    /// Null: not all of it is there.
    std::uint8_t* at(std::uint64_t address, std::uint64_t length);
};

/// A hart with the registers of its ISA, mscratch (340), mepc (341), and mhartid (f14), which is read-only. It executes
/// three instructions, addi a1, a1, 1; sd a1, 0(a0); jal; and passes over all else.
class FakeHart : public DebugTarget {
 public:
    static constexpr unsigned mscratch = first_csr_number + 0x340;
    static constexpr unsigned mhartid = first_csr_number + 0xf14;

    static constexpr std::uint32_t addi_a1 = 0x00158593;
    static constexpr std::uint32_t sd_a1_at_a0 = 0x00b53023;
    static constexpr std::uint32_t jump_8_back = 0xff9ff06f;

    FakeHart(const char* isa, std::uint64_t id, FakeMemory& memory);

    const Isa& isa() const override { return isa_; }
    std::optional<std::uint64_t> read_register(unsigned number) override;
    bool write_register(unsigned number, std::uint64_t value) override;
    bool read_memory(std::uint64_t address, void* data, std::size_t bytes) override;
    bool write_memory(std::uint64_t address, const void* data, std::size_t bytes) override;
    void add_breakpoint(std::uint64_t address) override { breakpoints.insert(address); }
    void remove_breakpoint(std::uint64_t address) override;
    void add_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) override;
    void remove_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) override;
    void step() override { stepping = true; }
    void hold(bool hold) override { held = hold; }

    /// Execute one instruction if not held. Returns why the hart stops before or after it.
    std::optional<Stop> execute();

    std::map<unsigned, std::uint64_t> registers;
    std::multiset<std::uint64_t> breakpoints;
    std::multiset<std::tuple<WatchKind, std::uint64_t, std::uint64_t>> watchpoints;
    bool stepping = false;
    bool held = false;

 private:
    std::optional<Stop> store(std::uint64_t address, std::uint64_t value);

    Isa isa_;
    FakeMemory& memory_;
    std::optional<std::uint64_t> passed_breakpoint_;  ///< it has stopped there
};

}  // namespace aqpim::test
