#include "models/flash/flash_chip.h"

#include <algorithm>
#include <array>

namespace aqpim {

namespace {

enum Command : std::uint8_t {
    lock_set = 0x01,
    program_alternate = 0x10,
    erase_setup = 0x20,
    program_setup = 0x40,
    clear_status = 0x50,
    lock_setup = 0x60,
    read_status = 0x70,
    read_identifier = 0x90,
    read_query = 0x98,
    confirm = 0xd0,
    write_to_buffer = 0xe8,
    read_array = 0xff,
};

constexpr std::uint16_t ready = 1 << 7;
constexpr std::uint16_t sequence_error = 1 << 5 | 1 << 4;
constexpr std::uint16_t erased = 0xffff;
constexpr unsigned buffer_words = 16;

constexpr std::uint32_t query_start = 0x10;
/// JESD68.01, from 10h on. Times, sizes and counts of bytes are powers of two.
constexpr std::array<std::uint8_t, 48> query_table{
    'Q',  'R',  'Y',                                 // 10h
    0x01, 0x00, 0x31, 0x00,                          // 13h: command set, its extended table
    0x00, 0x00, 0x00, 0x00,                          // 17h: no second command set
    0x27, 0x36, 0x00, 0x00,                          // 1Bh: 2.7 V to 3.6 V; no programming voltage
    0x08, 0x08, 0x0a, 0x00,                          // 1Fh: word and buffer 256 us, block erase 1 s; no chip erase
    0x04, 0x04, 0x04, 0x00,                          // 23h: at most 16 times that
    0x18, 0x02, 0x00, 0x05, 0x00,                    // 27h: 16 MiB, x8/x16, a buffer of 32 bytes
    0x01, 0x7f, 0x00, 0x00, 0x02,                    // 2Ch: one region, 127 + 1 blocks of 512 * 256 bytes
    'P',  'R',  'I',  '1',  '1',                     // 31h: the extended table, version 1.1
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x33,  // 36h: no optional feature; 3.3 V
    0x00, 0x00,                                      // 3Eh: no programming voltage, no protection register
};

std::uint16_t query(std::uint32_t address) {
    const std::uint32_t entry = address - query_start;  // far beyond the table for what is below it
    return entry < query_table.size() ? query_table[entry] : 0;
}

std::uint16_t identifier(std::uint32_t address) {
    constexpr std::array<std::uint16_t, 2> codes{0x0089, 0x0018};
    return address < codes.size() ? codes[address] : 0;
}

std::uint32_t block_of(std::uint32_t address) {
    return address / FlashChip::block_words;
}

}  // namespace

std::uint16_t FlashChip::read(std::uint32_t address) const {
    switch (mode_) {
        case Mode::status:
            return ready | errors_;
        case Mode::identifier:
            return identifier(address);
        case Mode::query:
            return query(address);
        case Mode::array:
            break;
    }
    return cell(address);
}

void FlashChip::write(std::uint32_t address, std::uint16_t value) {
    const auto command = static_cast<std::uint8_t>(value);
    switch (std::exchange(step_, Step::command)) {
        case Step::command:
            return start(address, command);
        case Step::program_data:
            return program(address, value);
        case Step::buffer_count:
            return load_count(command);
        case Step::buffer_data:
            return load_word(address, value);
        case Step::buffer_confirm:
            return program_buffer(command);
        case Step::erase_confirm:
            return erase(address, command);
        case Step::lock_confirm:
            return lock(command);
    }
}

void FlashChip::start(std::uint32_t address, std::uint8_t command) {
    switch (command) {
        case read_array:
            mode_ = Mode::array;
            break;
        case read_status:
            mode_ = Mode::status;
            break;
        case clear_status:
            errors_ = 0;
            break;
        case read_identifier:
            mode_ = Mode::identifier;
            break;
        case read_query:
            mode_ = Mode::query;
            break;
        case program_setup:
        case program_alternate:
            begin(Step::program_data);
            break;
        case write_to_buffer:
            buffer_block_ = block_of(address);
            begin(Step::buffer_count);
            break;
        case erase_setup:
            begin(Step::erase_confirm);
            break;
        case lock_setup:
            begin(Step::lock_confirm);
            break;
        default:
            break;
    }
}

void FlashChip::begin(Step step) {
    mode_ = Mode::status;
    step_ = step;
}

void FlashChip::program(std::uint32_t address, std::uint16_t value) {
    set_cell(address, cell(address) & value);
}

void FlashChip::load_count(std::uint8_t last) {
    if (last >= buffer_words) {
        errors_ |= sequence_error;
        return;
    }
    buffer_expected_ = last + 1u;
    buffer_.clear();
    begin(Step::buffer_data);
}

void FlashChip::load_word(std::uint32_t address, std::uint16_t value) {
    buffer_.emplace_back(address, value);
    begin(buffer_.size() < buffer_expected_ ? Step::buffer_data : Step::buffer_confirm);
}

void FlashChip::program_buffer(std::uint8_t confirmation) {
    const bool in_block = std::all_of(buffer_.begin(), buffer_.end(),
                                      [this](const auto& word) { return block_of(word.first) == buffer_block_; });
    if (confirmation != confirm || !in_block) {
        errors_ |= sequence_error;
        return;
    }
    for (const auto& [address, value] : buffer_) {
        program(address, value);
    }
}

void FlashChip::erase(std::uint32_t address, std::uint8_t confirmation) {
    if (confirmation != confirm) {
        errors_ |= sequence_error;
        return;
    }
    blocks_.erase(block_of(address));
}

void FlashChip::lock(std::uint8_t confirmation) {
    if (confirmation != lock_set && confirmation != confirm) {
        errors_ |= sequence_error;
    }
}

void FlashChip::reset() {
    mode_ = Mode::array;
    step_ = Step::command;
    errors_ = 0;
}

std::uint16_t FlashChip::cell(std::uint32_t address) const {
    const auto block = blocks_.find(block_of(address));
    return block == blocks_.end() ? erased : block->second[address % block_words];
}

void FlashChip::set_cell(std::uint32_t address, std::uint16_t value) {
    if (value == cell(address)) {
        return;
    }
    auto& block = blocks_.try_emplace(block_of(address), block_words, erased).first->second;
    block[address % block_words] = value;
}

}  // namespace aqpim
