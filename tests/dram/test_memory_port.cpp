// The PIM memory through nb_transport: when each phase comes. Ticks are of the default HBM3, 769 ps each.
#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "nonblocking_rig.h"

using namespace aqpim;
using namespace aqpim::dram;

TEST_CASE("a read ends its request at once and responds when its burst has left the data bus") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.read(0);
    rig.run();
    CHECK(rig.heard == std::vector<Heard>{{tlm::END_REQ, 0, 0}, {tlm::BEGIN_RESP, 0, (RCD + CL + BL) * tick}});
    CHECK(rig.payloads[0].is_response_ok());
}

TEST_CASE("the closed form has the same phases") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}, {"memory.fidelity", "fast"}});
    rig.read(0);
    rig.run();
    CHECK(rig.heard == std::vector<Heard>{{tlm::END_REQ, 0, 0}, {tlm::BEGIN_RESP, 0, (RCD + CL + BL) * tick}});
}

TEST_CASE("a request takes effect at its annotated time, its first command the controller's latency later") {
    NonblockingRig rig({{"dram.controller_latency", "10ns"}});
    rig.send(tlm::TLM_READ_COMMAND, 0, 32, 100 * tick);
    rig.run();
    CHECK(rig.heard == std::vector<Heard>{{tlm::END_REQ, 0, 100 * tick},
                                          {tlm::BEGIN_RESP, 0, (114 + RCD + CL + BL) * tick}});  // 10 ns: 14 ticks
}

TEST_CASE("what else is due meanwhile does not hurry an annotated request") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.read(0);
    sc_core::sc_start(from_ps(1));
    rig.send(tlm::TLM_READ_COMMAND, 32, 32, 200 * tick);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    CHECK(rig.time_of(tlm::END_REQ, 1) == 200 * tick + 1);
}

TEST_CASE("requests are pipelined, and row hits overtake") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    const AddressMap& map = rig.memory.address_map();
    Location other_row;
    other_row.row = 1;
    Location hit;
    hit.column = 5;
    rig.read_all({0, map.encode(other_row), map.encode(hit)});
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 2) < rig.time_of(tlm::BEGIN_RESP, 1));
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    CHECK(rig.time_of(tlm::BEGIN_RESP, 2) - rig.time_of(tlm::BEGIN_RESP, 0) ==
          rig.scene.parameters.timing.nCCDL * tick);  // the same bank
}

TEST_CASE("END_REQ waits until the queue has room") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}, {"memory.read_queue", "1"}});
    const AddressMap& map = rig.memory.address_map();
    std::vector<std::uint64_t> rows;
    for (std::uint32_t row = 0; row < 3; ++row) {
        Location location;
        location.row = row;
        rows.push_back(map.encode(location));
    }
    rig.read_all(rows);
    const TimingParameters& timing = rig.scene.parameters.timing;
    const Ticks precharge = std::max<Ticks>(timing.nRAS, RCD + timing.nRTP);
    const Ticks activate = std::max<Ticks>(precharge + timing.nRP, timing.nRC);  // of the second row: its place is free
    CHECK(rig.time_of(tlm::END_REQ, 1) == 1);  // as it came: the first has left the queue at once
    CHECK(rig.time_of(tlm::END_REQ, 2) == (activate + 1) * tick);
}

TEST_CASE("END_REQ of a payload comes when the last of its bursts has found room") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.read(0, 4 * 16 * 32);  // four bursts in each channel: one a cycle enters
    rig.run();
    CHECK(rig.time_of(tlm::END_REQ, 0) == 3 * tick);
    CHECK(rig.memory.counters().reads == 64);
}

TEST_CASE("a response waits for the END_RESP of the one before, and for its annotated time") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.respond = accept;
    rig.read_all({0, 32, 64});
    sc_core::sc_start(from_ps(100'000) - sc_core::sc_time_stamp());
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    CHECK(rig.heard.back() == Heard{tlm::BEGIN_RESP, 0, (RCD + CL + BL) * tick});
    rig.end(0, 5'000);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 1) == 105'000);
    rig.respond = [](tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_COMPLETED; };
    const Picoseconds now = to_ps(sc_core::sc_time_stamp());
    rig.end(1);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 2) == now);
    CHECK(rig.memory.in_flight() == 0);
    CHECK(rig.checker.in_flight() == 0);
}

TEST_CASE("END_RESP on the return path ends a response at its annotated time") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.respond = [](tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        phase = tlm::END_RESP;
        delay += from_ps(70'000);
        return tlm::TLM_UPDATED;
    };
    rig.read_all({0, 32});  // in channels of their own: both are ready at about the same time
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 1) == (RCD + CL + BL) * tick + 70'000);
    CHECK(rig.memory.in_flight() == 0);
}

TEST_CASE("a read sees the write before it, which it may overtake") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.write(64);
    sc_core::sc_start(from_ps(1));
    rig.read(64);
    rig.run();
    CHECK(rig.data[1] == std::vector<std::uint8_t>(32, 1));
}

TEST_CASE("a write responds when its data is on the bus") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.write(0);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (rig.scene.parameters.timing.nRCDWR + CWL + BL) * tick);
}

TEST_CASE("errors and ignored commands pass the same phases, and take no time") {
    NonblockingRig rig({});
    rig.read(capacity);
    rig.run();
    rig.send(tlm::TLM_IGNORE_COMMAND, 0, 32);
    const Picoseconds second = to_ps(sc_core::sc_time_stamp());
    rig.run();
    CHECK(rig.heard ==
          std::vector<Heard>{
              {tlm::END_REQ, 0, 0}, {tlm::BEGIN_RESP, 0, 0}, {tlm::END_REQ, 1, second}, {tlm::BEGIN_RESP, 1, second}});
    CHECK(rig.payloads[0].get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(rig.payloads[1].is_response_ok());
    CHECK(rig.memory.counters().reads == 0);
}

TEST_CASE("the memory holds a payload until its END_RESP") {
    NonblockingRig rig({});
    rig.respond = accept;
    rig.read(0);
    rig.payloads[0].acquire();
    CHECK(rig.payloads[0].get_ref_count() == 3);
    rig.run();
    rig.payloads[0].release();
    rig.end(0);
    CHECK(rig.payloads[0].get_ref_count() == 1);
    rig.payloads[0].release();
    CHECK(rig.freed == 1);
}

TEST_CASE("a read by b_transport sees a write that nb_transport has only announced") {
    NonblockingRig rig({});
    rig.send(tlm::TLM_WRITE_COMMAND, 0, 32, 5'000);
    std::uint8_t byte = 0;
    sc_core::sc_time delay;
    access(rig.initiator.socket, tlm::TLM_READ_COMMAND, 3, &byte, 1, delay);
    CHECK(byte == 1);
    rig.run();
}

TEST_CASE("reset drops no request") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.read(0);
    sc_core::sc_start(from_ps(100));
    rig.send(tlm::TLM_WRITE_COMMAND, 64, 32, 5'000);
    rig.memory.reset();
    rig.run();
    CHECK(rig.payloads[0].is_response_ok());
    CHECK(rig.payloads[1].is_response_ok());
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    CHECK(rig.time_of(tlm::END_REQ, 1) == 5'100);
    CHECK(rig.memory.in_flight() == 0);
}

TEST_CASE("b_transport competes with what waits in its channel, and completes it no later") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    Location other_row;
    other_row.row = 1;
    rig.read(rig.memory.address_map().encode(other_row));
    sc_core::sc_start(from_ps(1));
    std::uint32_t word = 0;
    sc_core::sc_time delay;
    CHECK(access(rig.initiator.socket, tlm::TLM_READ_COMMAND, 0, &word, 4, delay) == tlm::TLM_OK_RESPONSE);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    const TimingParameters& timing = rig.scene.parameters.timing;
    const Ticks precharge = std::max<Ticks>(timing.nRAS, RCD + timing.nRTP);
    const Ticks activate = std::max<Ticks>(precharge + timing.nRP, timing.nRC);
    CHECK(to_ps(delay) + 1 == (activate + RCD + CL + BL) * tick);
}

TEST_CASE("what waits in a channel goes before an engine's commands") {
    NonblockingRig rig({{"dram.controller_latency", "0ns"}});
    rig.read(0);
    sc_core::sc_start(from_ps(1));
    const Ticks opened = rig.memory.channel(0).issue({Command::PIM_ACT_AB, 1, 5}, 0);
    CHECK(opened > RCD + CL);
    rig.run();
    CHECK(rig.time_of(tlm::BEGIN_RESP, 0) == (RCD + CL + BL) * tick);
    rig.read(0);
    rig.run();
    CHECK(rig.memory.counters().row_conflicts + rig.memory.counters().row_misses == 2);
}

TEST_CASE("an idle memory leaves the kernel alone") {
    NonblockingRig rig({});
    rig.read(0);
    rig.run();
    CHECK_FALSE(sc_core::sc_pending_activity());
    CHECK(sc_core::sc_delta_count() < 12);
}
