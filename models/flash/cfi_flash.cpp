#include "models/flash/cfi_flash.h"

#include <algorithm>

namespace aqpim {

namespace {

constexpr unsigned port_bytes = 4;

/// Puts the bytes that the data lines carry into `word`.
std::uint16_t drive(std::uint16_t word, const DataLines& lines) {
    for (unsigned i = 0; i < lines.bytes; ++i) {
        const unsigned shift = 8 * (lines.first + i);
        word = static_cast<std::uint16_t>((word & ~(0xff << shift)) | lines.data[i] << shift);
    }
    return word;
}

void sample(std::uint16_t word, const DataLines& lines) {
    for (unsigned i = 0; i < lines.bytes; ++i) {
        lines.data[i] = static_cast<unsigned char>(word >> 8 * (lines.first + i));
    }
}

}  // namespace

CfiFlash::CfiFlash(sc_core::sc_module_name name) : sc_module(name) {
    socket.register_b_transport(this, &CfiFlash::b_transport);
    socket.register_transport_dbg(this, &CfiFlash::transport_dbg);
}

CfiFlash::~CfiFlash() = default;

void CfiFlash::reset() {
    for (FlashChip& chip : chips_) {
        chip.reset();
    }
}

void CfiFlash::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
    if (!is_plain_burst(transaction)) {
        return;
    }
    const unsigned length = transaction.get_data_length();
    if (length > size || transaction.get_address() > size - length) {
        transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const bool whole_words = transaction.get_address() % port_bytes == 0 && length % port_bytes == 0;
    for_each_cycle(transaction, length, [&](FlashChip& chip, std::uint32_t address, const DataLines& lines) {
        if (transaction.is_read()) {
            sample(chip.read(address), lines);
        } else if (transaction.is_write() && whole_words) {
            chip.write(address, drive(0, lines));
        }
    });
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned CfiFlash::transport_dbg(tlm::tlm_generic_payload& transaction) {
    if (transaction.get_address() >= size) {
        return 0;
    }
    const auto length =
        static_cast<unsigned>(std::min<std::uint64_t>(transaction.get_data_length(), size - transaction.get_address()));
    for_each_cycle(transaction, length, [&](FlashChip& chip, std::uint32_t address, const DataLines& lines) {
        if (transaction.is_read()) {
            sample(chip.cell(address), lines);
        } else if (transaction.is_write()) {
            chip.set_cell(address, drive(chip.cell(address), lines));
        }
    });
    return length;
}

template <class Cycle>
void CfiFlash::for_each_cycle(const tlm::tlm_generic_payload& transaction, unsigned length, Cycle cycle) {
    const std::uint64_t first = transaction.get_address();
    const std::uint64_t end = first + length;
    for (std::uint64_t word = first / 2; 2 * word < end; ++word) {
        const std::uint64_t from = std::max(2 * word, first);
        const std::uint64_t to = std::min(2 * word + 2, end);
        const DataLines lines{transaction.get_data_ptr() + (from - first), static_cast<unsigned>(from - 2 * word),
                              static_cast<unsigned>(to - from)};
        cycle(chips_[word % chips_.size()], static_cast<std::uint32_t>(word / chips_.size()), lines);
    }
}

}  // namespace aqpim
