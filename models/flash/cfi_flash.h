#pragma once

#include <array>
#include <cstdint>

#include "models/common/sockets.h"
#include "models/flash/flash_chip.h"

namespace aqpim {

/// What one cycle of a chip's bus carries of an access.
struct DataLines {
    unsigned char* data;
    unsigned first;  ///< byte of the chip's word
    unsigned bytes;
};

/// A bank of NOR flash, 32 MiB at 32 data lines, as QEMU's `virt` machine has two: two chips side by side, which see
/// the same addresses. Chip 0 has the lower half of each word of four bytes, chip 1 the upper one. What commands there
/// are, the chip's header tells (`FlashChip`); a word written gives one to either chip.
///
/// Reads may have any length and place. Writes are of whole words, aligned; a bank of 32 lines has no use for others,
/// and they have no effect. So a driver that tries narrower ports first, as U-Boot's does, finds the right one. Each
/// half word is a cycle of one chip, in rising order. The bank has no latency of its own beside the bus's, and programs
/// and erases in no time. There is no DMI, as commands change what is read. Debug accesses reach the contents, whatever
/// mode the chips are in. The contents last as long as the simulation; an erased block takes no memory.
class CfiFlash : public sc_core::sc_module {
 public:
    static constexpr std::uint64_t size = 2 * std::uint64_t{FlashChip::words} * sizeof(std::uint16_t);

    TargetSocket<CfiFlash> socket{"socket"};

    explicit CfiFlash(sc_core::sc_module_name name);
    ~CfiFlash() override;

    /// Both chips read their contents again, which stay.
    void reset();

    std::size_t blocks_in_use() const { return chips_[0].blocks_in_use() + chips_[1].blocks_in_use(); }

 private:
    void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& transaction);

    /// Calls `cycle(chip, address, lines)` for each of the chips' words that the first `length` bytes of `transaction`
    /// touch.
    template <class Cycle>
    void for_each_cycle(const tlm::tlm_generic_payload& transaction, unsigned length, Cycle cycle);

    std::array<FlashChip, 2> chips_;
};

}  // namespace aqpim
