#include <stdexcept>

#include "models/plic/plic.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr std::uint64_t priority(unsigned source) {
    return 4 * source;
}
constexpr std::uint64_t pending(unsigned source) {
    return 0x1000 + source / 32 * 4;
}
constexpr std::uint64_t enable(unsigned context, unsigned source) {
    return 0x2000 + 0x80 * context + source / 32 * 4;
}
constexpr std::uint64_t threshold(unsigned context) {
    return 0x200000 + 0x1000 * context;
}
constexpr std::uint64_t claim(unsigned context) {
    return 0x200004 + 0x1000 * context;
}

constexpr unsigned machine = 0;     // hart 0
constexpr unsigned supervisor = 1;  // hart 0
constexpr unsigned machine1 = 2;    // hart 1; its supervisor context stays unbound

/// Two harts; source 10 is a line, all others only know pulses.
struct Scene {
    Initiator hart{"hart"};
    Plic plic{"plic", 2};
    sc_core::sc_signal<bool> line{"line"};
    Wire m{"m"};
    Wire s{"s"};
    Wire m1{"m1"};

    Scene() {
        hart.socket.bind(plic.socket);
        plic.source[10].bind(line);
        plic.external_interrupt[machine].bind(m.signal);
        plic.external_interrupt[supervisor].bind(s.signal);
        plic.external_interrupt[machine1].bind(m1.signal);
        settle();
    }
    void write(std::uint64_t offset, std::uint32_t value) {
        REQUIRE(hart.write(offset, value) == tlm::TLM_OK_RESPONSE);
        settle();
    }
    std::uint32_t read(std::uint64_t offset) {
        const auto value = hart.read<std::uint32_t>(offset);
        settle();
        return value;
    }
    void turn_on(unsigned context, unsigned source, std::uint32_t with_priority = 1) {
        write(priority(source), with_priority);
        write(enable(context, source), read(enable(context, source)) | 1u << source % 32);
    }
    bool is_pending(unsigned source) { return (read(pending(source)) >> source % 32 & 1) != 0; }
    void set_line(bool level) {
        line.write(level);
        settle();
    }
    void pulse(unsigned source) {
        plic.pulse(source);
        settle();
    }
};

}  // namespace

TEST_CASE("the PLIC arbitrates by priority, then by number, and masks by threshold") {
    Scene scene;
    struct Row {
        const char* what;
        std::uint32_t priority_3, priority_40, priority_95;
        bool pending_3, pending_40, pending_95;
        std::uint32_t threshold;
        bool interrupt;
        unsigned claimed;
    };
    const Row rows[] = {
        {"nothing pending", 1, 1, 1, false, false, false, 0, false, 0},
        {"one pending", 1, 1, 1, false, true, false, 0, true, 40},
        {"the highest priority wins", 1, 2, 3, true, true, true, 0, true, 95},
        {"a tie goes to the lowest number", 4, 4, 4, false, true, true, 0, true, 40},
        {"priority 0 never interrupts", 0, 0, 0, true, true, true, 0, false, 0},
        {"priority 0 gives way to any other", 0, 1, 0, true, true, true, 0, true, 40},
        {"a threshold masks its own priority", 1, 3, 2, true, true, true, 3, false, 40},
        {"a threshold lets higher priorities through", 1, 4, 2, true, true, true, 3, true, 40},
        {"the highest threshold masks all", 7, 7, 7, true, true, true, 7, false, 3},
    };
    for (const unsigned source : {3u, 40u, 95u}) {
        scene.turn_on(machine, source);
    }
    for (const Row& row : rows) {
        INFO(row.what);
        scene.write(priority(3), row.priority_3);
        scene.write(priority(40), row.priority_40);
        scene.write(priority(95), row.priority_95);
        scene.write(threshold(machine), row.threshold);
        if (row.pending_3) {
            scene.pulse(3);
        }
        if (row.pending_40) {
            scene.pulse(40);
        }
        if (row.pending_95) {
            scene.pulse(95);
        }
        CHECK(scene.m.is_high() == row.interrupt);
        CHECK(scene.read(claim(machine)) == row.claimed);
        scene.write(claim(machine), row.claimed);
        for (const unsigned source : {3u, 40u, 95u}) {  // leaves nothing behind for the next row
            scene.write(priority(source), 1);
        }
        while (const std::uint32_t left = scene.read(claim(machine))) {
            scene.write(claim(machine), left);
        }
        CHECK_FALSE(scene.m.is_high());
    }
}

TEST_CASE("a source interrupts the contexts that enable it, and the first claim takes it from all") {
    Scene scene;
    scene.turn_on(machine, 70);
    scene.turn_on(supervisor, 70);
    scene.pulse(70);
    CHECK(scene.m.is_high());
    CHECK(scene.s.is_high());
    CHECK_FALSE(scene.m1.is_high());
    CHECK(scene.is_pending(70));
    CHECK(scene.read(claim(supervisor)) == 70);
    CHECK_FALSE(scene.is_pending(70));
    CHECK_FALSE(scene.m.is_high());
    CHECK_FALSE(scene.s.is_high());
    CHECK(scene.read(claim(machine)) == 0);
}

TEST_CASE("a pending source interrupts as soon as it is enabled or gets a priority") {
    Scene scene;
    scene.pulse(5);
    CHECK(scene.is_pending(5));
    scene.write(enable(machine1, 5), 1u << 5);
    CHECK_FALSE(scene.m1.is_high());
    scene.write(priority(5), 1);
    CHECK(scene.m1.is_high());
    scene.write(enable(machine1, 5), 0);
    CHECK_FALSE(scene.m1.is_high());
    CHECK(scene.read(claim(machine1)) == 0);
    CHECK(scene.is_pending(5));
}

TEST_CASE("a line that stays high requests once, and again at completion") {
    Scene scene;
    scene.turn_on(machine, 10);
    scene.set_line(true);
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 10);
    CHECK_FALSE(scene.m.is_high());
    CHECK_FALSE(scene.is_pending(10));
    scene.set_line(false);
    scene.set_line(true);
    CHECK_FALSE(scene.is_pending(10));
    scene.write(claim(machine), 10);
    CHECK(scene.is_pending(10));
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 10);
    scene.set_line(false);
    scene.write(claim(machine), 10);
    CHECK_FALSE(scene.is_pending(10));
    CHECK_FALSE(scene.m.is_high());
}

TEST_CASE("a request once forwarded outlives its line") {
    Scene scene;
    scene.turn_on(machine, 10);
    scene.set_line(true);
    scene.set_line(false);
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 10);
}

TEST_CASE("pulses before the claim are one request; those after it are one more, at completion") {
    Scene scene;
    scene.turn_on(machine, 64);
    scene.pulse(64);
    scene.pulse(64);
    CHECK(scene.read(claim(machine)) == 64);
    CHECK(scene.read(claim(machine)) == 0);
    scene.pulse(64);
    scene.pulse(64);
    CHECK_FALSE(scene.is_pending(64));
    CHECK_FALSE(scene.m.is_high());
    scene.write(claim(machine), 64);
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 64);
    scene.write(claim(machine), 64);
    CHECK(scene.read(claim(machine)) == 0);
}

TEST_CASE("a completion counts only from a context that enables the source, and only while it is in service") {
    Scene scene;
    scene.turn_on(machine, 64);
    scene.write(claim(machine), 64);
    scene.pulse(64);
    scene.write(claim(machine), 64);
    CHECK(scene.is_pending(64));
    CHECK(scene.read(claim(machine)) == 64);
    scene.pulse(64);
    scene.write(claim(supervisor), 64);
    CHECK_FALSE(scene.is_pending(64));
    scene.write(claim(machine), 0);
    scene.write(claim(machine), 96);
    scene.write(claim(machine), 0xffffffff);
    CHECK_FALSE(scene.is_pending(64));
    scene.write(claim(machine), 64);
    CHECK(scene.is_pending(64));
}

TEST_CASE("interrupts of different sources nest") {
    Scene scene;
    scene.turn_on(machine, 20, 1);
    scene.turn_on(machine, 21, 5);
    scene.pulse(20);
    CHECK(scene.read(claim(machine)) == 20);
    scene.pulse(21);
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 21);
    scene.write(claim(machine), 21);
    scene.write(claim(machine), 20);
    CHECK_FALSE(scene.m.is_high());
}

TEST_CASE("registers keep the bits that exist") {
    Scene scene;
    scene.write(priority(95), 0xffffffff);
    scene.write(threshold(supervisor), 0xffffffff);
    scene.write(enable(supervisor, 0), 0xffffffff);
    CHECK(scene.read(priority(95)) == 7);
    CHECK(scene.read(threshold(supervisor)) == 7);
    CHECK(scene.read(enable(supervisor, 0)) == 0xfffffffe);
    CHECK(scene.read(enable(machine, 0)) == 0);
}

TEST_CASE("the PLIC refuses what has no register, and widths other than 4 bytes") {
    Scene scene;
    CHECK(scene.hart.write<std::uint32_t>(priority(0), 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(priority(96), 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(claim(4), 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(pending(1), 1) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint64_t>(priority(2), 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint8_t>(claim(0), 1) == tlm::TLM_BURST_ERROR_RESPONSE);
    CHECK_THROWS_AS(scene.plic.pulse(0), std::out_of_range);
    CHECK_THROWS_AS(scene.plic.pulse(96), std::out_of_range);
}

TEST_CASE("a debugger sees what a claim would return and does not claim") {
    Scene scene;
    scene.turn_on(machine, 33);
    scene.pulse(33);
    std::uint32_t value = 0;
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, claim(machine), value) == 4);
    CHECK(value == 33);
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, pending(33), value) == 4);
    CHECK(value == 2);
    CHECK(scene.hart.debug(tlm::TLM_WRITE_COMMAND, claim(machine), value) == 0);
    CHECK(scene.m.is_high());
    CHECK(scene.read(claim(machine)) == 33);
}

TEST_CASE("the PLIC's interrupt falls at the claim's annotated time") {
    Scene scene;
    scene.turn_on(machine, 64);
    run_to(1'000);
    scene.pulse(64);
    run_to(2'000);
    CHECK(scene.hart.read<std::uint32_t>(claim(machine), 400) == 64);
    run_to(3'000);
    CHECK(scene.m.changes == Changes{{1'000, true}, {2'400, false}});
}

TEST_CASE("a reset leaves nothing but what the lines ask for") {
    Scene scene;
    scene.turn_on(machine, 10);
    scene.turn_on(machine, 64, 7);
    scene.write(threshold(machine), 3);
    scene.set_line(true);
    scene.pulse(64);
    scene.pulse(65);
    CHECK(scene.read(claim(machine)) == 64);
    scene.plic.reset();
    settle();
    CHECK_FALSE(scene.m.is_high());
    CHECK_FALSE(scene.is_pending(10));
    run_to(now_ps() + 1);
    CHECK(scene.read(priority(10)) == 0);
    CHECK(scene.read(enable(machine, 64)) == 0);
    CHECK(scene.read(threshold(machine)) == 0);
    CHECK(scene.is_pending(10));
    CHECK_FALSE(scene.is_pending(65));
    scene.turn_on(machine, 64);
    scene.pulse(64);
    CHECK(scene.read(claim(machine)) == 64);  // no longer in service
}
