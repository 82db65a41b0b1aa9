// The checker watches the phases of nb_transport.
#include <catch2/catch.hpp>

#include "checker_scene.h"

using namespace aqpim;

namespace {

TLM_DECLARE_EXTENDED_PHASE(data_beat);

}  // namespace

TEST_CASE("every sequence of phases that table 15.2.4 permits passes without a word") {
    Rig rig;
    const auto fresh = [&] { rig.prepare(rig.payload); };
    CHECK(rig.broken_by([&] {  // four calls, with time passing
        rig.send(rig.payload, tlm::BEGIN_REQ, ns(2));
        rig.reply(rig.payload, tlm::END_REQ, ns(3));
        rig.send(rig.payload, data_beat, ns(3));
        sc_core::sc_start(ns(10));
        rig.respond(rig.payload);
        rig.send(rig.payload, tlm::END_RESP);
    }) == none);
    fresh();
    CHECK(rig.broken_by([&] {  // END_REQ left out, the initiator completes early
        rig.send(rig.payload, tlm::BEGIN_REQ);
        rig.initiator.answer = complete;
        rig.respond(rig.payload);
    }) == none);
    fresh();
    CHECK(rig.broken_by([&] {  // both ends use the return path
        rig.target.answer = update(tlm::END_REQ);
        rig.send(rig.payload, tlm::BEGIN_REQ);
        rig.initiator.answer = update(tlm::END_RESP);
        rig.respond(rig.payload);
    }) == none);
    fresh();
    CHECK(rig.broken_by([&] {  // response on the return path
        rig.target.answer = update(tlm::BEGIN_RESP);
        rig.send(rig.payload, tlm::BEGIN_REQ);
        rig.target.answer = complete;
        rig.send(rig.payload, tlm::END_RESP);
    }) == none);
    fresh();
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == none);  // completed at once
    CHECK(rig.checker.in_flight() == 0);
    CHECK(rig.checker.transactions() == 5);
}

TEST_CASE("pipelined transactions may answer out of order") {
    Rig rig;
    CHECK(rig.broken_by([&] {
        for (Payload* payload : {&rig.payload, &rig.other, &rig.third}) {
            rig.send(*payload, tlm::BEGIN_REQ);
            rig.reply(*payload, tlm::END_REQ);
        }
        for (Payload* payload : {&rig.third, &rig.payload, &rig.other}) {
            rig.respond(*payload);
            rig.send(*payload, tlm::END_RESP);
        }
    }) == none);
}

TEST_CASE("the checker changes nothing of what passes through it") {
    Rig rig;
    rig.target.answer = [](Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
        CHECK(phase == tlm::BEGIN_REQ);
        CHECK(delay == ns(3));
        payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
        delay += ns(4);
        return tlm::TLM_COMPLETED;
    };
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = ns(3);
    CHECK(rig.initiator.socket->nb_transport_fw(rig.payload, phase, delay) == tlm::TLM_COMPLETED);
    CHECK(delay == ns(7));
    CHECK(rig.payload.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(rig.payload.get_ref_count() == 1);
}

TEST_CASE("a phase from the wrong side is found") {
    Rig rig;
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::phase_path});
    rig.send(rig.payload, tlm::BEGIN_REQ);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_REQ); }) == Rules{Rule::phase_path});
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_RESP); }) == Rules{Rule::phase_path});
    rig.respond(rig.payload);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_RESP); }) == Rules{Rule::phase_path});
}

TEST_CASE("a phase out of order is found") {
    Rig rig;
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::phase_order});
    CHECK(rig.broken_by([&] { rig.respond(rig.payload); }) == Rules{Rule::phase_order});
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_RESP); }) == Rules{Rule::phase_order});
    rig.prepare(rig.payload);
    rig.send(rig.payload, tlm::BEGIN_REQ);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_RESP); }) == Rules{Rule::phase_order});
    rig.reply(rig.payload, tlm::END_REQ);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::phase_order});
    rig.respond(rig.payload);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::BEGIN_RESP); }) == Rules{Rule::phase_order});
    rig.send(rig.payload, tlm::END_RESP);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_RESP); }) == Rules{Rule::phase_order});
}

TEST_CASE("a payload that is used again before its END_RESP is found") {
    Rig rig;
    rig.send(rig.payload, tlm::BEGIN_REQ);
    rig.reply(rig.payload, tlm::END_REQ);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::phase_order});
}

TEST_CASE("a call after TLM_COMPLETED is found") {
    Rig rig;
    rig.target.answer = complete;
    rig.send(rig.payload, tlm::BEGIN_REQ);
    rig.target.answer = accept;
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_RESP); }) == Rules{Rule::phase_order});
}

TEST_CASE("a return with a phase that does not follow is found") {
    Rig rig;
    rig.target.answer = update(tlm::END_RESP);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::phase_path});
    rig.initiator.answer = update(tlm::END_RESP);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::phase_order});
}

TEST_CASE("a phase of one's own outside a transaction is found") {
    Rig rig;
    CHECK(rig.broken_by([&] { rig.send(rig.payload, data_beat); }) == Rules{Rule::ignorable_phase});
    rig.send(rig.payload, tlm::BEGIN_REQ);
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::UNINITIALIZED_PHASE); }) == Rules{Rule::ignorable_phase});
}

TEST_CASE("TLM_COMPLETED in answer to END_REQ is found") {
    Rig rig;
    rig.send(rig.payload, tlm::BEGIN_REQ);
    rig.initiator.answer = complete;
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::completion});
}

TEST_CASE("TLM_ACCEPTED with another phase or delay is found") {
    Rig rig;
    rig.target.answer = [](Payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
        phase = tlm::END_REQ;
        return tlm::TLM_ACCEPTED;
    };
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::accepted});
    rig.initiator.answer = [](Payload&, tlm::tlm_phase&, sc_core::sc_time& delay) {
        delay += ns(1);
        return tlm::TLM_ACCEPTED;
    };
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::accepted});
}

TEST_CASE("a second request before END_REQ is found") {
    Rig rig;
    rig.send(rig.payload, tlm::BEGIN_REQ);
    CHECK(rig.broken_by([&] { rig.send(rig.other, tlm::BEGIN_REQ); }) == Rules{Rule::request_exclusion});
}

TEST_CASE("a second response before END_RESP is found") {
    Rig rig;
    for (Payload& payload : rig.payloads) {
        if (&payload != &rig.third) {
            rig.send(payload, tlm::BEGIN_REQ);
            rig.reply(payload, tlm::END_REQ);
        }
    }
    rig.respond(rig.payload);
    rig.target.answer = complete;
    CHECK(rig.broken_by([&] { rig.send(rig.third, tlm::BEGIN_REQ); }) == Rules{Rule::response_exclusion});
    CHECK(rig.broken_by([&] { rig.respond(rig.other); }) == Rules{Rule::response_exclusion});
}

TEST_CASE("a call on the other path from within a call is found") {
    Rig rig;
    rig.target.answer = [&rig](Payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
        rig.reply(payload, tlm::END_REQ);
        return tlm::TLM_ACCEPTED;
    };
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::call_direction});
    rig.target.answer = accept;
    rig.initiator.answer = [&rig](Payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
        rig.send(payload, tlm::END_RESP);
        return tlm::TLM_ACCEPTED;
    };
    CHECK(rig.broken_by([&] { rig.respond(rig.payload); }) == Rules{Rule::call_direction});
}
