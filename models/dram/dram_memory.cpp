#include "models/dram/dram_memory.h"

#include <algorithm>
#include <limits>

#include "models/common/no_contents.h"

namespace aqpim::dram {

DramMemory::DramMemory(sc_core::sc_module_name name, const DramParameters& parameters, CommandSink* trace,
                       Recorder* recorder, const std::string& track)
    : sc_core::sc_module(name),
      socket("socket"),
      organization_(parameters.organization()),
      clock_(parameters.timing.tick_clock()),
      address_map_(parameters.address_map, parameters.address_hash, organization_),
      faults_(parameters.faults, organization_.capacity_bytes()),
      channels_(parameters, trace),
      port_("port", clock_, parameters.controller_latency,
            {[this](tlm::tlm_generic_payload& transaction) { return accept(transaction); },
             [this](tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
                 return socket->nb_transport_bw(transaction, phase, delay);
             }}),
      traced_(trace != nullptr),
      dmi_(parameters.controller.dmi),
      recorder_(recorder) {
    parameters.check();
    if (recorder_ != nullptr) {
        port_track_ = recorder_->add_track(track);
    }
    engine_.emplace(parameters, address_map_, channels_, port_.sink());
    port_.connect(*engine_);
    const TimingParameters& timing = parameters.timing;
    read_latency_ = from_ps(parameters.controller_latency + clock_.at(timing.ticks(timing.nCL + timing.nBL)));
    write_latency_ = from_ps(parameters.controller_latency + clock_.at(timing.ticks(timing.nCWL + timing.nBL)));

    socket.register_b_transport(this, &DramMemory::b_transport);
    socket.register_nb_transport_fw(this, &DramMemory::nb_transport_fw);
    socket.register_transport_dbg(this, &DramMemory::transport_dbg);
    socket.register_get_direct_mem_ptr(this, &DramMemory::get_direct_mem_ptr);
}

DramMemory::~DramMemory() = default;

void DramMemory::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
    const std::optional<Transfer> transfer = accept(transaction);
    if (!transfer) {
        return;
    }
    const Picoseconds start = local_time_ps(delay);
    const Picoseconds done = clock_.at(engine_->run(*transfer, port_.arrival_tick(start)));
    if (recorder_ != nullptr) {
        recorder_->slice(port_track_, transfer->write ? "write" : "read", start, done, Activity::none,
                         {{"address", transfer->address}, {"bytes", transfer->length}});
    }
    delay = from_ps(done) - sc_core::sc_time_stamp();
}

tlm::tlm_sync_enum DramMemory::nb_transport_fw(tlm::tlm_generic_payload& transaction, tlm::tlm_phase& phase,
                                               sc_core::sc_time& delay) {
    return port_.nb_transport_fw(transaction, phase, delay);
}

std::optional<Transfer> DramMemory::accept(tlm::tlm_generic_payload& transaction) {
    const tlm::tlm_response_status status = check(transaction);
    transaction.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE || transaction.get_command() == tlm::TLM_IGNORE_COMMAND) {
        return std::nullopt;
    }
    if (traced_) {
        settle();
    }
    if (!NoContents::is_set(transaction)) {
        move_data(transaction);
    }
    transaction.set_dmi_allowed(grants_dmi());
    return Transfer{transaction.get_address(), transaction.get_data_length(), transaction.get_streaming_width(),
                    transaction.is_write()};
}

tlm::tlm_response_status DramMemory::check(const tlm::tlm_generic_payload& transaction) const {
    const std::uint64_t length = transaction.get_data_length();
    const std::uint64_t width = transaction.get_streaming_width();
    if (transaction.get_command() == tlm::TLM_IGNORE_COMMAND) {
        return tlm::TLM_OK_RESPONSE;
    }
    if (length == 0 || width == 0) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    if (transaction.get_data_ptr() == nullptr) {
        return tlm::TLM_GENERIC_ERROR_RESPONSE;
    }
    if (transaction.get_byte_enable_ptr() != nullptr && transaction.get_byte_enable_length() == 0) {
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    }
    return is_inside(transaction.get_address(), std::min(length, width)) ? tlm::TLM_OK_RESPONSE
                                                                         : tlm::TLM_ADDRESS_ERROR_RESPONSE;
}

bool DramMemory::is_inside(std::uint64_t address, std::uint64_t bytes) const {
    const std::uint64_t capacity = organization_.capacity_bytes();
    return address < capacity && bytes <= capacity - address;
}

void DramMemory::move_data(tlm::tlm_generic_payload& transaction) {
    const unsigned length = transaction.get_data_length();
    const unsigned width = std::min(transaction.get_streaming_width(), length);
    for (unsigned offset = 0; offset < length;) {
        const unsigned bytes = std::min(width, length - offset);
        move_beat(transaction, offset, bytes);
        offset += bytes;
    }
}

/// `bytes` of the data array from `offset` on are those at the payload's address.
void DramMemory::move_beat(tlm::tlm_generic_payload& transaction, unsigned offset, unsigned bytes) {
    std::uint8_t* const data = transaction.get_data_ptr() + offset;
    const std::uint8_t* const enables = transaction.get_byte_enable_ptr();
    if (enables == nullptr) {
        move(transaction, transaction.get_address(), data, bytes);
        return;
    }
    const unsigned period = transaction.get_byte_enable_length();
    const auto is_enabled = [&](unsigned byte) { return enables[(offset + byte) % period] == TLM_BYTE_ENABLED; };
    for (unsigned begin = 0; begin < bytes;) {
        unsigned end = begin;
        while (end < bytes && is_enabled(end)) {
            ++end;
        }
        move(transaction, transaction.get_address() + begin, data + begin, end - begin);
        begin = end + 1;
    }
}

void DramMemory::move(tlm::tlm_generic_payload& transaction, std::uint64_t address, std::uint8_t* data,
                      unsigned bytes) {
    if (transaction.is_write()) {
        store_.write(address, data, bytes);
        return;
    }
    store_.read(address, data, bytes);
    if (faults_.active() && faults_.apply(store_, address, data, bytes) == ReadOutcome::poisoned) {
        transaction.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    }
}

unsigned DramMemory::transport_dbg(tlm::tlm_generic_payload& transaction) {
    const std::uint64_t address = transaction.get_address();
    if (!is_inside(address, 0) || transaction.get_command() == tlm::TLM_IGNORE_COMMAND) {
        return 0;
    }
    const std::uint64_t room = organization_.capacity_bytes() - address;
    const auto bytes = static_cast<unsigned>(std::min<std::uint64_t>(transaction.get_data_length(), room));
    std::uint8_t* const data = transaction.get_data_ptr();
    transaction.is_write() ? store_.write(address, data, bytes) : store_.read(address, data, bytes);
    return bytes;
}

bool DramMemory::get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
    const std::uint64_t address = transaction.get_address();
    dmi.allow_read_write();
    if (!grants_dmi() || !is_inside(address, 1)) {
        dmi.set_start_address(0);
        dmi.set_end_address(std::numeric_limits<sc_dt::uint64>::max());
        return false;
    }
    const std::uint64_t start = address / SparseMemory::page_bytes * SparseMemory::page_bytes;
    dmi.set_dmi_ptr(store_.page(address));
    dmi.set_start_address(start);
    dmi.set_end_address(std::min(start + SparseMemory::page_bytes, organization_.capacity_bytes()) - 1);
    dmi.set_read_latency(read_latency_);
    dmi.set_write_latency(write_latency_);
    dmi_granted_ = true;
    return true;
}

void DramMemory::reset() {
    serve_waiting();
    if (dmi_granted_) {
        dmi_granted_ = false;
        socket->invalidate_direct_mem_ptr(0, organization_.capacity_bytes() - 1);
    }
}

void DramMemory::serve_waiting() {
    for (std::uint32_t index = 0; index < organization_.channels; ++index) {
        engine_->finish(index);
    }
}

Channel& DramMemory::channel(std::uint32_t index) {
    engine_->finish(index);
    return channels_.alone(index);
}

Counters DramMemory::counters() const {
    Counters sum;
    for (std::uint32_t index = 0; index < organization_.channels; ++index) {
        sum += channels_.counters(index);
    }
    return sum;
}

Counters DramMemory::counters_until(Picoseconds now_ps) const {
    Counters sum;
    const Ticks now = clock_.first_tick_at(now_ps);
    for (std::uint32_t index = 0; index < organization_.channels; ++index) {
        sum += channels_.counters_until(index, now);
    }
    return sum;
}

/// No access comes from the simulated past.
void DramMemory::settle() {
    const Ticks now = clock_.first_tick_at(to_ps(sc_core::sc_time_stamp()));
    for (std::uint32_t index = 0; index < organization_.channels; ++index) {
        if (engine_->is_idle(index)) {
            channels_.place(index).settle(now);
        }
    }
}

void DramMemory::finish_trace() {
    serve_waiting();
    channels_.finish_trace();
}

}  // namespace aqpim::dram
