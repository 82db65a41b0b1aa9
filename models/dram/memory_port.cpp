#include "models/dram/memory_port.h"

#include <algorithm>
#include <utility>

#include "models/common/sockets.h"

namespace aqpim::dram {

MemoryPort::MemoryPort(sc_core::sc_module_name name, const Clock& clock, Picoseconds controller_latency, Hooks hooks)
    : sc_module(name), clock_(clock), controller_latency_(controller_latency), hooks_(std::move(hooks)) {
    SC_HAS_PROCESS(MemoryPort);
    SC_METHOD(work);
    sensitive << wake_;
    dont_initialize();
}

tlm::tlm_sync_enum MemoryPort::nb_transport_fw(Payload& payload, const tlm::tlm_phase& phase,
                                               const sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
        payload.acquire();
        ++in_flight_;
        requests_.push_back({local_time_ps(delay), &payload, hooks_.accept(payload)});
        wake_at(local_time_ps(delay));
    } else if (phase == tlm::END_RESP && responding_ == &payload) {
        end_response(local_time_ps(delay));
        wake_at(response_free_);
    }
    return tlm::TLM_ACCEPTED;
}

void MemoryPort::work() {
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    take_requests(now);
    engine_->advance(arrival_tick(now));
    end_requests(now);
    send_responses(now);
    wake_at(next_due());
}

void MemoryPort::take_requests(Picoseconds now) {
    while (!requests_.empty() && requests_.front().at <= now) {
        const Arrival arrival = requests_.front();
        requests_.pop_front();
        take(arrival, now);
    }
}

void MemoryPort::take(const Arrival& arrival, Picoseconds now) {
    Picoseconds entered = now;
    if (arrival.transfer) {
        const Ticks first = arrival_tick(now);
        const Ticks last = engine_->start(*arrival.transfer, reinterpret_cast<std::uintptr_t>(arrival.payload), first);
        if (last > first) {
            entered = std::max(now, clock_.at(last) - controller_latency_);
        }
    } else {
        add_response(*arrival.payload, now);
    }
    endings_.push_back({entered, 0, arrival.payload});
}

void MemoryPort::end_requests(Picoseconds now) {
    while (!endings_.empty() && endings_.front().at <= now) {
        Payload& payload = *endings_.front().payload;
        endings_.pop_front();
        tlm::tlm_phase phase = tlm::END_REQ;
        sc_core::sc_time delay;
        hooks_.backward(payload, phase, delay);
    }
}

void MemoryPort::send_responses(Picoseconds now) {
    while (responding_ == nullptr && response_free_ <= now && !responses_.empty() && responses_.top().at <= now) {
        responding_ = responses_.top().payload;
        responses_.pop();
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay;
        const tlm::tlm_sync_enum status = hooks_.backward(*responding_, phase, delay);
        const bool ended = status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
        if (ended && responding_ != nullptr) {
            end_response(local_time_ps(delay));
        }
    }
}

void MemoryPort::end_response(Picoseconds at) {
    response_free_ = at;
    --in_flight_;
    std::exchange(responding_, nullptr)->release();
}

void MemoryPort::transfer_done(std::uint64_t id, Ticks at) {
    add_response(*reinterpret_cast<Payload*>(static_cast<std::uintptr_t>(id)), clock_.at(at));
}

void MemoryPort::add_response(Payload& payload, Picoseconds at) {
    responses_.push({at, responses_so_far_++, &payload});
    wake_at(at);
}

void MemoryPort::wake_at(Picoseconds time_ps) {
    if (time_ps != never) {
        const Picoseconds now = to_ps(sc_core::sc_time_stamp());
        wake_.notify(from_ps(std::max(time_ps, now) - now));
    }
}

Picoseconds MemoryPort::next_due() {
    Picoseconds next = never;
    if (!requests_.empty()) {
        next = std::min(next, requests_.front().at);
    }
    if (!endings_.empty()) {
        next = std::min(next, endings_.front().at);
    }
    if (responding_ == nullptr && !responses_.empty()) {
        next = std::min(next, std::max(response_free_, responses_.top().at));
    }
    const Ticks end = engine_->next_end();
    return end == TransferEngine::never ? next : std::min(next, clock_.at(end));
}

}  // namespace aqpim::dram
