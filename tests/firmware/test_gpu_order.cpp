#include <catch2/catch.hpp>

#include <algorithm>

#include "gpu_scene.h"

namespace {

using Command = FakeGpu::Command;

/// The first or the last command of this kind in a layer of a step.
const Command& command_of(const GpuScene& scene, unsigned opcode, unsigned step, unsigned layer, bool last,
                          unsigned flag = 0) {
    const auto matches = [&](const Command& command) {
        return command.opcode == opcode && command.step == step && command.layer == layer &&
               (flag == 0 || (command.flags & flag) != 0);
    };
    const std::vector<Command>& commands = scene.fake.commands;
    if (last) {
        const auto found = std::find_if(commands.rbegin(), commands.rend(), matches);
        REQUIRE(found != commands.rend());
        return *found;
    }
    const auto found = std::find_if(commands.begin(), commands.end(), matches);
    REQUIRE(found != commands.end());
    return *found;
}

bool is_after(const Command& later, const Command& earlier) {
    return later.known[earlier.queue] > earlier.ticket;
}

}  // namespace

TEST_CASE("without prefetching a layer is projected then fetched then attended to") {
    GpuScene scene(AQPIM_KV_HOST, {20, 3}, 3);
    REQUIRE(scene.run_job());
    for (unsigned step = 0; step < 3; ++step) {
        for (unsigned layer = 0; layer < scene.job.layers; ++layer) {
            const Command& projected = command_of(scene, AQPIM_GPU_MATMUL, step, layer, false);
            const Command& fetched = command_of(scene, AQPIM_GPU_COPY, step, layer, true, AQPIM_GPU_FLAG_SOURCE_BUS);
            const Command& appended = command_of(scene, AQPIM_GPU_COPY, step, layer, true, AQPIM_GPU_FLAG_TARGET_BUS);
            const Command& attention = command_of(scene, AQPIM_GPU_ATTENTION, step, layer, false);
            CHECK(is_after(fetched, projected));
            CHECK(is_after(attention, fetched));
            CHECK(is_after(attention, appended));
        }
    }
}

TEST_CASE("with prefetching a layer is fetched while the one before computes and also across steps") {
    GpuScene scene(AQPIM_KV_HOST, {20, 3}, 3);
    scene.job.flags = AQPIM_JOB_PREFETCH;
    scene.place_tensors();
    REQUIRE(scene.run_job());
    const unsigned layers = scene.job.layers;
    for (unsigned turn = 1; turn < 3 * layers; ++turn) {
        const Command& fetched =
            command_of(scene, AQPIM_GPU_COPY, turn / layers, turn % layers, false, AQPIM_GPU_FLAG_SOURCE_BUS);
        const unsigned before = turn - 1;
        const Command& attention = command_of(scene, AQPIM_GPU_ATTENTION, before / layers, before % layers, false);
        const Command& appended =
            command_of(scene, AQPIM_GPU_COPY, before / layers, before % layers, true, AQPIM_GPU_FLAG_TARGET_BUS);
        CHECK_FALSE(is_after(fetched, attention));
        CHECK(is_after(fetched, appended));
        if (turn > 1) {
            const unsigned reader = turn - 2;
            CHECK(is_after(fetched, command_of(scene, AQPIM_GPU_ATTENTION, reader / layers, reader % layers, false)));
        }
    }
}

TEST_CASE("with prefetching the first layer in RAM is fetched behind the last of the step before") {
    GpuScene scene(AQPIM_KV_GPU, {20, 3}, 3);
    scene.job.flags = AQPIM_JOB_PREFETCH;
    scene.job.layers = 5;
    scene.place_tensors();
    scene.overflow(1);
    REQUIRE(scene.run_job());
    const unsigned last = scene.job.layers - 1;
    for (unsigned step = 1; step < 3; ++step) {
        const Command& fetched = command_of(scene, AQPIM_GPU_COPY, step, 1, false, AQPIM_GPU_FLAG_SOURCE_BUS);
        CHECK_FALSE(is_after(fetched, command_of(scene, AQPIM_GPU_MATMUL, step, 0, false)));
        CHECK(is_after(fetched, command_of(scene, AQPIM_GPU_COPY, step - 1, last, true, AQPIM_GPU_FLAG_TARGET_BUS)));
        CHECK(is_after(fetched, command_of(scene, AQPIM_GPU_ATTENTION, step - 1, 1, false)));
    }
}

TEST_CASE("a prompt's layer is copied while the next is computed") {
    GpuScene scene(AQPIM_KV_HOST, {20, 3}, 1);
    REQUIRE(scene.run_job());
    const Command& copied = command_of(scene, AQPIM_GPU_COPY, PREFILL_STEP, 0, false);
    CHECK(is_after(copied, command_of(scene, AQPIM_GPU_MATMUL, PREFILL_STEP, 0, true)));
    CHECK_FALSE(is_after(copied, command_of(scene, AQPIM_GPU_MATMUL, PREFILL_STEP, 1, false)));
}

TEST_CASE("copies that may fill the ring are handed over when the projections are known to be done") {
    const unsigned entries = GENERATE(4u, 1024u);
    GpuScene scene(AQPIM_KV_HOST, {20, 3, 5}, 2);
    scene.state.copy.entries = entries;
    scene.fill();
    REQUIRE(scene.run_job());
    scene.check_outputs();
    // The step's table of tokens is copied before the queue itself waits for the projections.
    const Command& table = command_of(scene, AQPIM_GPU_COPY, 0, 0, false);
    CHECK(is_after(table, command_of(scene, AQPIM_GPU_MATMUL, 0, 0, false)) == (entries == 4));
}

TEST_CASE("an error on the copy or the compute queue ends a job that attends on the GPU") {
    const auto kv = GENERATE(AQPIM_KV_GPU, AQPIM_KV_HOST);
    const bool copies = GENERATE(false, true);
    GpuScene scene(kv, {20, 3}, 2);
    REQUIRE(make_plan(&scene.state));
    const aqpim_queue* queue = copies ? &scene.state.copy : &scene.state.compute;
    SECTION("in the prefill") {
        scene.fake.broken = queue;
        CHECK_FALSE(run_prefill(&scene.state));
    }
    SECTION("while decoding") {
        REQUIRE(run_prefill(&scene.state));
        scene.fake.broken = queue;
        CHECK_FALSE(run_decode(&scene.state));
    }
    CHECK(scene.job.result.steps_done == 0);
}
