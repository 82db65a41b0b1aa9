#include "models/queue/command_queue.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "models/common/sockets.h"

namespace aqpim {

CommandQueue::CommandQueue(sc_core::sc_module_name name, Ports ports, unsigned prefetch, Recorder& recorder,
                           const std::string& track)
    : sc_module(name),
      ports_(std::move(ports)),
      prefetch_(prefetch),
      recorder_(recorder),
      interrupt_track_(recorder.add_track(track)) {
    SC_HAS_PROCESS(CommandQueue);
    SC_THREAD(run);
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
}

void CommandQueue::write_control(std::uint64_t value, const sc_core::sc_time& delay) {
    if ((value & 1) == 0) {
        status_ = AQPIM_QUEUE_DISABLED;
        ++generation_;
        return;
    }
    if (status_ != AQPIM_QUEUE_DISABLED) {
        return;
    }
    const bool sized = std::has_single_bit(entries_) && entries_ >= 2 && entries_ <= most_entries;
    const bool aligned = submit_base_ % descriptor_bytes == 0 && complete_base_ % sizeof(aqpim_completion) == 0;
    tail_ = head_ = completed_in_ring_ = 0;
    ++generation_;
    status_ = sized && aligned ? AQPIM_QUEUE_RUNNING : AQPIM_QUEUE_BAD_CONFIG;
    doorbell_.notify(delay);
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
    doorbell_.notify(delay);
}

void CommandQueue::reset() {
    status_ = AQPIM_QUEUE_DISABLED;
    ++generation_;
    entries_ = submit_base_ = complete_base_ = vector_ = tail_ = head_ = completed_in_ring_ = 0;
}

void CommandQueue::stop(aqpim_queue_status why) {
    status_ = why;
    ++errors_;
}

void CommandQueue::run() {
    std::uint64_t generation = generation_;
    for (;;) {
        if (generation != generation_) {
            generation = generation_;
            fetched_.clear();
        }
        if (status_ != AQPIM_QUEUE_RUNNING || (fetched_.empty() && head_ == tail_)) {
            wait(doorbell_);
        } else if (!fetched_.empty()) {
            execute_one();
        } else if (!fetch()) {
            stop(AQPIM_QUEUE_FETCH_ERROR);
        }
    }
}

bool CommandQueue::fetch() {
    const std::uint64_t generation = generation_;
    const std::uint64_t slot = head_ % entries_;
    const std::uint64_t count = std::min({tail_ - head_, std::uint64_t{prefetch_}, entries_ - slot});
    std::vector<Descriptor> descriptors(count);
    sc_core::sc_time delay;
    const auto status = ports_.bus(tlm::TLM_READ_COMMAND, submit_base_ + slot * descriptor_bytes, descriptors.data(),
                                   static_cast<std::uint32_t>(count * descriptor_bytes), delay);
    wait(delay);
    if (generation != generation_) {
        return true;
    }
    if (status != tlm::TLM_OK_RESPONSE) {
        return false;
    }
    head_ += count;
    fetched_.insert(fetched_.end(), descriptors.begin(), descriptors.end());
    return true;
}

void CommandQueue::execute_one() {
    const std::uint64_t generation = generation_;
    const Descriptor descriptor = fetched_.front();
    fetched_.pop_front();
    const auto header = as<aqpim_descriptor_header>(descriptor);
    const Picoseconds start_ps = to_ps(sc_core::sc_time_stamp());
    const aqpim_completion_status status = ports_.execute(descriptor);
    if (generation != generation_) {
        return;
    }
    errors_ += status == AQPIM_DONE ? 0 : 1;
    ++completed_;
    const std::uint64_t round = completed_in_ring_ / entries_;
    const aqpim_completion completion{header.cookie, static_cast<std::uint16_t>(status),
                                      static_cast<std::uint16_t>(round % 2 == 0 ? 1 : 0),
                                      to_ps(sc_core::sc_time_stamp()) - start_ps};
    const bool written = complete(completion);
    if (generation != generation_) {
        return;
    }
    if (!written) {
        stop(AQPIM_QUEUE_COMPLETE_ERROR);
    } else if ((header.flags & AQPIM_FLAG_INTERRUPT) != 0) {
        interrupt();
    }
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
    ports_.raise(static_cast<unsigned>(vector_), delay);
    const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
    recorder_.slice(interrupt_track_, "MSI-X", now_ps, now_ps + to_ps(delay), Activity::none, {{"vector", vector_}});
}

}  // namespace aqpim
