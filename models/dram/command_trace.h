#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <queue>
#include <string>
#include <vector>

#include "models/common/clock.h"
#include "models/dram/command.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// One command as the trace shows it; -1 where a field does not apply or addresses all.
struct TracedCommand {
    Picoseconds time_ps;
    Command command;
    std::int32_t channel;
    std::int32_t pseudo_channel;
    std::int32_t rank;
    std::int32_t bank_group;
    std::int32_t bank;
    std::int32_t row;
    std::int32_t column;
};

/// Receives every command, in order of time for each channel.
class CommandSink {
 public:
    virtual ~CommandSink() = default;
    virtual void command(const TracedCommand& command) = 0;
};

/// Brings one channel's commands, which are placed out of order, into order of time.
class TraceOrder {
 public:
    TraceOrder(CommandSink& sink, const Clock& clock, std::uint32_t channel)
        : sink_(sink), clock_(clock), channel_(channel) {}

    void add(Command command, const Location& location, Ticks at);
    /// Hands on what was issued before `end`; nothing earlier may follow.
    void release(Ticks end);
    void release_all();

 private:
    struct Entry {
        Ticks at;
        std::uint64_t number;
        Command command;
        Location location;
        bool operator>(const Entry& other) const { return at != other.at ? at > other.at : number > other.number; }
    };
    void hand_on();

    CommandSink& sink_;
    Clock clock_;
    std::uint32_t channel_;
    std::uint64_t added_ = 0;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> waiting_;
};

/// Writes the trace as CSV: time_ps,channel,pseudo_channel,rank,bank_group,bank,command,row,column. The file appears
/// under its name at close(); without close() nothing is left of it.
class CommandTraceFile : public CommandSink {
 public:
    /// Throws InputError if the file cannot be made.
    explicit CommandTraceFile(std::string file);
    ~CommandTraceFile() override;
    CommandTraceFile(const CommandTraceFile&) = delete;
    CommandTraceFile& operator=(const CommandTraceFile&) = delete;

    void command(const TracedCommand& command) override;
    /// Throws InputError if what was recorded cannot be written.
    void close();

 private:
    void write_out();
    void discard();

    std::string file_;
    std::string partial_file_;
    std::FILE* stream_ = nullptr;
    fmt::memory_buffer buffer_;
    bool failed_ = false;
};

}  // namespace aqpim::dram
