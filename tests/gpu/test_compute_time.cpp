#include <catch2/catch.hpp>

#include "compute_scene.h"

using namespace aqpim;
using namespace sc_core;

TEST_CASE("the first kernel of an idle stream starts when its launch is over") {
    ComputeScene scene;
    scene.stream([&] {
        CHECK(scene.run(AQPIM_GPU_KERNEL, kernel_of(10 * us)).status == AQPIM_DONE);
        CHECK(now_ps() == 15 * us);
        REQUIRE(scene.kernels.size() == 1);
        CHECK(scene.kernels[0].start_ps == 5 * us);
        wait(100, SC_US);
        scene.run(AQPIM_GPU_KERNEL, kernel_of(0, 3 * us));
        CHECK(now_ps() == (115 + 5 + 3) * us);
    });
    scene.simulate();
}

TEST_CASE("launches hide behind the kernels before them") {
    ComputeScene scene;
    scene.stream([&] {
        for (const Picoseconds end_ps : {15 * us, 25 * us, 35 * us}) {
            scene.run(AQPIM_GPU_KERNEL, kernel_of(10 * us), 0);
            CHECK(now_ps() == end_ps);
        }
        // Fetched while the one before was running: what is left of the launch.
        scene.run(AQPIM_GPU_KERNEL, kernel_of(10 * us), 33 * us);
        CHECK(now_ps() == (33 + 5 + 10) * us);
    });
    scene.simulate();
}

TEST_CASE("norms and activations take their own times with their launches and fixed kernels what they say") {
    ComputeScene scene;
    scene.stream([&] {
        CHECK(scene.run(AQPIM_GPU_NORM, elementwise_of(1)).status == AQPIM_DONE);
        CHECK(now_ps() == 6'870'000);
        scene.run(AQPIM_GPU_ACTIVATION, elementwise_of(3));
        CHECK(now_ps() == 6'870'000 + 3 * 8'290'000);
        scene.run(AQPIM_GPU_FIXED, fixed_of(1234));
        CHECK(now_ps() == 6'870'000 + 3 * 8'290'000 + 1234);
        scene.run(AQPIM_GPU_FIXED, fixed_of(0));
        CHECK(now_ps() == 6'870'000 + 3 * 8'290'000 + 1234);
    });
    scene.simulate();
    CHECK(scene.kernels.at(0).bound == "fixed");
    CHECK(scene.kernels.at(3).name == "FIXED");
}

TEST_CASE("two streams share the unit one kernel at a time in the order in which they become ready") {
    ComputeScene scene;
    scene.stream([&] {
        scene.run(AQPIM_GPU_KERNEL, kernel_of(10 * us));
        CHECK(now_ps() == 15 * us);
    });
    scene.stream([&] {
        wait(1, SC_US);
        scene.run(AQPIM_GPU_KERNEL, kernel_of(0, 4 * us));  // ready at 6 us
        CHECK(now_ps() == 21 * us);
    });
    scene.stream([&] {
        wait(5500, SC_NS);
        scene.run(AQPIM_GPU_FIXED, fixed_of(2 * us));  // ready at once
        CHECK(now_ps() == 17 * us);
        scene.run(AQPIM_GPU_FIXED, fixed_of(1 * us));
        CHECK(now_ps() == 22 * us);
    });
    scene.simulate();
    REQUIRE(scene.kernels.size() == 4);
    Picoseconds free_ps = 5 * us;
    for (const RecordedKernel& kernel : scene.kernels) {
        CHECK(kernel.start_ps == free_ps);
        free_ps = kernel.end_ps;
    }
}

TEST_CASE("a kernel in launch does not hold the unit") {
    ComputeScene scene;
    scene.stream([&] {
        scene.run(AQPIM_GPU_KERNEL, kernel_of(10 * us));
        CHECK(now_ps() == 15 * us);
    });
    scene.stream([&] {
        wait(1, SC_US);
        scene.run(AQPIM_GPU_FIXED, fixed_of(2 * us));
        CHECK(now_ps() == 3 * us);
    });
    scene.simulate();
}

TEST_CASE("a stream with many kernels does not starve another one") {
    ComputeScene scene;
    std::vector<int> ended;
    for (const int stream : {0, 1}) {
        scene.stream([&, stream] {
            for (int i = 0; i < 50; ++i) {
                scene.run(AQPIM_GPU_FIXED, fixed_of(stream == 0 ? 1 * us : 7 * us));
                ended.push_back(stream);
            }
        });
    }
    scene.simulate();
    REQUIRE(ended.size() == 100);
    for (std::size_t i = 0; i < ended.size(); ++i) {
        CHECK(ended[i] == static_cast<int>(i % 2));
    }
}

TEST_CASE("products of matrices and attention take their roofline time and say what bounds them") {
    ComputeScene scene;
    scene.parameters.functional = false;
    scene.stream([&] {
        aqpim_gpu_matmul matmul{};
        matmul.m = matmul.n = matmul.k = 100;
        matmul.count = 2;
        scene.run(AQPIM_GPU_MATMUL, matmul, 0);
        CHECK(now_ps() == 5 * us + 4'000'000);  // 4 million operations, 120 thousand bytes
        aqpim_gpu_attention attention{};
        attention.tokens = 0x100;
        attention.most_tokens = 4000;
        attention.sequences = 2;
        attention.kv_heads = 8;
        attention.group = 1;
        attention.head_dim = 128;
        attention.total_tokens = 5000;
        scene.run(AQPIM_GPU_ATTENTION, attention, 0);
        // 20.48 million operations, as many bytes of keys and values, and queries and outputs.
        CHECK(now_ps() == 9 * us + 20'480'000 + 2 * 2 * 8 * 128 * 2);
    });
    scene.simulate();
    CHECK(scene.kernels.at(0).bound == "compute");
    CHECK(scene.kernels.at(1).bound == "memory");
    CHECK(scene.accesses == 0);
}

TEST_CASE("totals are kept for each kind of kernel") {
    ComputeScene scene;
    scene.stream([&] {
        scene.run(AQPIM_GPU_KERNEL, kernel_of(3 * us, 2 * us));
        scene.run(AQPIM_GPU_KERNEL, kernel_of(1 * us, 4 * us));
        scene.run(AQPIM_GPU_NORM, elementwise_of(2));
        scene.run(AQPIM_GPU_NORM, elementwise_of(0));
    });
    scene.simulate();
    REQUIRE(scene.unit.totals().size() == 2);
    const KernelTotals& kernels = scene.unit.totals().at("KERNEL");
    CHECK(kernels.count == 2);
    CHECK(kernels.time_ps == 7 * us);
    CHECK(kernels.flop == 4e6);
    CHECK(kernels.bytes == 6 * us);
    CHECK(kernels.compute_bound == 1);
    CHECK(kernels.memory_bound == 1);
    const KernelTotals& norms = scene.unit.totals().at("NORM");
    CHECK(norms.count == 1);
    CHECK(norms.time_ps == 2 * 6'870'000);
    CHECK(norms.compute_bound + norms.memory_bound == 0);
    CHECK(scene.unit.flop() == 4e6);
    CHECK(scene.unit.bytes() == 6 * us);
}

TEST_CASE("a cancelled kernel frees the unit at once and leaves no data whether it launches or waits or runs") {
    ComputeScene scene;
    Recorder silent;
    CommandQueue queue("queue", {}, 4, silent, "queue.interrupt");
    // Of this one, kernels are in launch (first), waiting for the unit (second) and in it (third).
    aqpim_gpu_importance importance{};
    importance.header.opcode = AQPIM_GPU_IMPORTANCE;
    importance.heads = importance.kv_heads = importance.query_rows = 1;
    importance.tokens = importance.head_dim = 100;
    importance.target = 0x8000;
    const auto cancelled_at = [&](Picoseconds fetched_ps, Picoseconds start_ps) {
        scene.stream([&, fetched_ps, start_ps] {
            wait(from_ps(start_ps));
            auto command = ComputeScene::command_of(importance, fetched_ps);
            command.queue = &queue;
            scene.unit.execute(command);
            CHECK(now_ps() == 6 * us);
        });
    };
    cancelled_at(0, 5'999'000);    // has the unit: 20000 bytes and operations
    cancelled_at(0, 5'999'500);    // waits for it
    cancelled_at(4 * us, 4 * us);  // in launch
    scene.stream([&] {
        wait(from_ps(5'999'800));
        scene.run(AQPIM_GPU_FIXED, fixed_of(1000));
        CHECK(now_ps() == 6 * us + 1000);
    });
    scene.stream([&] {
        wait(6, SC_US);
        queue.reset();
    });
    scene.simulate();
    CHECK(scene.accesses == 0);
    CHECK(scene.unit.totals().size() == 1);
    REQUIRE(scene.kernels.size() == 2);
    CHECK(scene.kernels[0].end_ps == 6 * us);
}

TEST_CASE("a cancelled kernel that waits for the unit does not wait for the kernel in it") {
    ComputeScene scene;
    Recorder silent;
    CommandQueue queue("queue", {}, 4, silent, "queue.interrupt");
    scene.stream([&] { scene.run(AQPIM_GPU_FIXED, fixed_of(9 * us)); });
    scene.stream([&] {
        wait(1, SC_US);
        auto descriptor = fixed_of(4 * us);
        descriptor.header.opcode = AQPIM_GPU_FIXED;
        auto command = ComputeScene::command_of(descriptor, 0);
        command.queue = &queue;
        scene.unit.execute(command);
        CHECK(now_ps() == 3 * us);
    });
    scene.stream([&] {
        wait(3, SC_US);
        queue.reset();
        scene.run(AQPIM_GPU_FIXED, fixed_of(1 * us));
        CHECK(now_ps() == 10 * us);
    });
    scene.simulate();
}
