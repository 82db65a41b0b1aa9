#include "models/gpu/copy_engine.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace aqpim {

CopyEngine::CopyEngine(const GpuParameters& parameters, Ports ports, Recorder& recorder)
    : parameters_(parameters), ports_(std::move(ports)), recorder_(recorder), track_(recorder.add_track("gpu.copy")) {}

aqpim_completion_status CopyEngine::copy(const aqpim_gpu_copy& descriptor) {
    if (!is_valid(descriptor)) {
        return AQPIM_BAD_FIELD;
    }
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    bool arrived = true;
    for (std::uint64_t row = 0; row < descriptor.rows && arrived; ++row) {
        arrived = copy_row(descriptor, row);
    }
    wait_for_room(0);
    recorder_.slice(track_, "COPY", start_ps, to_ps(sc_core::sc_time_stamp()), Activity::none,
                    {{"bytes", descriptor.row_bytes * descriptor.rows},
                     {"source", descriptor.source},
                     {"target", descriptor.target}});
    return arrived ? AQPIM_DONE : AQPIM_ADDRESS_ERROR;
}

bool CopyEngine::in_local_memory(std::uint64_t first, std::uint64_t stride, const aqpim_gpu_copy& descriptor) const {
    const std::uint64_t size = parameters_.memory_bytes;
    if (first >= size || descriptor.row_bytes > size - first) {
        return false;
    }
    const std::uint64_t room = size - first - descriptor.row_bytes;
    return descriptor.rows == 1 || stride <= room / (descriptor.rows - 1);
}

bool CopyEngine::is_valid(const aqpim_gpu_copy& descriptor) const {
    constexpr std::uint64_t most_rows = std::uint64_t{1} << 32;
    constexpr std::uint64_t most_bytes = std::uint64_t{1} << 48;
    if (descriptor.row_bytes == 0 || descriptor.row_bytes > most_bytes || descriptor.rows == 0 ||
        descriptor.rows > most_rows) {
        return false;
    }
    const bool source_fits = (descriptor.header.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0 ||
                             in_local_memory(descriptor.source, descriptor.source_stride, descriptor);
    const bool target_fits = (descriptor.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0 ||
                             in_local_memory(descriptor.target, descriptor.target_stride, descriptor);
    return source_fits && target_fits;
}

bool CopyEngine::copy_row(const aqpim_gpu_copy& descriptor, std::uint64_t row) {
    const bool source_bus = (descriptor.header.flags & AQPIM_GPU_FLAG_SOURCE_BUS) != 0;
    const bool target_bus = (descriptor.header.flags & AQPIM_GPU_FLAG_TARGET_BUS) != 0;
    const BusMaster& source = source_bus ? ports_.bus : ports_.memory;
    const BusMaster& target = target_bus ? ports_.bus : ports_.memory;
    std::uint64_t from = descriptor.source + row * descriptor.source_stride;
    std::uint64_t to = descriptor.target + row * descriptor.target_stride;
    std::uint64_t left = descriptor.row_bytes;
    while (left != 0) {
        // Bursts end at multiples of their size, so that none crosses a page of the target.
        const std::uint64_t burst = parameters_.copy_burst_bytes;
        const auto bytes = static_cast<std::uint32_t>(std::min(left, burst - to % burst));
        if (!copy_burst(source, from, target, to, bytes)) {
            return false;
        }
        from += bytes;
        to += bytes;
        left -= bytes;
    }
    return true;
}

bool CopyEngine::copy_burst(const BusMaster& source, std::uint64_t from, const BusMaster& target, std::uint64_t to,
                            std::uint32_t bytes) {
    wait_for_room(parameters_.copy_outstanding - 1);
    std::vector<std::uint8_t> data(bytes);
    sc_core::sc_time delay;
    if (source(tlm::TLM_READ_COMMAND, from, data.data(), bytes, delay) != tlm::TLM_OK_RESPONSE ||
        target(tlm::TLM_WRITE_COMMAND, to, data.data(), bytes, delay) != tlm::TLM_OK_RESPONSE) {
        wait(delay);
        return false;
    }
    in_flight_ps_.push_back(local_time_ps(delay));
    bytes_copied_ += bytes;
    return true;
}

void CopyEngine::wait_for_room(std::size_t most_in_flight) {
    while (in_flight_ps_.size() > most_in_flight) {
        const Picoseconds arrival_ps = in_flight_ps_.front();
        in_flight_ps_.pop_front();
        const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
        if (arrival_ps > now_ps) {
            sc_core::wait(from_ps(arrival_ps - now_ps));
        }
    }
}

}  // namespace aqpim
