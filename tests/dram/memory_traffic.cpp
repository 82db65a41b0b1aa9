#include "memory_traffic.h"

#include <catch2/catch.hpp>

#include <random>

#include "jedec_rules.h"
#include "models/common/base_protocol_checker.h"
#include "models/dram/dram_memory.h"
#include "random_initiators.h"
#include "scene.h"

namespace aqpim::dram {

namespace {

/// Checks every command as it is traced.
class CheckedTrace : public CommandSink {
 public:
    explicit CheckedTrace(const DramParameters& parameters) : checker(JedecRules(parameters)) {}
    void command(const TracedCommand& command) override { checker.check(command); }

    JedecChecker checker;
};

/// Sweeps rows of all banks now and then, as long as others are at work.
void run_engines(DramMemory& memory, const Initiators& initiators, std::uint32_t seed) {
    std::mt19937 random(seed);
    while (!initiators.have_ended()) {
        sc_core::wait(from_ps(random() % 4'000'000));
        const Ticks now = memory.clock().first_tick_at(to_ps(sc_core::sc_time_stamp()));
        Channel& channel = memory.channel(random() % memory.organization().channels);
        const std::uint32_t row = random() % 4;
        channel.issue({Command::PIM_ACT_AB, 1, row}, now);
        channel.issue({Command::PIM_MAC_AB, static_cast<std::uint32_t>(1 + random() % 40), row}, now);
        if (random() % 2 != 0) {
            channel.precharge_all(now);
        }
    }
}

}  // namespace

void run_traffic(std::initializer_list<std::pair<std::string, std::string>> changes, std::uint64_t transactions,
                 std::uint32_t seed) {
    Scene scene(changes);
    CheckedTrace trace(scene.parameters);
    DramMemory memory("memory", scene.parameters, &trace);
    PlainArray array(memory.organization().capacity_bytes());
    Initiators initiators("initiators", array, seed, transactions);
    BaseProtocolChecker checker("checker");
    initiators.socket.bind(checker.target);
    checker.initiator.bind(memory.socket);
    sc_core::sc_spawn([&] { run_engines(memory, initiators, seed); }, "engines");
    sc_core::sc_start();

    for (const std::string& violation : checker.violations().texts()) {
        FAIL_CHECK(violation);
    }
    CHECK(initiators.answered == transactions);
    CHECK(initiators.freed > transactions / 4);
    CHECK(checker.transactions() == transactions);
    CHECK(checker.in_flight() == 0);
    CHECK(memory.in_flight() == 0);
    CHECK_FALSE(sc_core::sc_pending_activity());

    memory.finish_trace();
    trace.checker.finish();
    CHECK(trace.checker.commands() > transactions);
    CHECK(trace.checker.violations().size() == 0);
    if (!trace.checker.violations().empty()) {
        FAIL_CHECK(trace.checker.violations().front().text);
    }
}

}  // namespace aqpim::dram
