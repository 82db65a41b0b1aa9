#include "models/gpu/bus_requests.h"

#include <utility>

#include "models/common/sockets.h"

namespace aqpim {

BusRequests::BusRequests(sc_core::sc_module_name name, Forward forward)
    : sc_module(name), forward_(std::move(forward)) {
    SC_HAS_PROCESS(BusRequests);
    // A thread: targets that answer at once do so by b_transport, which methods must not call.
    SC_THREAD(run);
}

unsigned BusRequests::add_client(Answer answer) {
    clients_.push_back({std::move(answer), {}});
    return static_cast<unsigned>(clients_.size() - 1);
}

void BusRequests::send(unsigned client, std::uint32_t id, const PayloadAccess& access) {
    clients_.at(client).waiting.push_back({id, access});
    // Not in the call, so that all who have something at this time get their turn.
    arbitrate_.notify(sc_core::SC_ZERO_TIME);
}

void BusRequests::withdraw(unsigned client) {
    for (const Request& request : std::exchange(clients_.at(client).waiting, {})) {
        clients_[client].answer(request.id, tlm::TLM_INCOMPLETE_RESPONSE, to_ps(sc_core::sc_time_stamp()));
    }
}

void BusRequests::run() {
    for (;;) {
        arbitrate();
        wait(arbitrate_);
    }
}

void BusRequests::arbitrate() {
    while (requesting_ == nullptr) {
        const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
        if (free_at_ps_ > now_ps) {
            arbitrate_.notify(from_ps(free_at_ps_ - now_ps));
            return;
        }
        Client* const client = next_client();
        if (client == nullptr) {
            return;
        }
        send(*client);
    }
}

BusRequests::Client* BusRequests::next_client() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        Client& client = clients_[turn_];
        turn_ = (turn_ + 1) % static_cast<unsigned>(clients_.size());
        if (!client.waiting.empty()) {
            return &client;
        }
    }
    return nullptr;
}

void BusRequests::send(Client& client) {
    const Request request = client.waiting.front();
    client.waiting.pop_front();
    Payload& payload = payloads_.take(request.access);
    flights_[&payload] = {static_cast<unsigned>(&client - clients_.data()), request.id};
    requesting_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const tlm::tlm_sync_enum answer = forward_(payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
        requesting_ = nullptr;
        end(payload, local_time_ps(delay));
    } else if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        end_request(local_time_ps(delay));
    } else if (answer == tlm::TLM_UPDATED) {
        end_request(local_time_ps(delay));
        const Picoseconds at_ps = local_time_ps(delay);
        phase = tlm::END_RESP;
        forward_(payload, phase, delay);
        end(payload, at_ps);
    }
}

tlm::tlm_sync_enum BusRequests::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (requesting_ == &payload) {
        end_request(local_time_ps(delay));
    }
    if (phase != tlm::BEGIN_RESP) {
        return tlm::TLM_ACCEPTED;
    }
    end(payload, local_time_ps(delay));
    return tlm::TLM_COMPLETED;
}

void BusRequests::end_request(Picoseconds at_ps) {
    requesting_ = nullptr;
    free_at_ps_ = at_ps;
    arbitrate_.notify(sc_core::SC_ZERO_TIME);
}

void BusRequests::end(Payload& payload, Picoseconds at_ps) {
    const auto flight = flights_.find(&payload);
    if (flight == flights_.end()) {
        return;
    }
    const Flight ended = flight->second;
    flights_.erase(flight);
    clients_[ended.client].answer(ended.id, payload.get_response_status(), at_ps);
    payload.release();
}

}  // namespace aqpim
