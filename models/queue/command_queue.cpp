#include "models/queue/command_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/common/sockets.h"

namespace aqpim {

void CommandQueue::Command::wait(const sc_core::sc_event& event) const {
    if (queue == nullptr) {
        sc_core::wait(event);
    } else if (!is_cancelled()) {
        sc_core::wait(event | queue->cancelled_);
    }
}

void CommandQueue::Command::wait(const sc_core::sc_time& time) const {
    if (queue == nullptr) {
        sc_core::wait(time);
    } else if (!is_cancelled()) {
        sc_core::wait(time, queue->cancelled_);
    }
}

CommandQueue::CommandQueue(sc_core::sc_module_name name, Ports ports, unsigned prefetch, Recorder& recorder,
                           const std::string& track, std::uint64_t vector)
    : sc_module(name),
      ports_(std::move(ports)),
      prefetch_(prefetch),
      recorder_(recorder),
      interrupt_track_(recorder.add_track(track)),
      power_on_vector_(vector),
      vector_(vector) {
    SC_HAS_PROCESS(CommandQueue);
    SC_THREAD(fetch_ahead);
    SC_THREAD(execute_all);
}

void CommandQueue::add_registers(RegisterFile& registers, std::uint64_t offset) {
    const auto add_config = [&](const char* name, std::uint64_t at, std::uint64_t& field) {
        registers.add(
            name, offset + at, 8, [&field] { return field; },
            [this, &field](std::uint64_t value, const sc_core::sc_time&) {
                if (status_ == AQPIM_QUEUE_DISABLED) {
                    field = value;
                }
            });
    };
    registers.add(
        "CONTROL", offset + AQPIM_QUEUE_CONTROL, 8, [this] { return status_ == AQPIM_QUEUE_DISABLED ? 0 : 1; },
        [this](std::uint64_t value, const sc_core::sc_time& delay) { write_control(value, delay); });
    registers.add("STATUS", offset + AQPIM_QUEUE_STATUS, 8, [this] { return status_; });
    add_config("ENTRIES", AQPIM_QUEUE_ENTRIES, entries_);
    add_config("SUBMIT_BASE", AQPIM_QUEUE_SUBMIT_BASE, submit_base_);
    add_config("COMPLETE_BASE", AQPIM_QUEUE_COMPLETE_BASE, complete_base_);
    registers.add(
        "VECTOR", offset + AQPIM_QUEUE_VECTOR, 8, [this] { return vector_; },
        [this](std::uint64_t value, const sc_core::sc_time&) { vector_ = value; });
    registers.add(
        "SUBMIT_TAIL", offset + AQPIM_QUEUE_SUBMIT_TAIL, 8, [this] { return tail_; },
        [this](std::uint64_t value, const sc_core::sc_time& delay) { ring_doorbell(value, delay); });
    registers.add("SUBMIT_HEAD", offset + AQPIM_QUEUE_SUBMIT_HEAD, 8, [this] { return head_; });
    add_error_registers(registers, offset);
}

void CommandQueue::add_error_registers(RegisterFile& registers, std::uint64_t offset) {
    registers.add("ERROR_COUNT", offset + AQPIM_QUEUE_ERROR_COUNT, 8, [this] { return error_.count; });
    registers.add("ERROR_RECORD", offset + AQPIM_QUEUE_ERROR_RECORD, 8, [this] { return error_.status_and_cookie; });
    registers.add("ERROR_INDEX", offset + AQPIM_QUEUE_ERROR_INDEX, 8, [this] { return error_.index; });
    registers.add("ERROR_ADDRESS", offset + AQPIM_QUEUE_ERROR_ADDRESS, 8, [this] { return error_.address; });
}

void CommandQueue::write_control(std::uint64_t value, const sc_core::sc_time& delay) {
    if ((value & 1) == 0) {
        status_ = AQPIM_QUEUE_DISABLED;
        cancel();
        return;
    }
    if (status_ != AQPIM_QUEUE_DISABLED) {
        return;
    }
    const bool sized = std::has_single_bit(entries_) && entries_ >= 2 && entries_ <= most_entries;
    const bool aligned = submit_base_ % descriptor_bytes == 0 && complete_base_ % sizeof(aqpim_completion) == 0;
    tail_ = head_ = completed_in_ring_ = 0;
    error_ = {};
    status_ = sized && aligned ? AQPIM_QUEUE_RUNNING : AQPIM_QUEUE_BAD_CONFIG;
    to_fetch_.notify(delay);
}

void CommandQueue::ring_doorbell(std::uint64_t tail, const sc_core::sc_time& delay) {
    if (status_ != AQPIM_QUEUE_RUNNING) {
        return;
    }
    // Unsigned: a tail that moves back is far ahead.
    if (tail - completed_in_ring_ > entries_ || tail - tail_ > entries_) {
        stop(AQPIM_QUEUE_OVERRUN);
        return;
    }
    tail_ = tail;
    to_fetch_.notify(delay);
}

void CommandQueue::reset() {
    status_ = AQPIM_QUEUE_DISABLED;
    entries_ = submit_base_ = complete_base_ = tail_ = head_ = completed_in_ring_ = 0;
    vector_ = power_on_vector_;
    error_ = {};
    cancel();
}

void CommandQueue::cancel() {
    ++generation_;
    fetched_.clear();
    cancelled_.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::stop(aqpim_queue_status why) {
    status_ = why;
    ++errors_;
}

void CommandQueue::fetch_ahead() {
    for (;;) {
        if (status_ == AQPIM_QUEUE_RUNNING && head_ != tail_ && has_room_to_fetch()) {
            fetch();
        } else {
            wait(to_fetch_);
        }
    }
}

/// For at least half of what may be ahead, so that one access brings several.
bool CommandQueue::has_room_to_fetch() const {
    return fetched_.size() <= prefetch_ / 2;
}

void CommandQueue::fetch() {
    const std::uint64_t generation = generation_;
    const std::uint64_t slot = head_ % entries_;
    const std::uint64_t room = prefetch_ - fetched_.size();
    const std::uint64_t count = std::min({tail_ - head_, room, entries_ - slot});
    std::vector<Descriptor> descriptors(count);
    sc_core::sc_time delay;
    const auto status = ports_.bus(tlm::TLM_READ_COMMAND, submit_base_ + slot * descriptor_bytes, descriptors.data(),
                                   static_cast<std::uint32_t>(count * descriptor_bytes), delay);
    wait(delay);
    if (generation != generation_ || status_ != AQPIM_QUEUE_RUNNING) {
        return;
    }
    if (status != tlm::TLM_OK_RESPONSE) {
        stop(AQPIM_QUEUE_FETCH_ERROR);
        return;
    }
    head_ += count;
    for (const Descriptor& descriptor : descriptors) {
        fetched_.push_back({descriptor, to_ps(sc_core::sc_time_stamp()), this, generation});
    }
    to_execute_.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::execute_all() {
    for (;;) {
        // What was fetched before a later fetch failed is still carried out.
        const bool may_execute = status_ == AQPIM_QUEUE_RUNNING || status_ == AQPIM_QUEUE_FETCH_ERROR;
        if (may_execute && !fetched_.empty()) {
            execute_one();
        } else {
            wait(to_execute_);
        }
    }
}

void CommandQueue::execute_one() {
    const Command command = fetched_.front();
    fetched_.pop_front();
    to_fetch_.notify(sc_core::SC_ZERO_TIME);
    const auto header = command.as<aqpim_descriptor_header>();
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const Outcome outcome = ports_.execute(command);
    if (command.is_cancelled()) {
        return;
    }
    record(header, outcome);
    const std::uint64_t round = completed_in_ring_ / entries_;
    const aqpim_completion completion{header.cookie, static_cast<std::uint16_t>(outcome.status),
                                      static_cast<std::uint16_t>(round % 2 == 0 ? 1 : 0),
                                      to_ps(sc_core::sc_time_stamp()) - start_ps};
    const bool written = complete(completion);
    if (command.is_cancelled()) {
        return;
    }
    if (!written) {
        stop(AQPIM_QUEUE_COMPLETE_ERROR);
    } else if ((header.flags & AQPIM_FLAG_INTERRUPT) != 0) {
        interrupt();
    }
}

void CommandQueue::record(const aqpim_descriptor_header& header, const Outcome& outcome) {
    ++completed_;
    if (outcome.status == AQPIM_DONE) {
        return;
    }
    ++errors_;
    error_ = {error_.count + 1, std::uint64_t{outcome.status} << 32 | header.cookie, completed_in_ring_,
              outcome.failed_address};
}

bool CommandQueue::complete(const aqpim_completion& completion) {
    const std::uint64_t slot = completed_in_ring_ % entries_;
    ++completed_in_ring_;
    aqpim_completion copy = completion;
    sc_core::sc_time delay;
    const auto status =
        ports_.bus(tlm::TLM_WRITE_COMMAND, complete_base_ + slot * sizeof copy, &copy, sizeof copy, delay);
    wait(delay);
    return status == tlm::TLM_OK_RESPONSE;
}

void CommandQueue::interrupt() {
    sc_core::sc_time delay;
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    ports_.raise(static_cast<unsigned>(vector_), delay);
    recorder_.slice(interrupt_track_, "MSI-X", now_ps, local_time_ps(delay), Activity::none, {{"vector", vector_}});
}

}  // namespace aqpim
