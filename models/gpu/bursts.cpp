#include "models/gpu/bursts.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "models/common/sockets.h"
#include "models/queue/bus_status.h"

namespace aqpim {

Bursts::Bursts(const GpuParameters& parameters, Ports ports)
    : parameters_(parameters),
      ports_(std::move(ports)),
      client_(ports_.bus.add_client([this](auto id, auto status, auto at_ps) { answered(id, status, at_ps); })) {}

void Bursts::begin(const CommandQueue::Command& command) {
    command_ = &command;
    failure_ = {};
    read_.clear();
    reading_ = false;
    take_answers();
}

void Bursts::copy(Place source, Place target, std::uint32_t bytes) {
    wait_until([this] { return in_flight_ < parameters_.copy_outstanding; });
    if (!is_going_on()) {
        return;
    }
    const std::uint32_t id = take_burst();
    bursts_[id].source = source;
    bursts_[id].target = target;
    bursts_[id].bytes = bytes;
    start(id, Burst::Step::reading);
}

void Bursts::fill(Place target, std::uint64_t pattern, std::uint32_t bytes) {
    wait_until([this] { return in_flight_ < parameters_.copy_outstanding; });
    if (!is_going_on()) {
        return;
    }
    const std::uint32_t id = take_burst();
    Burst& burst = bursts_[id];
    burst.target = target;
    burst.bytes = bytes;
    if (parameters_.functional) {
        std::uint8_t* const data = data_of(burst);
        for (std::uint32_t done = 0; done < bytes; done += sizeof pattern) {
            std::memcpy(data + done, &pattern, std::min<std::size_t>(sizeof pattern, bytes - done));
        }
    }
    start(id, Burst::Step::writing);
}

void Bursts::read(Place source, std::uint32_t bytes) {
    wait_until([this] { return in_flight_ < parameters_.copy_outstanding; });
    if (!is_going_on()) {
        return;
    }
    const std::uint32_t id = take_burst();
    bursts_[id].source = source;
    bursts_[id].bytes = bytes;
    bursts_[id].keep = reading_ = true;
    start(id, Burst::Step::reading);
}

std::vector<std::uint8_t> Bursts::take_read() {
    wait_until([this] { return !reading_; });
    return std::exchange(read_, {});
}

CommandQueue::Outcome Bursts::finish() {
    wait_until([this] { return in_flight_ == 0; });
    if (command_->is_cancelled()) {
        abandon();
    }
    return {failure_.status, failure_.address};
}

std::uint32_t Bursts::take_burst() {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(bursts_.size()));
        bursts_.emplace_back();
    }
    const std::uint32_t id = free_.back();
    free_.pop_back();
    Burst& burst = bursts_[id];
    burst.keep = burst.abandoned = false;
    burst.number = started_++;
    ++in_flight_;
    return id;
}

void Bursts::start(std::uint32_t id, Burst::Step step) {
    Burst& burst = bursts_[id];
    burst.step = step;
    step == Burst::Step::reading ? send(id, burst.source, tlm::TLM_READ_COMMAND)
                                 : send(id, burst.target, tlm::TLM_WRITE_COMMAND);
}

std::uint8_t* Bursts::data_of(Burst& burst) {
    if (parameters_.functional || burst.keep) {
        burst.data.resize(std::max<std::size_t>(burst.data.size(), burst.bytes));
        return burst.data.data();
    }
    // What payloads in flight point to stays where it is.
    if (blanks_.empty() || blanks_.back().size() < burst.bytes) {
        blanks_.emplace_back(std::bit_ceil(burst.bytes));
    }
    return blanks_.back().data();
}

void Bursts::send(std::uint32_t id, const Place& place, tlm::tlm_command command) {
    Burst& burst = bursts_[id];
    const PayloadAccess access{command, place.address, data_of(burst), burst.bytes,
                               parameters_.functional || burst.keep};
    if (place.on_bus) {
        ports_.bus.send(client_, id, access);
        return;
    }
    tlm::tlm_generic_payload& payload = payloads_.take(access);
    sc_core::sc_time delay;
    ports_.memory(payload, delay);
    answered(id, payload.get_response_status(), local_time_ps(delay));
    payload.release();
}

void Bursts::answered(std::uint32_t id, tlm::tlm_response_status status, Picoseconds at_ps) {
    answers_.push({at_ps, answers_so_far_++, id, status});
    answer_.notify(from_ps(at_ps) - sc_core::sc_time_stamp());
}

void Bursts::take_answers() {
    while (!answers_.empty() && answers_.top().at_ps <= to_ps(sc_core::sc_time_stamp())) {
        const Answer answer = answers_.top();
        answers_.pop();
        take(answer);
    }
}

void Bursts::take(const Answer& answer) {
    Burst& burst = bursts_[answer.id];
    const bool was_reading = burst.step == Burst::Step::reading;
    if (burst.abandoned) {
        end(answer.id);
    } else if (answer.status != tlm::TLM_OK_RESPONSE) {
        if (failure_.status == AQPIM_DONE || burst.number < failure_.burst) {
            failure_ = {completion_status(answer.status), (was_reading ? burst.source : burst.target).address,
                        burst.number};
        }
        reading_ = reading_ && !burst.keep;
        end(answer.id);
    } else if (burst.keep) {
        read_.assign(burst.data.begin(), burst.data.begin() + burst.bytes);
        reading_ = false;
        end(answer.id);
    } else if (was_reading) {
        start(answer.id, Burst::Step::writing);
    } else {
        bytes_written_ += burst.bytes;
        end(answer.id);
    }
}

void Bursts::end(std::uint32_t id) {
    in_flight_ -= bursts_[id].abandoned ? 0 : 1;
    bursts_[id].step = Burst::Step::free;
    free_.push_back(id);
}

/// What has been sent is still answered, some time; nothing is written for it any more.
void Bursts::abandon() {
    for (Burst& burst : bursts_) {
        burst.abandoned = burst.step != Burst::Step::free;
    }
    in_flight_ = 0;
    ports_.bus.withdraw(client_);
    take_answers();
}

template <class Condition>
void Bursts::wait_until(const Condition& condition) {
    for (take_answers(); !condition() && !command_->is_cancelled(); take_answers()) {
        if (!answers_.empty()) {
            answer_.notify(from_ps(answers_.top().at_ps) - sc_core::sc_time_stamp());
        }
        command_->wait(answer_);
    }
}

}  // namespace aqpim
