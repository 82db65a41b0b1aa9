#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

extern "C" {
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_registers.h"
}

/// A function's 4 KiB of registers, as words: which bits software may write, and which a one clears.
struct FakeFunction {
    struct Word {
        std::uint32_t value = 0;
        std::uint32_t writable = 0;
        std::uint32_t clears = 0;
        std::uint32_t at_reset = 0;
    };

    unsigned device = 0;
    unsigned number = 0;
    std::map<unsigned, Word> words;
    std::vector<std::unique_ptr<FakeFunction>> below;
    std::map<std::uint64_t, std::uint32_t> memory;  ///< by address, what was written behind the BARs

    bool is_bridge = false;
    bool has_link = false;
    bool link_up = true;
    std::uint64_t up_at_ns = 0;      ///< when a link that is on its way up gets there
    std::uint64_t absent_until = 0;  ///< answers nothing before
    unsigned pending_reads = 0;      ///< "transactions pending" is seen this often
    unsigned resets = 0;
    std::vector<std::uint32_t> resets_with_master;  ///< the command register at each function-level reset

    void set(unsigned offset, std::uint32_t value, std::uint32_t writable = 0, std::uint32_t clears = 0);
    std::uint32_t& at(unsigned offset) { return words[offset].value; }
    void reset();
};

/// Stands in for everything behind the SDK's register accesses: an ECAM with a tree of functions, their memory, and the
/// clock. One at a time.
class FakePci {
 public:
    FakePci();
    ~FakePci();

    static constexpr std::uint64_t ecam = 0x30000000;
    static constexpr std::uint64_t memory32 = 0x40000000;
    static constexpr std::uint64_t memory64 = 0x400000000;

    // Offsets at which add_*() put the capabilities.
    static constexpr unsigned power = 0x40;
    static constexpr unsigned express = 0x48;
    static constexpr unsigned msix = 0x90;
    static constexpr unsigned aer = 0x100;
    static constexpr unsigned serial = 0x150;
    static constexpr unsigned acs = 0x160;
    static constexpr unsigned resize = 0x170;

    FakeFunction& add_bridge(FakeFunction* above, unsigned device, std::uint32_t port_type);
    /// A device with a 64-bit prefetchable BAR0/1 of `memory_bytes`, resizable up to four times that, and 4 KiB in BAR2
    /// with an MSI-X table of four vectors.
    FakeFunction& add_endpoint(FakeFunction& above, unsigned number, std::uint64_t memory_bytes);
    static void set_size(FakeFunction& function, unsigned bar, std::uint64_t bytes, bool wide);

    std::uint32_t read(std::uint64_t address);
    void write(std::uint64_t address, std::uint32_t value);
    void wait(std::uint64_t ns) { now_ns += ns; }

    struct aqpim_board board {};
    std::uint64_t now_ns = 0;
    std::uint64_t link_training_ns = 50000;
    std::uint64_t reset_recovery_ns = 0;  ///< how long a function is absent after a reset
    unsigned reads = 0;

    static FakePci* current;

 private:
    FakeFunction* find(std::uint64_t address);
    FakeFunction* find_on(FakeFunction* bridge, unsigned bus, unsigned device, unsigned number);
    /// The function that has memory at this address, enabled.
    FakeFunction* owner(FakeFunction& bridge, std::uint64_t address);
    void update_link(FakeFunction& bridge);
    void change_link(FakeFunction& bridge);
    void reset_below(FakeFunction& bridge);
    void act(FakeFunction& function, unsigned offset, std::uint32_t before, std::uint32_t given);

    FakeFunction root_;  ///< the host's bus 0
};
