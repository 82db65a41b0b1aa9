#include <catch2/catch.hpp>

#include <cstring>

#include "models/common/sockets.h"
#include "models/memory/memory.h"
#include "models/queue/command_queue.h"

using namespace aqpim;
using namespace sc_core;

namespace {

constexpr std::uint64_t ring = 0x1000;
constexpr std::uint64_t completions = 0x8000;
constexpr std::uint64_t entries = 4;
constexpr Picoseconds latency_ps = 500'000;
const sc_time execution(1, SC_US);

/// A queue whose descriptors take a microsecond each, before a memory of 500 ns.
struct Scene : sc_module {
    Recorder recorder;
    Memory memory{"memory", MemoryParameters{1 << 20, latency_ps, 1'000'000'000'000'000}};
    InitiatorSocket<Scene> bus{"bus"};
    RegisterFile registers;
    std::vector<std::uint32_t> executed;
    std::vector<sc_time> executed_at;
    std::vector<Picoseconds> fetched_ps;
    std::vector<sc_time> cancelled_at;
    std::vector<unsigned> raised;
    bool wait_in_execution = false;
    aqpim_completion_status answer = AQPIM_DONE;
    CommandQueue queue;
    std::function<void()> firmware;

    explicit Scene(sc_module_name name, unsigned prefetch = 4)
        : sc_module(name),
          queue("queue",
                {[this](auto command, auto address, auto* data, auto bytes, auto& delay) {
                     return access(bus, command, address, data, bytes, delay);
                 },
                 [this](unsigned vector, sc_time&) { raised.push_back(vector); },
                 [this](const CommandQueue::Command& command) { return execute(command); }},
                prefetch, recorder, "queue.interrupt") {
        bus.bind(memory.socket);
        queue.add_registers(registers, 0);
        SC_HAS_PROCESS(Scene);
        SC_THREAD(run);
    }
    void run() { firmware(); }
    CommandQueue::Outcome execute(const CommandQueue::Command& command) {
        executed.push_back(command.as<aqpim_descriptor_header>().cookie);
        executed_at.push_back(sc_time_stamp());
        fetched_ps.push_back(command.fetched_ps);
        if (wait_in_execution) {
            command.wait(sc_time(1, SC_SEC));
            REQUIRE(command.is_cancelled());
            cancelled_at.push_back(sc_time_stamp());
            return {};
        }
        wait(execution);
        return {answer, answer == AQPIM_DONE ? 0U : 0x7700U};
    }
    tlm::tlm_response_status register_access(tlm::tlm_command command, std::uint64_t offset, std::uint64_t& value) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(offset);
        payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
        payload.set_data_length(8);
        payload.set_streaming_width(8);
        registers.transport(payload, SC_ZERO_TIME);
        return payload.get_response_status();
    }
    void write(std::uint64_t offset, std::uint64_t value) {
        REQUIRE(register_access(tlm::TLM_WRITE_COMMAND, offset, value) == tlm::TLM_OK_RESPONSE);
    }
    std::uint64_t read(std::uint64_t offset) {
        std::uint64_t value = 0;
        REQUIRE(register_access(tlm::TLM_READ_COMMAND, offset, value) == tlm::TLM_OK_RESPONSE);
        return value;
    }
    void enable(std::uint64_t submit = ring, std::uint64_t complete = completions, std::uint64_t count = entries) {
        write(AQPIM_QUEUE_CONTROL, 0);
        write(AQPIM_QUEUE_ENTRIES, count);
        write(AQPIM_QUEUE_SUBMIT_BASE, submit);
        write(AQPIM_QUEUE_COMPLETE_BASE, complete);
        write(AQPIM_QUEUE_VECTOR, 5);
        write(AQPIM_QUEUE_CONTROL, 1);
    }
    void put(std::uint64_t index, std::uint16_t flags = 0) {
        aqpim_descriptor_header header{1, flags, static_cast<std::uint32_t>(100 + index)};
        debug(tlm::TLM_WRITE_COMMAND, ring + index % entries * 128, &header, sizeof header);
    }
    aqpim_completion completion(std::uint64_t index) {
        aqpim_completion value;
        debug(tlm::TLM_READ_COMMAND, completions + index % entries * 16, &value, sizeof value);
        return value;
    }
    void debug(tlm::tlm_command command, std::uint64_t address, void* data, unsigned bytes) {
        REQUIRE(debug_access(bus, command, address, data, bytes));
    }
};

void run(Scene& scene) {
    sc_start();
    static_cast<void>(scene);
}

}  // namespace

TEST_CASE("descriptors are executed in order and completed with their cookies") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        for (std::uint64_t i = 0; i < 3; ++i) {
            scene.put(i, i == 2 ? AQPIM_FLAG_INTERRUPT : 0);
        }
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 3);
    };
    run(scene);
    CHECK(scene.executed == std::vector<std::uint32_t>{100, 101, 102});
    for (std::uint64_t i = 0; i < 3; ++i) {
        CHECK(scene.completion(i).cookie == 100 + i);
        CHECK(scene.completion(i).status == AQPIM_DONE);
        CHECK(scene.completion(i).phase == 1);
        CHECK(scene.completion(i).elapsed_ps == 1'000'000);
    }
    CHECK(scene.raised == std::vector<unsigned>{5});
    CHECK(scene.read(AQPIM_QUEUE_SUBMIT_HEAD) == 3);
}

TEST_CASE("one fetch brings several descriptors, and each completion is written before the next executes") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        scene.put(0);
        scene.put(1);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 2);
    };
    run(scene);
    REQUIRE(scene.executed_at.size() == 2);
    // A fetch of 256 B, then execution and a completion's write of 16 B; the memory's bandwidth is 1 B/fs.
    CHECK(scene.executed_at[0] == sc_time(500'001, SC_PS));
    CHECK(scene.executed_at[1] - scene.executed_at[0] == execution + sc_time(500'001, SC_PS));
}

TEST_CASE("the ring wraps and the phase changes with each round") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        for (std::uint64_t i = 0; i < 10; ++i) {
            scene.put(i);
            scene.write(AQPIM_QUEUE_SUBMIT_TAIL, i + 1);
            wait(10, SC_US);
            CHECK(scene.completion(i).phase == (i / entries % 2 == 0 ? 1 : 0));
        }
    };
    run(scene);
    CHECK(scene.executed.size() == 10);
}

TEST_CASE("a status other than done is passed on and counted") {
    Scene scene("scene");
    scene.answer = AQPIM_BAD_FIELD;
    scene.firmware = [&] {
        scene.enable();
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
    };
    run(scene);
    CHECK(scene.completion(0).status == AQPIM_BAD_FIELD);
    CHECK(scene.queue.errors() == 1);
    CHECK(scene.queue.status() == AQPIM_QUEUE_RUNNING);
}

TEST_CASE("a ring that cannot be read stops the queue, and it can be set up again") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable(1 << 30);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
        wait(10, SC_US);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_FETCH_ERROR);
        scene.enable();
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
        wait(10, SC_US);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_RUNNING);
    };
    run(scene);
    CHECK(scene.executed == std::vector<std::uint32_t>{100});
}

TEST_CASE("completions that cannot be written stop the queue") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable(ring, 1 << 30);
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
    };
    run(scene);
    CHECK(scene.queue.status() == AQPIM_QUEUE_COMPLETE_ERROR);
}

TEST_CASE("rings of a size or at a place that is not allowed are refused") {
    Scene scene("scene");
    scene.firmware = [&] {
        for (const std::uint64_t count : {0, 1, 3, 8192}) {
            scene.enable(ring, completions, count);
            CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_BAD_CONFIG);
        }
        scene.enable(ring + 64);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_BAD_CONFIG);
        scene.enable(ring, completions + 8);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_BAD_CONFIG);
    };
    run(scene);
}

TEST_CASE("a doorbell beyond the ring stops the queue") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, entries + 1);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_OVERRUN);
    };
    run(scene);
    CHECK(scene.executed.empty());
}

TEST_CASE("a doorbell that moves back stops the queue") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        scene.put(0);
        scene.put(1);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 2);
        wait(1, SC_US);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_OVERRUN);
    };
    run(scene);
}

TEST_CASE("a disabled queue ignores its doorbell, and its set-up is fixed while it runs") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
        scene.enable();
        scene.write(AQPIM_QUEUE_ENTRIES, 64);
        CHECK(scene.read(AQPIM_QUEUE_ENTRIES) == entries);
    };
    run(scene);
    CHECK(scene.executed.empty());
}

TEST_CASE(
    "a reset drops what was fetched; what is in execution ends without a completion; the queue can be set up again") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        scene.put(0, AQPIM_FLAG_INTERRUPT);
        scene.put(1);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 2);
        wait(1, SC_US);  // the first descriptor is in execution
        scene.answer = AQPIM_BAD_FIELD;
        scene.queue.reset();
        CHECK(scene.read(AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_DISABLED);
        CHECK(scene.read(AQPIM_QUEUE_ENTRIES) == 0);
        CHECK(scene.read(AQPIM_QUEUE_SUBMIT_TAIL) == 0);
        wait(5, SC_US);
        CHECK(scene.executed == std::vector<std::uint32_t>{100});
        CHECK(scene.completion(0).phase == 0);
        CHECK(scene.raised.empty());
        scene.answer = AQPIM_DONE;
        scene.enable();
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
    };
    run(scene);
    CHECK(scene.executed == std::vector<std::uint32_t>{100, 100});
    CHECK(scene.completion(0).phase == 1);
    CHECK(scene.queue.errors() == 0);
}

TEST_CASE("descriptors are fetched ahead while others are carried out") {
    Scene scene("scene", 2);
    scene.firmware = [&] {
        scene.enable();
        for (std::uint64_t i = 0; i < 4; ++i) {
            scene.put(i);
        }
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 4);
    };
    run(scene);
    REQUIRE(scene.executed == std::vector<std::uint32_t>{100, 101, 102, 103});
    // The fetch behind the first two begins when one has left, and takes as long as any: 500 ns of latency.
    for (std::size_t i = 1; i < 4; ++i) {
        CHECK(scene.executed_at[i] - scene.executed_at[i - 1] <= execution + sc_time(500'010, SC_PS));
    }
    CHECK(scene.fetched_ps[1] == scene.fetched_ps[0]);
    CHECK(scene.fetched_ps[2] < to_ps(scene.executed_at[1]));
}

TEST_CASE("the error registers show the latest descriptor that failed until the queue is enabled again") {
    Scene scene("scene");
    scene.firmware = [&] {
        scene.enable();
        scene.put(0);
        scene.put(1);
        scene.answer = AQPIM_BUS_ERROR;
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 2);
        wait(10, SC_US);
        scene.answer = AQPIM_DONE;
        scene.put(2);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 3);
        wait(10, SC_US);
        CHECK(scene.read(AQPIM_QUEUE_ERROR_COUNT) == 2);
        CHECK(scene.read(AQPIM_QUEUE_ERROR_RECORD) == (std::uint64_t{AQPIM_BUS_ERROR} << 32 | 101));
        CHECK(scene.read(AQPIM_QUEUE_ERROR_INDEX) == 1);
        CHECK(scene.read(AQPIM_QUEUE_ERROR_ADDRESS) == 0x7700);
        scene.write(AQPIM_QUEUE_CONTROL, 0);
        CHECK(scene.read(AQPIM_QUEUE_ERROR_COUNT) == 2);
        scene.enable();
        for (std::uint64_t at = AQPIM_QUEUE_ERROR_COUNT; at <= AQPIM_QUEUE_ERROR_ADDRESS; at += 8) {
            CHECK(scene.read(at) == 0);
        }
    };
    run(scene);
    CHECK(scene.queue.errors() == 2);
}

TEST_CASE("a command in execution is told when its queue is disabled") {
    Scene scene("scene");
    sc_time released;
    scene.wait_in_execution = true;
    scene.firmware = [&] {
        scene.enable();
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
        wait(20, SC_US);
        scene.write(AQPIM_QUEUE_CONTROL, 0);
        released = sc_time_stamp();
        wait(1, SC_US);
        scene.wait_in_execution = false;
        scene.enable();
        scene.put(0);
        scene.write(AQPIM_QUEUE_SUBMIT_TAIL, 1);
    };
    run(scene);
    CHECK(scene.executed == std::vector<std::uint32_t>{100, 100});
    REQUIRE(scene.cancelled_at.size() == 1);
    CHECK(scene.cancelled_at[0] == released);
    CHECK(scene.queue.completed() == 1);
}
