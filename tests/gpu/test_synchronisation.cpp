#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

constexpr unsigned stream = AQPIM_GPU_QUEUE_COMPUTE;

std::uint64_t event_of(GpuScene& scene, unsigned event) {
    return scene.read_register(AQPIM_GPU_EVENT + event * 8);
}

aqpim_gpu_kernel kernel_of(std::uint64_t flop) {
    aqpim_gpu_kernel kernel{};
    kernel.header.opcode = AQPIM_GPU_KERNEL;
    kernel.flop = flop;
    return kernel;
}

}  // namespace

TEST_CASE("a signal sets an event to at least its value and the host may set it to any") {
    GpuScene scene("scene");
    scene.play([&] {
        CHECK(scene.command(0, event_command(AQPIM_GPU_SIGNAL, 63, 7)).status == AQPIM_DONE);
        CHECK(event_of(scene, 63) == 7);
        CHECK(scene.command(stream, event_command(AQPIM_GPU_SIGNAL, 63, 5)).status == AQPIM_DONE);
        CHECK(event_of(scene, 63) == 7);
        scene.write_register(AQPIM_GPU_EVENT + 63 * 8, 2);
        CHECK(event_of(scene, 63) == 2);
        CHECK(event_of(scene, 0) == 0);
        CHECK(scene.command(0, event_command(AQPIM_GPU_SIGNAL, 64, 1)).status == AQPIM_BAD_FIELD);
        CHECK(scene.command(0, event_command(AQPIM_GPU_WAIT, 64, 1)).status == AQPIM_BAD_FIELD);
    });
}

TEST_CASE("a wait holds its own queue and no other until the event is reached") {
    GpuScene scene("scene");
    scene.play([&] {
        const auto held = scene.submit(stream, event_command(AQPIM_GPU_WAIT, 3, 2));
        const auto behind = scene.submit(stream, event_command(AQPIM_GPU_SIGNAL, 4, 1));
        CHECK(scene.command(stream + 1, aqpim_descriptor_header{}).status == AQPIM_DONE);
        CHECK(scene.command(0, event_command(AQPIM_GPU_SIGNAL, 3, 1)).status == AQPIM_DONE);
        wait(50, SC_US);
        CHECK_FALSE(scene.is_done(stream, held));
        CHECK(event_of(scene, 4) == 0);
        CHECK(scene.command(0, event_command(AQPIM_GPU_SIGNAL, 3, 2)).status == AQPIM_DONE);
        CHECK(scene.await(stream, behind, sc_time(5, SC_US)).status == AQPIM_DONE);
        CHECK(event_of(scene, 4) == 1);
        // Reached already: no wait.
        CHECK(scene.command(1, event_command(AQPIM_GPU_WAIT, 3, 2)).elapsed_ps == 0);
    });
}

TEST_CASE("the host's write of an event releases a wait when it arrives") {
    GpuScene scene("scene");
    scene.play([&] {
        scene.submit(0, event_command(AQPIM_GPU_WAIT, 0, 1));
        wait(10, SC_US);
        std::uint64_t one = 1;
        sc_time ahead(400, SC_NS);
        access(scene.registers, tlm::TLM_WRITE_COMMAND, AQPIM_GPU_EVENT, &one, 8, ahead);
        const sc_time written = sc_time_stamp();
        scene.await(0, 0);
        CHECK(sc_time_stamp() - written >= sc_time(400, SC_NS));
        CHECK(sc_time_stamp() - written < sc_time(1, SC_US));
    });
}

TEST_CASE("events order copies and kernels of other queues so that they overlap") {
    GpuScene scene("scene");
    scene.play([&] {
        // Two blocks: copy 0, then kernel 0 beside copy 1, then kernel 1. 0.5 MB at 64 GB/s: 8.2 us each.
        const std::uint64_t kernel_flop = 989'400'000'000 / 125;  // 10 us
        const sc_time start = sc_time_stamp();
        for (std::uint64_t block = 0; block < 2; ++block) {
            scene.submit(0, copy_of(0x40000, 0, 0x80000, AQPIM_GPU_FLAG_SOURCE_BUS));
            scene.submit(0, event_command(AQPIM_GPU_SIGNAL, 1, block + 1));
            scene.submit(stream, event_command(AQPIM_GPU_WAIT, 1, block + 1));
            scene.submit(stream, kernel_of(kernel_flop));
        }
        scene.await(stream, 3);
        const double us = (sc_time_stamp() - start).to_seconds() * 1e6;
        // One copy, then two kernels; the second copy and the launches hide. In turn it would be 36.4 us and more.
        CHECK(us > 8.2 + 20);
        CHECK(us < 8.2 + 20 + 5);
    });
}

TEST_CASE("a queue that is disabled or reset while it waits is released") {
    GpuScene scene("scene");
    scene.play([&] {
        for (const bool by_register : {true, false}) {
            auto acquire = semaphore_command(AQPIM_GPU_ACQUIRE, 0x30000, 1);
            scene.submit(0, event_command(AQPIM_GPU_WAIT, 0, 1));
            scene.submit(stream, acquire);
            wait(10, SC_US);
            for (const unsigned queue : {0U, stream}) {
                by_register ? scene.write(queue, AQPIM_QUEUE_CONTROL, 0) : scene.gpu.reset();
            }
            for (const unsigned queue : {0U, stream}) {
                scene.enable(queue);
                CHECK(scene.command(queue, aqpim_descriptor_header{}).status == AQPIM_DONE);
            }
        }
        CHECK(scene.read_register(AQPIM_GPU_ERRORS) == 0);
    });
}

TEST_CASE("a release writes its word to memory and an acquire waits for one") {
    GpuScene scene("scene");
    scene.play([&] {
        CHECK(scene.command(stream, semaphore_command(AQPIM_GPU_RELEASE, 0x30008, 77)).status == AQPIM_DONE);
        CHECK(word_at(scene.host_bytes(0x30008, 8)) == 77);
        CHECK(scene.command(0, semaphore_command(AQPIM_GPU_RELEASE, 0x40, 78, 0)).status == AQPIM_DONE);
        CHECK(word_at(scene.own_bytes(0x40, 8)) == 78);
        CHECK(scene.command(0, semaphore_command(AQPIM_GPU_ACQUIRE, 0x30008, 77)).status == AQPIM_DONE);

        const auto held = scene.submit(0, semaphore_command(AQPIM_GPU_ACQUIRE, 0x30008, 80));
        wait(20, SC_US);
        CHECK_FALSE(scene.is_done(0, held));
        scene.put_host(0x30008, {81, 0, 0, 0, 0, 0, 0, 0});
        const sc_time written = sc_time_stamp();
        CHECK(scene.await(0, held).status == AQPIM_DONE);
        CHECK(sc_time_stamp() - written < sc_time(2, SC_US));  // a poll's interval, a read, the completion
    });
}

TEST_CASE("an acquire reads its semaphore once in every poll interval") {
    GpuScene scene("scene", {{"semaphore_poll", "3us"}});
    unsigned reads = 0;
    scene.host.refuse = [&](const tlm::tlm_generic_payload& payload) {
        reads += payload.is_read() && payload.get_address() == 0x30000 ? 1 : 0;
        return tlm::TLM_OK_RESPONSE;
    };
    scene.play([&] {
        scene.submit(0, semaphore_command(AQPIM_GPU_ACQUIRE, 0x30000, 1));
        wait(319, SC_US);
        CHECK(reads == 100);  // at 0.2 us + n * (3 us + a read's 0.2 us)
    });
}

TEST_CASE("an acquire that is not released in time ends with a timeout") {
    GpuScene scene("scene");
    scene.play([&] {
        auto acquire = semaphore_command(AQPIM_GPU_ACQUIRE, 0x30000, 1);
        acquire.timeout_ns = 50'500;
        const auto completion = scene.command(stream, acquire);
        CHECK(completion.status == AQPIM_TIMED_OUT);
        CHECK(completion.elapsed_ps >= 50'500'000);
        CHECK(completion.elapsed_ps < 51'000'000);
        CHECK(scene.read(stream, AQPIM_QUEUE_ERROR_RECORD) == (std::uint64_t{AQPIM_TIMED_OUT} << 32 | 9));
        CHECK(scene.read(stream, AQPIM_QUEUE_ERROR_ADDRESS) == 0);
    });
}

TEST_CASE("a timestamp is the GPU's time and behind all that was before it in its queue") {
    GpuScene scene("scene");
    scene.play([&] {
        const auto before = scene.submit(0, semaphore_command(AQPIM_GPU_TIMESTAMP, 0x30000, 0));
        scene.submit(0, copy_of(0x40000, 0, 0x80000, AQPIM_GPU_FLAG_SOURCE_BUS));
        const auto after = scene.submit(0, semaphore_command(AQPIM_GPU_TIMESTAMP, 0x40, 0, 0));
        CHECK(scene.await(0, before).status == AQPIM_DONE);
        CHECK(scene.await(0, after).status == AQPIM_DONE);
        const std::uint64_t first = word_at(scene.host_bytes(0x30000, 8));
        const std::uint64_t second = word_at(scene.own_bytes(0x40, 8));
        CHECK(first <= to_ps(sc_time_stamp()));
        CHECK(static_cast<double>(second - first) == Approx(0x80000 / 64e9 * 1e12).epsilon(0.2));
        CHECK(second <= scene.read_register(AQPIM_GPU_TIME));
    });
}

TEST_CASE("a semaphore at an address that is not allowed or not there ends in the fitting status") {
    GpuScene scene("scene");
    scene.play([&] {
        for (const unsigned opcode : {AQPIM_GPU_RELEASE, AQPIM_GPU_ACQUIRE, AQPIM_GPU_TIMESTAMP}) {
            CHECK(scene.command(0, semaphore_command(opcode, 0x30004, 0)).status == AQPIM_BAD_FIELD);
            CHECK(scene.command(0, semaphore_command(opcode, 1 << 20, 0, 0)).status == AQPIM_BAD_FIELD);
            CHECK(scene.command(0, semaphore_command(opcode, 1 << 30, 0)).status == AQPIM_ADDRESS_ERROR);
            CHECK(scene.read(0, AQPIM_QUEUE_ERROR_ADDRESS) == 1 << 30);
        }
        scene.host.refuse = [](const auto& payload) {
            return payload.get_address() == 0x30000 ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
        };
        CHECK(scene.command(0, semaphore_command(AQPIM_GPU_ACQUIRE, 0x30000, 1)).status == AQPIM_BUS_ERROR);
    });
}
