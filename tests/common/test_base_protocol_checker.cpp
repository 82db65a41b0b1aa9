// The checker between initiators and targets that break one rule at a time, beyond phases.
#include <catch2/catch.hpp>

#include "checker_scene.h"

using namespace aqpim;

TEST_CASE("a wait in a call that may not block is found") {
    Rig rig;
    rig.target.answer = [](Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
        sc_core::wait(ns(1));
        return tlm::TLM_ACCEPTED;
    };
    rig.target.debug = [](Payload&) {
        sc_core::wait(sc_core::SC_ZERO_TIME);
        return 0u;
    };
    rig.target.grant = [](Payload&, tlm::tlm_dmi&) {
        sc_core::wait(ns(1));
        return false;
    };
    CHECK(rig.broken_by([&] { rig.run_process([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }); }) ==
          Rules{Rule::no_wait});
    CHECK(rig.broken_by([&] { rig.run_process([&] { rig.initiator.socket->transport_dbg(rig.other); }); }) ==
          Rules{Rule::no_wait});
    tlm::tlm_dmi dmi;
    CHECK(rig.broken_by([&] { rig.run_process([&] { rig.initiator.socket->get_direct_mem_ptr(rig.other, dmi); }); }) ==
          Rules{Rule::no_wait});
}

TEST_CASE("b_transport may wait, but not in a method process") {
    Rig rig;
    rig.target.serve = [](Payload& payload, sc_core::sc_time&) {
        sc_core::wait(ns(1));
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    CHECK(rig.broken_by([&] { rig.run_process([&] { rig.transport(rig.payload); }); }) == none);
    rig.target.serve = [](Payload& payload, sc_core::sc_time&) { payload.set_response_status(tlm::TLM_OK_RESPONSE); };
    rig.prepare(rig.payload);
    sc_core::sc_spawn_options method;
    method.spawn_method();
    CHECK(rig.broken_by([&] { rig.run_process([&] { rig.transport(rig.payload); }, &method); }) ==
          Rules{Rule::method_process});
}

TEST_CASE("a payload in two transactions at a time is found") {
    Rig rig;
    int depth = 0;
    rig.target.serve = [&](Payload& payload, sc_core::sc_time&) {
        if (depth++ == 0) {
            rig.transport(payload);
            payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
            rig.send(payload, tlm::BEGIN_REQ);
        }
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    CHECK(rig.broken_by([&] { rig.transport(rig.payload); }) == Rules{Rule::payload_in_use, Rule::payload_in_use});
    rig.prepare(rig.payload);
    CHECK(rig.broken_by([&] { rig.transport(rig.payload); }) == Rules{Rule::payload_in_use});  // still in nb_transport
}

TEST_CASE("nb_transport without a memory manager or a reference is found") {
    Rig rig;
    Payload unmanaged;
    rig.prepare(unmanaged);
    rig.target.answer = complete;
    CHECK(rig.broken_by([&] { rig.send(unmanaged, tlm::BEGIN_REQ); }) == Rules{Rule::memory_manager});
    rig.payload.release();
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::reference_count});
}

TEST_CASE("a request that is not filled in is found, in both transports") {
    Rig rig;
    rig.target.answer = complete;
    const auto broken = [&](const std::function<void(Payload&)>& spoil) {
        rig.prepare(rig.payload);
        spoil(rig.payload);
        const Rules nonblocking = rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); });
        rig.prepare(rig.payload);
        spoil(rig.payload);
        const Rules blocking = rig.broken_by([&] { rig.transport(rig.payload); });
        rig.payload.set_gp_option(tlm::TLM_MIN_PAYLOAD);
        CHECK(nonblocking == blocking);
        return blocking;
    };
    CHECK(broken([](Payload& payload) { payload.set_gp_option(tlm::TLM_FULL_PAYLOAD); }) == Rules{Rule::option});
    CHECK(broken([](Payload& payload) { payload.set_data_ptr(nullptr); }) == Rules{Rule::data_pointer});
    CHECK(broken([](Payload& payload) { payload.set_data_length(0); }) == Rules{Rule::data_length});
    CHECK(broken([](Payload& payload) { payload.set_streaming_width(0); }) == Rules{Rule::streaming_width});
    CHECK(broken([](Payload& payload) { payload.set_dmi_allowed(true); }) == Rules{Rule::dmi_hint});
    CHECK(broken([](Payload& payload) { payload.set_response_status(tlm::TLM_OK_RESPONSE); }) ==
          Rules{Rule::response_at_start});
    CHECK(broken([&](Payload& payload) {
              payload.set_byte_enable_ptr(rig.enables.data());
              payload.set_byte_enable_length(0);
          }) == Rules{Rule::byte_enable_length});
    rig.enables[2] = 1;
    CHECK(broken([&](Payload& payload) {
              payload.set_byte_enable_ptr(rig.enables.data());
              payload.set_byte_enable_length(4);
          }) == Rules{Rule::byte_enable_values});
    CHECK(broken([](Payload& payload) {  // an ignored command needs no data
              payload.set_command(tlm::TLM_IGNORE_COMMAND);
              payload.set_data_ptr(nullptr);
              payload.set_streaming_width(0);
          }) == none);
}

TEST_CASE("a response without a status is found") {
    Rig rig;
    rig.target.serve = [](Payload&, sc_core::sc_time&) {};
    CHECK(rig.broken_by([&] { rig.transport(rig.payload); }) == Rules{Rule::response_set});
    rig.send(rig.payload, tlm::BEGIN_REQ);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::BEGIN_RESP); }) == Rules{Rule::response_set});
    rig.send(rig.payload, tlm::END_RESP);
    rig.target.answer = [](Payload&, tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_COMPLETED; };
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ); }) == Rules{Rule::response_set});
}

TEST_CASE("a response that changes after it was sent is found") {
    Rig rig;
    for (const auto& change : std::array<std::function<void(Payload&)>, 2>{
             [](Payload& payload) { payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE); },
             [](Payload& payload) { payload.set_dmi_allowed(true); }}) {
        rig.prepare(rig.payload);
        rig.send(rig.payload, tlm::BEGIN_REQ);
        rig.respond(rig.payload);
        change(rig.payload);
        CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::END_RESP); }) == Rules{Rule::response_final});
    }
}

TEST_CASE("a change of what the initiator has set is found, in both transports") {
    Rig rig;
    rig.payload.set_byte_enable_length(4);
    const auto broken = [&](const std::function<void(Payload&)>& change) {
        const auto spoil = [&](Payload& payload) {
            change(payload);
            payload.set_response_status(tlm::TLM_OK_RESPONSE);
        };
        const auto fresh = [&] {
            rig.prepare(rig.payload);
            rig.payload.set_byte_enable_ptr(rig.enables.data());
            rig.payload.set_byte_enable_length(4);
        };
        fresh();
        rig.target.serve = [&](Payload& payload, sc_core::sc_time&) { spoil(payload); };
        const Rules blocking = rig.broken_by([&] { rig.transport(rig.payload); });
        fresh();
        rig.send(rig.payload, tlm::BEGIN_REQ);
        spoil(rig.payload);
        const Rules nonblocking = rig.broken_by([&] { rig.reply(rig.payload, tlm::BEGIN_RESP); });
        rig.send(rig.payload, tlm::END_RESP);
        CHECK(nonblocking == blocking);
        return blocking;
    };
    const Rules attributes{Rule::constant_attributes};
    CHECK(broken([](Payload& payload) { payload.set_command(tlm::TLM_READ_COMMAND); }) == attributes);
    CHECK(broken([&](Payload& payload) { payload.set_data_ptr(&rig.data[8]); }) == attributes);
    CHECK(broken([](Payload& payload) { payload.set_data_length(4); }) == attributes);
    CHECK(broken([](Payload& payload) { payload.set_streaming_width(4); }) == attributes);
    CHECK(broken([&](Payload& payload) { payload.set_byte_enable_ptr(&rig.enables[1]); }) == attributes);
    CHECK(broken([](Payload& payload) { payload.set_byte_enable_length(2); }) == attributes);
    CHECK(broken([](Payload& payload) { payload.set_address(0); }) == Rules{Rule::constant_address});
    CHECK(broken([&](Payload&) { ++rig.data[7]; }) == Rules{Rule::constant_write_data});
    CHECK(broken([&](Payload&) { rig.enables[3] ^= TLM_BYTE_ENABLED; }) == Rules{Rule::constant_byte_enables});
    CHECK(broken([&](Payload&) { ++rig.data[8]; }) == none);  // behind the payload's end
}

TEST_CASE("a change of the option is found") {
    Rig rig;
    rig.send(rig.payload, tlm::BEGIN_REQ);
    rig.payload.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ); }) == Rules{Rule::option});
}

TEST_CASE("a read's data and an interconnect's address may change") {
    Rig rig(Downstream::interconnect);
    rig.payload.set_command(tlm::TLM_READ_COMMAND);
    rig.target.serve = [&](Payload& payload, sc_core::sc_time&) {
        payload.set_address(0);
        ++rig.data[0];
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    CHECK(rig.broken_by([&] { rig.transport(rig.payload); }) == none);
}

TEST_CASE("a negative delay is found") {
    Rig rig;
    CHECK(rig.broken_by([&] { rig.send(rig.payload, tlm::BEGIN_REQ, ns(1) - ns(2)); }) == Rules{Rule::time_range});
    CHECK(rig.broken_by([&] {
        sc_core::sc_time delay = ns(3) - ns(4);
        rig.initiator.socket->b_transport(rig.other, delay);
    }) == Rules{Rule::time_range, Rule::time_range});  // at the call and at the return
}

TEST_CASE("a transaction whose local time goes back is found") {
    Rig rig;
    rig.target.serve = [](Payload& payload, sc_core::sc_time& delay) {
        delay -= ns(1);
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    CHECK(rig.broken_by([&] {
        sc_core::sc_time delay = ns(5);
        rig.initiator.socket->b_transport(rig.payload, delay);
    }) == Rules{Rule::time_order});
    rig.prepare(rig.payload);
    rig.send(rig.payload, tlm::BEGIN_REQ, ns(5));
    CHECK(rig.broken_by([&] { rig.reply(rig.payload, tlm::END_REQ, ns(4)); }) == Rules{Rule::time_order});
    sc_core::sc_start(ns(4));
    CHECK(rig.broken_by([&] { rig.respond(rig.payload); }) == none);  // 4 ns and 0 are no less than 4
}

TEST_CASE("debug transport that reaches too far or leaves traces is found") {
    Rig rig;
    const auto broken = [&](const std::function<unsigned(Payload&)>& debug) {
        rig.prepare(rig.payload);
        rig.target.debug = debug;
        return rig.broken_by([&] { rig.initiator.socket->transport_dbg(rig.payload); });
    };
    CHECK(broken([](Payload&) { return 3u; }) == none);
    CHECK(broken([](Payload&) { return 9u; }) == Rules{Rule::debug_bytes});
    CHECK(broken([](Payload& payload) {
              payload.set_address(0);
              return 8u;
          }) == Rules{Rule::debug_attributes});
    CHECK(broken([](Payload& payload) {
              payload.set_data_length(4);
              return 4u;
          }) == Rules{Rule::debug_attributes});
    CHECK(broken([](Payload& payload) {
              payload.set_response_status(tlm::TLM_OK_RESPONSE);
              return 8u;
          }) == Rules{Rule::debug_attributes});
}

TEST_CASE("DMI requests and grants that break the rules are found") {
    Rig rig;
    const auto broken = [&](const std::function<bool(Payload&, tlm::tlm_dmi&)>& grant, std::uint64_t start = 0) {
        tlm::tlm_dmi dmi;
        dmi.set_start_address(start);
        rig.target.grant = grant;
        return rig.broken_by([&] { rig.initiator.socket->get_direct_mem_ptr(rig.payload, dmi); });
    };
    const auto granted = [&](std::uint64_t start, std::uint64_t end, bool write, bool pointer = true) {
        return [&rig, start, end, write, pointer](Payload&, tlm::tlm_dmi& dmi) {
            dmi.set_dmi_ptr(pointer ? rig.data.data() : nullptr);
            dmi.set_start_address(start);
            dmi.set_end_address(end);
            write ? dmi.allow_read_write() : dmi.allow_read();
            return true;
        };
    };
    const auto refused = [](Payload&, tlm::tlm_dmi&) { return false; };
    CHECK(broken(granted(0x40, 0x7f, true)) == none);
    CHECK(broken(refused) == none);
    CHECK(broken(granted(0x40, 0x7f, false)) == Rules{Rule::dmi_access});
    CHECK(broken(granted(0x80, 0xbf, true)) == Rules{Rule::dmi_region});
    CHECK(broken(granted(0x40, 0x7f, true, false)) == Rules{Rule::dmi_region});
    CHECK(broken(refused, 1) == Rules{Rule::dmi_request});
    rig.payload.set_command(tlm::TLM_IGNORE_COMMAND);
    CHECK(broken(refused) == Rules{Rule::dmi_request});
    CHECK(rig.broken_by([&] { rig.target.socket->invalidate_direct_mem_ptr(0, 0x7f); }) == none);
    CHECK(rig.broken_by([&] { rig.target.socket->invalidate_direct_mem_ptr(2, 1); }) == Rules{Rule::dmi_invalidation});
}

TEST_CASE("violations name checker, clause, rule and payload, and only the first are kept") {
    Rig rig;
    sc_core::sc_start(ns(7));
    for (int i = 0; i < 30; ++i) {
        rig.reply(rig.payload, tlm::END_REQ);
    }
    const ViolationLog& log = rig.checker.violations();
    CHECK(log.count() == 30);
    REQUIRE(log.texts().size() == ViolationLog::kept_texts);
    CHECK(log.texts().front() ==
          "checker: 15.2.4 (BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP follow each other in this order): END_REQ without "
          "a BEGIN_REQ just before it; write of 8 bytes at 0x40; at 7 ns");
}
