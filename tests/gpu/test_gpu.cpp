#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

aqpim_gpu_kernel long_kernel() {
    aqpim_gpu_kernel kernel{};
    kernel.header.opcode = AQPIM_GPU_KERNEL;
    kernel.flop = 989'400'000'000;  // 1.25 ms at 0.8 of 989.4 TFLOP/s
    return kernel;
}

}  // namespace

TEST_CASE("a GPU says what it has") {
    GpuScene scene("scene", {{"copy_engines", "3"}, {"streams", "8"}});
    scene.play([&] {
        CHECK(scene.read_register(AQPIM_GPU_ID) == AQPIM_GPU_MAGIC);
        CHECK(scene.read_register(AQPIM_GPU_MEMORY_BYTES) == 1 << 20);
        CHECK(scene.read_register(AQPIM_GPU_COPY_ENGINES) == 3);
        CHECK(scene.read_register(AQPIM_GPU_STREAMS) == 8);
        wait(5, SC_US);
        CHECK(scene.read_register(AQPIM_GPU_TIME) == to_ps(sc_time_stamp()));
    });
}

TEST_CASE("the GPU's time is that at which a read arrives") {
    GpuScene scene("scene");
    scene.play([&] {
        wait(5, SC_US);
        std::uint64_t value = 0;
        sc_time ahead(300, SC_NS);
        access(scene.registers, tlm::TLM_READ_COMMAND, AQPIM_GPU_TIME, &value, 8, ahead);
        CHECK(value == 5'300'000);
    });
}

TEST_CASE("a queue of a copy engine or stream that is not there reads zero and ignores writes") {
    GpuScene scene("scene", {{"copy_engines", "1"}, {"streams", "2"}});
    scene.play([&] {
        for (const unsigned queue : {1U, 7U, 10U, 15U}) {
            scene.write(queue, AQPIM_QUEUE_VECTOR, 3);
            scene.write(queue, AQPIM_QUEUE_SUBMIT_TAIL, 1);
            for (std::uint64_t offset = 0; offset <= AQPIM_QUEUE_ERROR_ADDRESS; offset += 8) {
                CHECK(scene.read(queue, offset) == 0);
            }
        }
        CHECK(scene.read(9, AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_RUNNING);
    });
}

TEST_CASE("each queue has an MSI-X vector of its own at power-on") {
    GpuScene scene("scene", {{"copy_engines", "8"}, {"streams", "8"}});
    scene.play([&] {
        aqpim_descriptor_header nop{AQPIM_GPU_NOP, AQPIM_FLAG_INTERRUPT, 0};
        for (unsigned queue = 0; queue < AQPIM_GPU_QUEUES; ++queue) {
            scene.command(queue, nop);
        }
        std::vector<unsigned> all(AQPIM_GPU_QUEUES);
        std::iota(all.begin(), all.end(), 0U);
        wait(1, SC_US);
        CHECK(scene.raised == all);
        scene.write(3, AQPIM_QUEUE_VECTOR, 12);
        scene.command(3, nop);
        wait(1, SC_US);
        CHECK(scene.raised.back() == 12);
    });
}

TEST_CASE("a kernel takes its roofline time") {
    GpuScene scene("scene");
    scene.play([&] {
        const auto completion = scene.command(AQPIM_GPU_QUEUE_COMPUTE, long_kernel());
        CHECK(completion.elapsed_ps == 5'000'000 + 1'250'000'000);
    });
}

TEST_CASE("copies go on while a kernel runs") {
    GpuScene scene("scene");
    scene.play([&] {
        scene.submit(AQPIM_GPU_QUEUE_COMPUTE, long_kernel());
        const sc_time start = sc_time_stamp();
        CHECK(scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0, 0x40000, 4096, AQPIM_GPU_FLAG_TARGET_BUS)).status ==
              AQPIM_DONE);
        CHECK(sc_time_stamp() - start < sc_time(10, SC_US));
    });
}

TEST_CASE("GPU descriptors that cannot be carried out end in the fitting status") {
    GpuScene scene("scene");
    scene.play([&] {
        const auto copy_with = [&](auto change) {
            auto copy = copy_of(0, 0x20000, 64, AQPIM_GPU_FLAG_TARGET_BUS);
            change(copy);
            return scene.command(AQPIM_GPU_QUEUE_COPY, copy).status;
        };
        CHECK(copy_with([](auto& c) { c.header.opcode = AQPIM_GPU_KERNEL; }) == AQPIM_BAD_OPCODE);
        CHECK(copy_with([](auto& c) { c.row_bytes = 0; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.rows = 0; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.rows = 1ULL << 60; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.source = 1 << 20; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) {
                  c.rows = 2;
                  c.source_stride = ~0ULL;
              }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.target = ~0ULL - 62; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.target = 1 << 30; }) == AQPIM_ADDRESS_ERROR);
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, copy_of(0, 0, 64, 0)).status == AQPIM_BAD_OPCODE);

        aqpim_gpu_importance importance{};
        importance.header.opcode = AQPIM_GPU_IMPORTANCE;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, importance).status == AQPIM_BAD_FIELD);
        importance.heads = importance.kv_heads = 1;
        importance.head_dim = 65535;
        importance.tokens = importance.query_rows = 0xffffffff;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, importance).status == AQPIM_BAD_FIELD);
        aqpim_gpu_pack pack{};
        pack.header.opcode = AQPIM_GPU_PACK;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, pack).status == AQPIM_BAD_FIELD);
        CHECK(scene.read_register(AQPIM_GPU_ERRORS) == 12);
    });
}

TEST_CASE("a function-level reset leaves queues and events as at power-on") {
    GpuScene scene("scene");
    scene.play([&] {
        scene.command(0, event_command(AQPIM_GPU_SIGNAL, 5, 9));
        scene.write(0, AQPIM_QUEUE_VECTOR, 11);
        scene.command(0, copy_of(0, 0, 0, 0));
        CHECK(scene.read(0, AQPIM_QUEUE_ERROR_COUNT) == 1);
        scene.gpu.function_level_reset();
        CHECK(scene.read_register(AQPIM_GPU_EVENT + 5 * 8) == 0);
        for (std::uint64_t offset = 0; offset <= AQPIM_QUEUE_ERROR_ADDRESS; offset += 8) {
            CHECK(scene.read(0, offset) == 0);
        }
        CHECK(scene.read(9, AQPIM_QUEUE_VECTOR) == 9);
    });
}
