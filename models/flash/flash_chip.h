#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace aqpim {

/// A NOR flash chip of 16 MiB with 16 data lines: 128 blocks of 128 KiB, erased to ones. It describes itself by the
/// Common Flash Interface (JEDEC JESD68.01) and obeys the Intel command set, 0001h, as Intel's 28F128J3 (StrataFlash,
/// data sheet 290667) does. Commands stand in the lower byte of what is written; `BA` is any address in the block:
///
///     FFh           read array
///     70h, 50h      read the status register; clear its errors
///     90h           read identifier: 0 manufacturer 0089h, 1 device 0018h, 2 of a block: lock bit, always 0
///     98h           CFI query: "QRY" from address 10h, extended table from 31h
///     40h or 10h    program a word: then address and data; a program clears bits, and never sets one
///     E8h to BA     write to buffer: then to BA the number of words - 1 (15 at most), address and data of each, all in
///                   this block, D0h to BA
///     20h to BA     erase the block: then D0h to BA
///     60h to BA     lock bits: then 01h or D0h; without effect
///
/// Anything else is ignored. From the first write of a command of several, the chip reads as its status register: 7
/// ready, always, as the work is done at once; 5 and 4 command sequence error.
class FlashChip {
 public:
    static constexpr std::uint32_t words = 8 << 20;
    static constexpr std::uint32_t block_words = 64 << 10;

    /// One cycle of the chip's bus, with an address below `words`.
    std::uint16_t read(std::uint32_t address) const;
    void write(std::uint32_t address, std::uint16_t value);
    /// Back to read array, without errors; the contents stay.
    void reset();

    /// The contents, past the commands.
    std::uint16_t cell(std::uint32_t address) const;
    void set_cell(std::uint32_t address, std::uint16_t value);
    /// Blocks that take memory: those written to since they were erased.
    std::size_t blocks_in_use() const { return blocks_.size(); }

 private:
    enum class Mode { array, status, identifier, query };
    /// What the next write is.
    enum class Step { command, program_data, buffer_count, buffer_data, buffer_confirm, erase_confirm, lock_confirm };

    void start(std::uint32_t address, std::uint8_t command);
    void begin(Step step);
    void load_count(std::uint8_t last);
    void load_word(std::uint32_t address, std::uint16_t value);
    void program(std::uint32_t address, std::uint16_t value);
    void program_buffer(std::uint8_t confirmation);
    void erase(std::uint32_t address, std::uint8_t confirmation);
    void lock(std::uint8_t confirmation);

    Mode mode_ = Mode::array;
    Step step_ = Step::command;
    std::uint16_t errors_ = 0;  // of the status register
    std::uint32_t buffer_block_ = 0;
    std::size_t buffer_expected_ = 0;
    std::vector<std::pair<std::uint32_t, std::uint16_t>> buffer_;  // address, data
    std::unordered_map<std::uint32_t, std::vector<std::uint16_t>> blocks_;
};

}  // namespace aqpim
