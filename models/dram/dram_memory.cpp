#include "models/dram/dram_memory.h"

#include <algorithm>

namespace aqpim::dram {

DramMemory::DramMemory(sc_core::sc_module_name name, const DramParameters& parameters, CommandSink* trace,
                       Recorder* recorder)
    : sc_core::sc_module(name),
      socket("socket"),
      organization_(parameters.organization()),
      clock_(parameters.timing.tCK),
      controller_latency_(parameters.controller_latency),
      address_map_(parameters.address_map, organization_),
      traced_(trace != nullptr),
      recorder_(recorder) {
    if (recorder_ != nullptr) {
        port_track_ = recorder_->add_track("pim.memory_port");
    }
    parameters.check();
    channels_.reserve(organization_.channels);
    for (std::uint32_t index = 0; index < organization_.channels; ++index) {
        channels_.emplace_back(parameters, index, trace);
    }
    socket.register_b_transport(this, &DramMemory::b_transport);
    socket.register_transport_dbg(this, &DramMemory::transport_dbg);
}

void DramMemory::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    if (refuse(transaction)) {
        return;
    }
    if (!transaction.is_read() && !transaction.is_write()) {
        transaction.set_response_status(tlm::TLM_OK_RESPONSE);
        return;
    }
    if (traced_) {
        settle();
    }
    const unsigned bytes = transaction.get_data_length();
    const Ticks arrival = clock_.first_tick_at(local_time_ps(delay) + controller_latency_);
    const Ticks done = access_bursts(transaction.get_address(), bytes, transaction.is_write(), arrival);
    move_data(transaction, bytes);
    if (recorder_ != nullptr) {
        recorder_->slice(port_track_, transaction.is_write() ? "write" : "read", local_time_ps(delay), clock_.at(done),
                         Activity::none, {{"address", transaction.get_address()}, {"bytes", bytes}});
    }
    delay = from_ps(clock_.at(done)) - sc_core::sc_time_stamp();
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool DramMemory::refuse(tlm::tlm_generic_payload& transaction) const {
    const std::uint64_t address = transaction.get_address();
    const std::uint64_t bytes = transaction.get_data_length();
    if (bytes == 0 || transaction.get_streaming_width() < bytes) {
        transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
        return true;
    }
    if (address >= organization_.capacity_bytes() || bytes > organization_.capacity_bytes() - address) {
        transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        return true;
    }
    return false;
}

Ticks DramMemory::access_bursts(std::uint64_t address, std::uint64_t bytes, bool write, Ticks arrival) {
    const std::uint64_t burst_bytes = organization_.burst_bytes;
    Ticks done = 0;
    for (std::uint64_t burst = address / burst_bytes * burst_bytes; burst < address + bytes; burst += burst_bytes) {
        const Location location = address_map_.decode(burst);
        done = std::max(done, channels_[location.channel].access(location, write, arrival));
    }
    return done;
}

void DramMemory::move_data(tlm::tlm_generic_payload& transaction, unsigned bytes) {
    const std::uint64_t address = transaction.get_address();
    std::uint8_t* const data = transaction.get_data_ptr();
    const std::uint8_t* const enables = transaction.get_byte_enable_ptr();
    if (enables == nullptr) {
        transaction.is_read() ? store_.read(address, data, bytes) : store_.write(address, data, bytes);
        return;
    }
    for (unsigned i = 0; i < bytes; ++i) {
        if (enables[i % transaction.get_byte_enable_length()] == TLM_BYTE_ENABLED) {
            transaction.is_read() ? store_.read(address + i, data + i, 1) : store_.write(address + i, data + i, 1);
        }
    }
}

unsigned DramMemory::transport_dbg(tlm::tlm_generic_payload& transaction) {
    const std::uint64_t address = transaction.get_address();
    if (address >= organization_.capacity_bytes() || transaction.get_command() == tlm::TLM_IGNORE_COMMAND) {
        return 0;
    }
    const std::uint64_t room = organization_.capacity_bytes() - address;
    const auto bytes = static_cast<unsigned>(std::min<std::uint64_t>(transaction.get_data_length(), room));
    if (transaction.is_read()) {
        store_.read(address, transaction.get_data_ptr(), bytes);
    } else {
        store_.write(address, transaction.get_data_ptr(), bytes);
    }
    return bytes;
}

Counters DramMemory::counters() const {
    Counters sum;
    for (const Channel& channel : channels_) {
        sum += channel.counters();
    }
    return sum;
}

/// No access comes from the simulated past.
void DramMemory::settle() {
    const Ticks now = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    for (Channel& channel : channels_) {
        channel.settle(now);
    }
}

void DramMemory::finish_trace() {
    for (Channel& channel : channels_) {
        channel.finish_trace();
    }
}

}  // namespace aqpim::dram
