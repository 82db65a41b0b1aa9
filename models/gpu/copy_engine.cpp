#include "models/gpu/copy_engine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "models/common/sockets.h"

namespace aqpim {

namespace {

constexpr std::uint64_t most_rows = std::uint64_t{1} << 24;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 44;  // of a command; beyond either is a mistake

/// `rows` rows of `row_bytes`, `stride` bytes from one to the next.
struct Rows {
    std::uint64_t first;
    std::uint64_t row_bytes;
    std::uint64_t rows;
    std::uint64_t stride;

    bool is_sane() const {
        return row_bytes != 0 && row_bytes <= most_bytes && rows != 0 && rows <= most_rows &&
               rows <= most_bytes / row_bytes;
    }
    bool fits(std::uint64_t size) const {
        if (first >= size || row_bytes > size - first) {
            return false;
        }
        const std::uint64_t room = size - first - row_bytes;
        return rows == 1 || stride <= room / (rows - 1);
    }
    std::uint64_t address(std::uint64_t row) const { return first + row * stride; }
};

bool has(std::uint16_t flags, unsigned flag) {
    return (flags & flag) != 0;
}

/// How many of `left` bytes a burst takes. Bursts end at multiples of their size, so that none crosses a page of the
/// target.
std::uint32_t next_burst(std::uint64_t target, std::uint64_t burst, std::uint64_t left) {
    return static_cast<std::uint32_t>(std::min(left, burst - target % burst));
}

}  // namespace

CopyEngine::CopyEngine(const GpuParameters& parameters, Bursts::Ports ports, Recorder& recorder,
                       const std::string& track)
    : parameters_(parameters),
      recorder_(recorder),
      track_(recorder.add_track(track)),
      bursts_(parameters, std::move(ports)) {}

CopyEngine::Outcome CopyEngine::execute(const Command& command) {
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const std::uint64_t before = bytes_copied();
    const auto record = [&](std::string_view name, const Outcome& outcome) {
        recorder_.slice(track_, name, start_ps, to_ps(sc_core::sc_time_stamp()), Activity::none,
                        {{"bytes", bytes_copied() - before}});
        return outcome;
    };
    switch (command.as<aqpim_descriptor_header>().opcode) {
        case AQPIM_GPU_COPY:
            return record("COPY", copy(command));
        case AQPIM_GPU_FILL:
            return record("FILL", fill(command));
        case AQPIM_GPU_GATHER:
            return record("GATHER", gather(command));
        default:
            return {AQPIM_BAD_OPCODE};
    }
}

CopyEngine::Outcome CopyEngine::copy(const Command& command) {
    const auto descriptor = command.as<aqpim_gpu_copy>();
    const Rows source{descriptor.source, descriptor.row_bytes, descriptor.rows, descriptor.source_stride};
    const Rows target{descriptor.target, descriptor.row_bytes, descriptor.rows, descriptor.target_stride};
    const bool from_bus = has(descriptor.header.flags, AQPIM_GPU_FLAG_SOURCE_BUS);
    const bool to_bus = has(descriptor.header.flags, AQPIM_GPU_FLAG_TARGET_BUS);
    if (!source.is_sane() || !source.fits(size_of(from_bus)) || !target.fits(size_of(to_bus))) {
        return {AQPIM_BAD_FIELD};
    }
    const std::uint64_t burst = burst_bytes(source.rows * source.row_bytes);
    bursts_.begin(command);
    for (std::uint64_t row = 0; row < descriptor.rows && bursts_.is_going_on(); ++row) {
        copy_row({source.address(row), from_bus}, {target.address(row), to_bus}, descriptor.row_bytes, burst);
    }
    return bursts_.finish();
}

void CopyEngine::copy_row(Bursts::Place source, Bursts::Place target, std::uint64_t bytes, std::uint64_t burst) {
    while (bytes != 0 && bursts_.is_going_on()) {
        const std::uint32_t now = next_burst(target.address, burst, bytes);
        bursts_.copy(source, target, now);
        source.address += now;
        target.address += now;
        bytes -= now;
    }
}

CopyEngine::Outcome CopyEngine::fill(const Command& command) {
    const auto descriptor = command.as<aqpim_gpu_fill>();
    const Rows target{descriptor.target, descriptor.row_bytes, descriptor.rows, descriptor.target_stride};
    const bool to_bus = has(descriptor.header.flags, AQPIM_GPU_FLAG_TARGET_BUS);
    if (!target.is_sane() || !target.fits(size_of(to_bus))) {
        return {AQPIM_BAD_FIELD};
    }
    const std::uint64_t burst = burst_bytes(target.rows * target.row_bytes);
    bursts_.begin(command);
    for (std::uint64_t row = 0; row < descriptor.rows && bursts_.is_going_on(); ++row) {
        fill_row({target.address(row), to_bus}, descriptor.row_bytes, descriptor.pattern, burst);
    }
    return bursts_.finish();
}

void CopyEngine::fill_row(Bursts::Place target, std::uint64_t bytes, std::uint64_t pattern, std::uint64_t burst) {
    while (bytes != 0 && bursts_.is_going_on()) {
        const std::uint32_t now = next_burst(target.address, burst, bytes);
        bursts_.fill(target, pattern, now);
        pattern = std::rotr(pattern, static_cast<int>(now % sizeof pattern * 8));
        target.address += now;
        bytes -= now;
    }
}

CopyEngine::Outcome CopyEngine::gather(const Command& command) {
    const auto descriptor = command.as<aqpim_gpu_gather>();
    if (descriptor.entries == 0 || descriptor.entries > AQPIM_GPU_MOST_PIECES || descriptor.list % 8 != 0) {
        return {AQPIM_BAD_FIELD};
    }
    const Rows list{descriptor.list, descriptor.entries * sizeof(aqpim_gpu_piece), 1, 0};
    if (!list.fits(size_of(has(descriptor.header.flags, AQPIM_GPU_FLAG_LIST_BUS)))) {
        return {AQPIM_BAD_FIELD};
    }
    bursts_.begin(command);
    const aqpim_completion_status pieces = gather_pieces(descriptor);
    const Outcome outcome = bursts_.finish();
    return outcome.status == AQPIM_DONE ? Outcome{pieces} : outcome;
}

/// Moves the pieces up to the first that is not allowed, while the next part of the list is on its way.
aqpim_completion_status CopyEngine::gather_pieces(const aqpim_gpu_gather& descriptor) {
    const std::uint16_t flags = descriptor.header.flags;
    read_list(descriptor, 0);
    for (std::uint64_t done = 0; done < descriptor.entries && bursts_.is_going_on();) {
        const std::vector<aqpim_gpu_piece> pieces = take_list();
        done += pieces.size();
        if (done < descriptor.entries) {
            read_list(descriptor, done);
        }
        for (const aqpim_gpu_piece& piece : pieces) {
            if (!is_valid(piece, flags)) {
                return AQPIM_BAD_FIELD;
            }
            copy_row({piece.source, has(flags, AQPIM_GPU_FLAG_SOURCE_BUS)},
                     {piece.target, has(flags, AQPIM_GPU_FLAG_TARGET_BUS)}, piece.bytes, burst_bytes(piece.bytes));
        }
    }
    return AQPIM_DONE;
}

void CopyEngine::read_list(const aqpim_gpu_gather& descriptor, std::uint64_t first) {
    const std::uint64_t pieces = std::min(descriptor.entries - first, pieces_at_once());
    bursts_.read(
        {descriptor.list + first * sizeof(aqpim_gpu_piece), has(descriptor.header.flags, AQPIM_GPU_FLAG_LIST_BUS)},
        static_cast<std::uint32_t>(pieces * sizeof(aqpim_gpu_piece)));
}

std::vector<aqpim_gpu_piece> CopyEngine::take_list() {
    const std::vector<std::uint8_t> bytes = bursts_.take_read();
    std::vector<aqpim_gpu_piece> pieces(bytes.size() / sizeof(aqpim_gpu_piece));
    if (!pieces.empty()) {
        std::memcpy(pieces.data(), bytes.data(), bytes.size());
    }
    return pieces;
}

bool CopyEngine::is_valid(const aqpim_gpu_piece& piece, std::uint16_t flags) const {
    const Rows source{piece.source, piece.bytes, 1, 0};
    const Rows target{piece.target, piece.bytes, 1, 0};
    return source.is_sane() && source.fits(size_of(has(flags, AQPIM_GPU_FLAG_SOURCE_BUS))) &&
           target.fits(size_of(has(flags, AQPIM_GPU_FLAG_TARGET_BUS)));
}

/// Of a copy of `bytes`. Grown, a large one costs some 4096 bursts, or one for each row.
std::uint64_t CopyEngine::burst_bytes(std::uint64_t bytes) const {
    constexpr std::uint64_t bursts = 4096;
    constexpr std::uint64_t largest = 64 << 20;
    if (!parameters_.grow_bursts) {
        return parameters_.copy_burst_bytes;
    }
    return std::max(parameters_.copy_burst_bytes, std::min(largest, std::bit_ceil(bytes / bursts)));
}

std::uint64_t CopyEngine::pieces_at_once() const {
    return std::max<std::uint64_t>(1, parameters_.copy_burst_bytes / sizeof(aqpim_gpu_piece));
}

std::uint64_t CopyEngine::size_of(bool on_bus) const {
    return on_bus ? std::numeric_limits<std::uint64_t>::max() : parameters_.memory_bytes;
}

}  // namespace aqpim
