#include "gpu_scene.h"

using namespace aqpim;

namespace {

/// 10 us on the default GPU: 989.4 TFLOP/s, of which 0.8 are sustained.
aqpim_gpu_kernel ten_microseconds(std::uint32_t cookie) {
    aqpim_gpu_kernel kernel{};
    kernel.header = {AQPIM_GPU_KERNEL, 0, cookie};
    kernel.flop = 7'915'200'000;
    return kernel;
}

}  // namespace

TEST_CASE("kernels that are submitted together pay one launch") {
    GpuScene scene("scene");
    scene.play([&] {
        constexpr std::uint32_t kernels = 12;
        for (std::uint32_t i = 0; i < kernels; ++i) {
            scene.submit(AQPIM_GPU_QUEUE_COMPUTE, ten_microseconds(i));
        }
        CHECK(scene.await(AQPIM_GPU_QUEUE_COMPUTE, 0).elapsed_ps == 15'000'000);
        for (std::uint64_t i = 1; i < kernels; ++i) {
            CHECK(scene.await(AQPIM_GPU_QUEUE_COMPUTE, i).elapsed_ps == 10'000'000);
        }
        // What is left between kernels is their completions' way.
        CHECK(sc_core::sc_time_stamp() < sc_core::sc_time(5 + 10 * kernels + 1 * kernels, sc_core::SC_US));
    });
}

TEST_CASE("streams of one GPU share its compute unit") {
    GpuScene scene("scene");
    scene.play([&] {
        for (const unsigned stream : {0, 1}) {
            for (std::uint32_t i = 0; i < 3; ++i) {
                scene.submit(AQPIM_GPU_QUEUE_COMPUTE + stream, ten_microseconds(i));
            }
        }
        scene.await(AQPIM_GPU_QUEUE_COMPUTE, 2);
        scene.await(AQPIM_GPU_QUEUE_COMPUTE + 1, 2);
        CHECK(sc_core::sc_time_stamp() >= sc_core::sc_time(5 + 60, sc_core::SC_US));
        CHECK(sc_core::sc_time_stamp() < sc_core::sc_time(5 + 60 + 6, sc_core::SC_US));
    });
}

TEST_CASE("a reset in the middle of a kernel leaves the compute unit to the next one") {
    GpuScene scene("scene");
    scene.play([&] {
        aqpim_gpu_fixed fixed{};
        fixed.header.opcode = AQPIM_GPU_FIXED;
        fixed.time_ps = 1'000'000'000'000;
        scene.submit(AQPIM_GPU_QUEUE_COMPUTE, fixed);
        sc_core::wait(20, sc_core::SC_US);
        scene.gpu.reset();
        scene.enable(AQPIM_GPU_QUEUE_COMPUTE);
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, ten_microseconds(1)).elapsed_ps == 15'000'000);
        CHECK(scene.gpu.compute_unit().totals().size() == 1);
    });
}

TEST_CASE("an error of a kernel leaves its record in the queue") {
    GpuScene scene("scene");
    scene.play([&] {
        aqpim_gpu_importance importance{};
        importance.header = {AQPIM_GPU_IMPORTANCE, 0, 77};
        importance.heads = importance.kv_heads = importance.query_rows = importance.tokens = importance.head_dim = 1;
        importance.queries = 0x100000;
        scene.command(AQPIM_GPU_QUEUE_COMPUTE, ten_microseconds(1));
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, importance).status == AQPIM_ADDRESS_ERROR);
        CHECK(scene.read(AQPIM_GPU_QUEUE_COMPUTE, AQPIM_QUEUE_ERROR_COUNT) == 1);
        CHECK(scene.read(AQPIM_GPU_QUEUE_COMPUTE, AQPIM_QUEUE_ERROR_INDEX) == 1);
        CHECK(scene.read(AQPIM_GPU_QUEUE_COMPUTE, AQPIM_QUEUE_ERROR_RECORD) == (3ULL << 32 | 77));
        CHECK(scene.read(AQPIM_GPU_QUEUE_COMPUTE, AQPIM_QUEUE_ERROR_ADDRESS) == 0x100000);
    });
}
