#include "models/dram/command_trace.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <utility>

#include "models/common/error.h"

namespace aqpim::dram {

namespace {

constexpr std::size_t buffer_bytes = 1 << 16;

TracedCommand traced(Command command, std::uint32_t channel, const Location& location, Picoseconds time_ps) {
    const Level scope = info(command).scope;
    const auto down_to = [scope](Level level, std::uint32_t value) {
        return level <= scope ? static_cast<std::int32_t>(value) : -1;
    };
    const bool opens = command == Command::ACT || command == Command::PIM_ACT_AB;
    const bool names_column = command == Command::RD || command == Command::RDA || command == Command::WR ||
                              command == Command::WRA || command == Command::PIM_MAC_AB ||
                              command == Command::PIM_LDC || is_row_move(command);
    const bool names_row = opens || names_column || command == Command::PIM_RET;
    return {time_ps,
            command,
            static_cast<std::int32_t>(channel),
            down_to(Level::pseudo_channel, location.pseudo_channel),
            down_to(Level::rank, location.rank),
            down_to(Level::bank_group, location.bank_group),
            down_to(Level::bank, location.bank),
            names_row ? static_cast<std::int32_t>(location.row) : -1,
            names_column ? static_cast<std::int32_t>(location.column) : -1};
}

}  // namespace

void TraceOrder::add(Command command, const Location& location, Ticks at) {
    waiting_.push({at, added_++, command, location});
}

void TraceOrder::release(Ticks end) {
    while (!waiting_.empty() && waiting_.top().at < end) {
        hand_on();
    }
}

void TraceOrder::release_all() {
    while (!waiting_.empty()) {
        hand_on();
    }
}

void TraceOrder::hand_on() {
    const Entry& entry = waiting_.top();
    sink_.command(traced(entry.command, channel_, entry.location, clock_.at(entry.at)));
    waiting_.pop();
}

CommandTraceFile::CommandTraceFile(std::string file) : file_(std::move(file)), partial_file_(file_ + ".partial") {
    if (std::filesystem::exists(file_) && !std::filesystem::is_regular_file(file_)) {
        throw InputError(fmt::format("{}: cannot write the command trace: it is no regular file", file_));
    }
    stream_ = std::fopen(partial_file_.c_str(), "wb");
    if (stream_ == nullptr) {
        throw InputError(fmt::format("{}: cannot write the command trace: {}", file_, std::strerror(errno)));
    }
    fmt::format_to(std::back_inserter(buffer_),
                   "time_ps,channel,pseudo_channel,rank,bank_group,bank,command,row,column\n");
}

CommandTraceFile::~CommandTraceFile() {
    discard();
}

void CommandTraceFile::command(const TracedCommand& c) {
    fmt::format_to(std::back_inserter(buffer_), "{},{},{},{},{},{},{},{},{}\n", c.time_ps, c.channel, c.pseudo_channel,
                   c.rank, c.bank_group, c.bank, info(c.command).name, c.row, c.column);
    if (buffer_.size() >= buffer_bytes) {
        write_out();
    }
}

void CommandTraceFile::write_out() {
    failed_ |= std::fwrite(buffer_.data(), 1, buffer_.size(), stream_) != buffer_.size();
    buffer_.clear();
}

void CommandTraceFile::close() {
    if (stream_ == nullptr) {
        return;
    }
    write_out();
    failed_ |= std::fclose(std::exchange(stream_, nullptr)) != 0;
    std::error_code error;
    if (!failed_) {
        std::filesystem::rename(partial_file_, file_, error);
    }
    if (failed_ || error) {
        std::filesystem::remove(partial_file_, error);
        throw InputError(fmt::format("{}: cannot write the command trace", file_));
    }
}

void CommandTraceFile::discard() {
    if (stream_ != nullptr) {
        std::fclose(stream_);
        std::error_code ignored;
        std::filesystem::remove(partial_file_, ignored);
    }
}

}  // namespace aqpim::dram
