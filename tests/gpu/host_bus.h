#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <systemc>
#include <tlm>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "models/common/no_contents.h"
#include "models/common/sockets.h"

namespace aqpim {

/// What the GPU's bus leads to: a memory with one data bus, in one of several styles of the base protocol.
struct HostBus : sc_core::sc_module {
    using Payload = tlm::tlm_generic_payload;
    enum class Style {
        at_once,  ///< nb_transport returns TLM_COMPLETED with the time that the access takes
        late,     ///< phases come on the backward path
        mixed,    ///< either, TLM_UPDATED, and responses in any order; by chance
        respond   ///< nb_transport returns TLM_UPDATED with BEGIN_RESP
    };

    explicit HostBus(sc_core::sc_module_name name, std::uint64_t size = 1 << 20)
        : sc_module(name), socket("socket"), contents(size) {
        socket.register_b_transport(this, &HostBus::b_transport);
        socket.register_nb_transport_fw(this, &HostBus::nb_transport_fw);
        socket.register_transport_dbg(this, &HostBus::transport_dbg);
        SC_HAS_PROCESS(HostBus);
        SC_METHOD(work);
        sensitive << due_;
        dont_initialize();
    }

    void b_transport(Payload& payload, sc_core::sc_time& delay) {
        delay = from_ps(serve(payload, local_time_ps(delay))) - sc_core::sc_time_stamp();
    }
    tlm::tlm_sync_enum nb_transport_fw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        if (phase != tlm::BEGIN_REQ) {
            return tlm::TLM_COMPLETED;
        }
        ++requests;
        seen(payload);
        const unsigned choice = style == Style::mixed ? random() % 4 : style == Style::late ? 1 : 0;
        if (choice == 0) {
            const Picoseconds end = serve(payload, local_time_ps(delay));
            delay = from_ps(end) - sc_core::sc_time_stamp();
            return tlm::TLM_COMPLETED;
        }
        if (style == Style::respond) {
            serve(payload, 0);
            phase = tlm::BEGIN_RESP;
            return tlm::TLM_UPDATED;
        }
        payload.acquire();
        most_outstanding = std::max(most_outstanding, ++outstanding);
        const Picoseconds now = local_time_ps(delay);
        Picoseconds response = serve(payload, now);
        response += style == Style::mixed ? random() % 3'000'000 : 0;
        at(response, payload, tlm::BEGIN_RESP);
        if (choice == 1) {
            at(now + request_ps, payload, tlm::END_REQ);
            return tlm::TLM_ACCEPTED;
        }
        if (choice == 2) {
            phase = tlm::END_REQ;
            delay += from_ps(request_ps);
            return tlm::TLM_UPDATED;
        }
        return tlm::TLM_ACCEPTED;  // BEGIN_RESP is END_REQ, too
    }
    unsigned transport_dbg(Payload& payload) {
        if (payload.get_address() + payload.get_data_length() > contents.size()) {
            return 0;
        }
        move(payload);
        return payload.get_data_length();
    }

    /// When the access ends. Contents move at once.
    Picoseconds serve(Payload& payload, Picoseconds arrival) {
        const std::uint64_t bytes = payload.get_data_length();
        const tlm::tlm_response_status status = refuse(payload);
        const bool inside = bytes <= size() && payload.get_address() <= size() - bytes;
        payload.set_response_status(status == tlm::TLM_OK_RESPONSE && !inside ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                                              : status);
        if (!payload.is_response_ok()) {
            return arrival + latency_ps;
        }
        if (!NoContents::is_set(payload)) {
            move(payload);
        }
        free_at_ = std::max(arrival, free_at_) + transfer_time_ps(bytes, bandwidth);
        return free_at_ + latency_ps;
    }
    void move(Payload& payload) {
        std::uint8_t* const cells = contents.data() + payload.get_address();
        payload.is_read() ? std::memcpy(payload.get_data_ptr(), cells, payload.get_data_length())
                          : std::memcpy(cells, payload.get_data_ptr(), payload.get_data_length());
    }
    std::uint64_t size() const { return claimed == 0 ? contents.size() : claimed; }

    void at(Picoseconds time, Payload& payload, tlm::tlm_phase phase) {
        agenda_.emplace(time, std::make_pair(&payload, phase));
        due_.notify(from_ps(agenda_.begin()->first) - sc_core::sc_time_stamp());
    }
    void work() {
        while (!agenda_.empty() && agenda_.begin()->first <= to_ps(sc_core::sc_time_stamp())) {
            auto [payload, phase] = agenda_.begin()->second;
            agenda_.erase(agenda_.begin());
            sc_core::sc_time delay;
            const bool ends = phase == tlm::BEGIN_RESP;
            socket->nb_transport_bw(*payload, phase, delay);
            if (ends) {
                --outstanding;
                payload->release();
            }
        }
        if (!agenda_.empty()) {
            due_.notify(from_ps(agenda_.begin()->first) - sc_core::sc_time_stamp());
        }
    }

    tlm_utils::passthrough_target_socket<HostBus, bus_width_bits> socket;
    std::vector<std::uint8_t> contents;
    std::uint64_t claimed = 0;  ///< bytes that it answers for when no contents matter
    Style style = Style::at_once;
    Picoseconds latency_ps = 200'000;
    Picoseconds request_ps = 10'000;  ///< from BEGIN_REQ to END_REQ
    std::uint64_t bandwidth = 64'000'000'000;
    std::function<tlm::tlm_response_status(const Payload&)> refuse = [](const Payload&) {
        return tlm::TLM_OK_RESPONSE;
    };
    std::function<void(const Payload&)> seen = [](const Payload&) {};
    unsigned requests = 0;
    unsigned outstanding = 0;  ///< of nb_transport; both without those that end at once
    unsigned most_outstanding = 0;
    std::mt19937 random{1};

 private:
    std::multimap<Picoseconds, std::pair<Payload*, tlm::tlm_phase>> agenda_;
    sc_core::sc_event due_;
    Picoseconds free_at_ = 0;
};

}  // namespace aqpim
