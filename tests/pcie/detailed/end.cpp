#include "tests/pcie/detailed/end.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace aqpim::pcie::test {

End::End(EventQueue& events, const PcieParameters& parameters, const EndLatencies& latencies,
         const MemoryTiming& timing, const Setup& setup, Recorder& recorder)
    : timing_(timing),
      setup_(setup),
      memory_(timing.bytes),
      port_(events, parameters, latencies, *this, recorder, fmt::format("end{:04x}", setup.id), setup.seed) {}

CompleterTarget::Served End::serve(const Tlp& request, std::uint8_t* data, Picoseconds at) {
    if (request.type == TlpType::message) {
        ++messages_;
        return {CompletionStatus::success, at};
    }
    if (!has(request)) {
        return {CompletionStatus::unsupported_request, at};
    }
    if (forced_status_) {
        return {*forced_status_, at};
    }
    const Picoseconds ready = occupy(request.bytes, at);
    if (request.type == TlpType::memory_write || request.type == TlpType::configuration_write) {
        write(request, data, ready);
    } else if (data != nullptr) {
        std::memcpy(data, place_of(request), request.bytes);
    }
    return {CompletionStatus::success, ready, poison_reads_};
}

void End::write(const Tlp& request, const std::uint8_t* data, Picoseconds ready) {
    if (request.poisoned) {
        poisoned_writes_.push_back(request.address);
        return;
    }
    if (data != nullptr) {
        std::memcpy(place_of(request), data, request.bytes);
    }
    written_bytes_ += request.bytes;
    last_written_ = ready;
}

/// A configuration space knows its own function only; a memory what lies in it as a whole.
bool End::has(const Tlp& request) const {
    if (request.flow() == FlowClass::non_posted && request.type != TlpType::memory_read) {
        return request.target == setup_.id && request.address + request.bytes <= registers_.size();
    }
    const std::uint64_t offset = request.address - setup_.base;
    return request.address >= setup_.base && offset < memory_.size() && request.bytes <= memory_.size() - offset;
}

std::uint8_t* End::place_of(const Tlp& request) {
    const bool is_memory = request.type == TlpType::memory_read || request.type == TlpType::memory_write;
    return is_memory ? memory_.data() + (request.address - setup_.base) : registers_.data() + request.address;
}

Picoseconds End::occupy(std::uint64_t bytes, Picoseconds at) {
    memory_free_at_ = std::max(memory_free_at_, at);
    if (timing_.bandwidth != 0) {
        memory_free_at_ += transfer_time_ps(bytes, timing_.bandwidth);
    }
    return memory_free_at_ + timing_.latency;
}

bool End::reflects(const Tlp& tlp) const {
    if (!setup_.is_root || tlp.requester == setup_.id || tlp.type == TlpType::message) {
        return false;
    }
    return tlp.flow() == FlowClass::completion || tlp.address >= setup_.base + 0x1'0000'0000;
}

void End::link_error(CorrectableError error) {
    (error == CorrectableError::bad_tlp ? bad_tlps_ : rollovers_) += 1;
}

}  // namespace aqpim::pcie::test
