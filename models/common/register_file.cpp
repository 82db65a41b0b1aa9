#include "models/common/register_file.h"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "models/common/sockets.h"

namespace aqpim {

void RegisterFile::add(const std::string& name, std::uint64_t offset, unsigned bytes, Read read, Write write) {
    ReadAt read_at;
    WriteAt write_at;
    if (read) {
        read_at = [read = std::move(read)](unsigned) { return read(); };
    }
    if (write) {
        write_at = [write = std::move(write)](unsigned, std::uint64_t value, const sc_core::sc_time& delay) {
            write(value, delay);
        };
    }
    add_array(name, offset, bytes, 1, bytes, std::move(read_at), std::move(write_at));
}

void RegisterFile::add_array(const std::string& name, std::uint64_t offset, unsigned bytes, unsigned count,
                             unsigned stride, ReadAt read, WriteAt write) {
    for (unsigned index = 0; index < count; ++index) {
        const std::uint64_t start = offset + std::uint64_t{index} * stride;
        if (!registers_.emplace(start, Register{name, bytes, index, read, write}).second) {
            throw std::logic_error("two registers at the offset of " + name);
        }
    }
}

const RegisterFile::Register* RegisterFile::find(std::uint64_t offset, unsigned bytes, std::uint64_t& start) const {
    auto next = registers_.upper_bound(offset);
    if (next == registers_.begin()) {
        return nullptr;
    }
    const auto& [first, candidate] = *std::prev(next);
    const bool aligned = offset % bytes == 0;
    if (!aligned || offset + bytes > first + candidate.bytes) {
        return nullptr;
    }
    start = first;
    return &candidate;
}

void RegisterFile::transport(tlm::tlm_generic_payload& transaction, const sc_core::sc_time& delay) {
    if (!is_plain_burst(transaction)) {
        return;
    }
    const unsigned bytes = transaction.get_data_length();
    std::uint64_t start = 0;
    const Register* const target = bytes <= 8 ? find(transaction.get_address(), bytes, start) : nullptr;
    if (target == nullptr) {
        transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return;
    }
    const unsigned shift = static_cast<unsigned>(transaction.get_address() - start) * 8;
    std::uint64_t value = 0;
    if (transaction.is_read()) {
        value = (target->read ? target->read(target->index) : 0) >> shift;
        std::memcpy(transaction.get_data_ptr(), &value, bytes);
    } else if (transaction.is_write()) {
        if (!target->write) {
            transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
            return;
        }
        std::memcpy(&value, transaction.get_data_ptr(), bytes);
        if (bytes < target->bytes) {
            const std::uint64_t mask = ((std::uint64_t{1} << bytes * 8) - 1) << shift;
            const std::uint64_t old = target->read ? target->read(target->index) : 0;
            value = (old & ~mask) | (value << shift);
        }
        target->write(target->index, value, delay);
    }
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned RegisterFile::debug_read(tlm::tlm_generic_payload& transaction) {
    if (!transaction.is_read()) {
        return 0;
    }
    transport(transaction, sc_core::SC_ZERO_TIME);
    return transaction.is_response_ok() ? transaction.get_data_length() : 0;
}

}  // namespace aqpim
