#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/base_protocol_checker.h"
#include "models/dram/dram_memory.h"
#include "scene.h"

// An initiator that speaks nb_transport to the default PIM memory, some parameters changed, and writes down when each
// phase came; the checker of the base protocol stands between them.
namespace aqpim::dram {

using Payload = tlm::tlm_generic_payload;

inline constexpr Picoseconds tick = 769;
inline constexpr Ticks RCD = 19, CL = 19, CWL = 6, BL = 2;
inline constexpr std::uint64_t capacity = 16ull << 30;

/// A phase that came on the backward path.
struct Heard {
    unsigned phase;
    std::size_t payload;
    Picoseconds at;
    bool operator==(const Heard&) const = default;
};

inline std::ostream& operator<<(std::ostream& stream, const Heard& heard) {
    return stream << "phase " << heard.phase << " of payload " << heard.payload << " at " << heard.at << " ps";
}

struct Initiator : sc_core::sc_module {
    explicit Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
        socket.register_nb_transport_bw(this, &Initiator::nb_transport_bw);
    }
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        return answer(payload, phase, delay);
    }
    InitiatorSocket<Initiator> socket;
    std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)> answer;
};

struct NonblockingRig : tlm::tlm_mm_interface {
    explicit NonblockingRig(std::initializer_list<std::pair<std::string, std::string>> changes)
        : scene(changes), memory("memory", scene.parameters) {
        initiator.answer = [this](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
            return nb_transport_bw(payload, phase, delay);
        };
        initiator.socket.bind(checker.target);
        checker.initiator.bind(memory.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
    ~NonblockingRig() {
        for (const std::string& violation : checker.violations().texts()) {
            FAIL_CHECK(violation);
        }
    }
    void free(Payload*) override { ++freed; }

    /// BEGIN_REQ, after `delay_ps`.
    void send(tlm::tlm_command command, std::uint64_t address, unsigned bytes, Picoseconds delay_ps = 0) {
        Payload& payload = payloads.emplace_back(this);
        payload.acquire();
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(data.emplace_back(bytes, static_cast<std::uint8_t>(payloads.size())).data());
        payload.set_data_length(bytes);
        payload.set_streaming_width(bytes);
        call(payload, tlm::BEGIN_REQ, delay_ps);
    }
    void read(std::uint64_t address, unsigned bytes = 32) { send(tlm::TLM_READ_COMMAND, address, bytes); }
    void write(std::uint64_t address, unsigned bytes = 32) { send(tlm::TLM_WRITE_COMMAND, address, bytes); }
    void end(std::size_t payload, Picoseconds delay_ps = 0) { call(payloads[payload], tlm::END_RESP, delay_ps); }
    void call(Payload& payload, tlm::tlm_phase phase, Picoseconds delay_ps) {
        sc_core::sc_time delay = from_ps(delay_ps);
        CHECK(initiator.socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_ACCEPTED);
    }
    tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        std::size_t index = 0;
        while (&payloads[index] != &payload) {
            ++index;
        }
        heard.push_back({phase, index, local_time_ps(delay)});
        return phase == tlm::BEGIN_RESP ? respond(phase, delay) : tlm::TLM_ACCEPTED;
    }

    /// Sends the next reads as soon as END_REQ allows.
    void read_all(const std::vector<std::uint64_t>& addresses) {
        for (const std::uint64_t address : addresses) {
            const std::size_t before = heard.size();
            read(address);
            while (std::none_of(heard.begin() + static_cast<std::ptrdiff_t>(before), heard.end(),
                                [&](const Heard& each) { return each.payload == payloads.size() - 1; })) {
                sc_core::sc_start(from_ps(1));
            }
        }
    }
    Picoseconds time_of(unsigned phase, std::size_t payload) const {
        for (const Heard& each : heard) {
            if (each.phase == phase && each.payload == payload) {
                return each.at;
            }
        }
        FAIL("phase " << phase << " of payload " << payload << " has not come");
        return 0;
    }
    void run() { sc_core::sc_start(from_ps(2'000'000)); }

    Scene scene;
    Initiator initiator{"initiator"};
    BaseProtocolChecker checker{"checker"};
    DramMemory memory;
    std::deque<Payload> payloads;
    std::deque<std::vector<std::uint8_t>> data;
    std::vector<Heard> heard;
    std::uint64_t freed = 0;
    std::function<tlm::tlm_sync_enum(tlm::tlm_phase&, sc_core::sc_time&)> respond =
        [](tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_COMPLETED; };
};

inline const auto accept = [](tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_ACCEPTED; };

}  // namespace aqpim::dram
