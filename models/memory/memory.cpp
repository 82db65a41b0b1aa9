#include "models/memory/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "models/common/error.h"
#include "models/common/no_contents.h"

namespace aqpim {

void MemoryParameters::declare(ParameterSection section, const Default& size_default, const Default& latency_default,
                               const Default& bandwidth_default) {
    section.size(size, "size", size_default.value, {"Capacity", size_default.source});
    section.time(latency, "latency", latency_default.value,
                 {"From arrival to the first byte, when idle", latency_default.source});
    section.bandwidth(bandwidth, "bandwidth", bandwidth_default.value,
                      {"Of reads and writes together", bandwidth_default.source});
}

Memory::Memory(sc_core::sc_module_name name, const MemoryParameters& parameters)
    : sc_module(name), parameters_(parameters), contents_(reserve(this->name(), parameters.size)) {
    socket.register_b_transport(this, &Memory::b_transport);
    socket.register_transport_dbg(this, &Memory::transport_dbg);
    socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
}

Memory::~Memory() = default;

Memory::Region Memory::reserve(const std::string& owner, std::uint64_t bytes) {
    if (bytes == 0) {
        throw InputError(fmt::format("{}: a memory needs a size above zero", owner));
    }
    void* const region =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) {
        throw InputError(
            fmt::format("{}: cannot reserve {} bytes of address space: {}", owner, bytes, std::strerror(errno)));
    }
    return Region(static_cast<std::uint8_t*>(region), Unmap{bytes});
}

void Memory::Unmap::operator()(std::uint8_t* region) const {
    munmap(region, bytes);
}

void Memory::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    if (!is_well_formed(transaction)) {
        return;
    }
    delay = occupy(transaction.get_data_length(), delay);
    move_data(transaction);
    transaction.set_dmi_allowed(true);
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool Memory::is_well_formed(tlm::tlm_generic_payload& transaction) const {
    const std::uint64_t length = transaction.get_data_length();
    const std::uint64_t width = transaction.get_streaming_width();
    if (length == 0 || width == 0) {
        transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return false;
    }
    if (transaction.get_byte_enable_ptr() != nullptr && transaction.get_byte_enable_length() == 0) {
        transaction.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
        return false;
    }
    const std::uint64_t footprint = std::min(length, width);
    if (footprint > size() || transaction.get_address() > size() - footprint) {
        transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return false;
    }
    return true;
}

sc_core::sc_time Memory::occupy(std::uint64_t bytes, const sc_core::sc_time& delay) {
    const Picoseconds start = std::max(local_time_ps(delay), free_at_);
    free_at_ = start + transfer_time_ps(bytes, parameters_.bandwidth);
    return from_ps(free_at_ + parameters_.latency) - sc_core::sc_time_stamp();
}

void Memory::move_data(tlm::tlm_generic_payload& transaction) {
    const unsigned length = transaction.get_data_length();
    bytes_read_ += transaction.is_read() ? length : 0;
    bytes_written_ += transaction.is_write() ? length : 0;
    if (NoContents::is_set(transaction)) {
        return;
    }
    if (transaction.get_byte_enable_ptr() != nullptr || transaction.get_streaming_width() < length) {
        move_bytes(transaction);
        return;
    }
    std::uint8_t* const cells = contents_.get() + transaction.get_address();
    if (transaction.is_read()) {
        std::memcpy(transaction.get_data_ptr(), cells, length);
    } else if (transaction.is_write()) {
        std::memcpy(cells, transaction.get_data_ptr(), length);
    }
}

void Memory::move_bytes(tlm::tlm_generic_payload& transaction) {
    const unsigned char* const enables = transaction.get_byte_enable_ptr();
    for (unsigned i = 0; i < transaction.get_data_length(); ++i) {
        if (enables != nullptr && enables[i % transaction.get_byte_enable_length()] != TLM_BYTE_ENABLED) {
            continue;
        }
        std::uint8_t& cell = contents_.get()[transaction.get_address() + i % transaction.get_streaming_width()];
        unsigned char& data = transaction.get_data_ptr()[i];
        if (transaction.is_read()) {
            data = cell;
        } else if (transaction.is_write()) {
            cell = data;
        }
    }
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& transaction) {
    const std::uint64_t address = transaction.get_address();
    if (address >= size()) {
        return 0;
    }
    const auto served = static_cast<unsigned>(std::min<std::uint64_t>(transaction.get_data_length(), size() - address));
    if (transaction.is_read()) {
        std::memcpy(transaction.get_data_ptr(), contents_.get() + address, served);
    } else if (transaction.is_write()) {
        std::memcpy(contents_.get() + address, transaction.get_data_ptr(), served);
    }
    return served;
}

bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.init();
    dmi.allow_read_write();
    dmi.set_dmi_ptr(contents_.get());
    dmi.set_start_address(0);
    dmi.set_end_address(size() - 1);
    dmi.set_read_latency(from_ps(parameters_.latency));
    dmi.set_write_latency(from_ps(parameters_.latency));
    return true;
}

}  // namespace aqpim
