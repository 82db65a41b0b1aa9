#include <catch2/catch.hpp>

#include "tests/sweep/slurm_scene.h"

using namespace aqpim;
using aqpim::test::contains;
using aqpim::test::SlurmScene;

TEST_CASE("slurm executor: all points are one array whose tasks run them") {
    SlurmScene scene;
    scene.options.most_at_once = 2;
    scene.options.sbatch_arguments = {"--partition=long", "--time=1:00"};
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(3), [&] {
        if (++step == 3) {
            for (std::size_t task = 0; task < 3; ++task) {
                scene.slurm.start_task("1", task);
                scene.slurm.forget_task("1", task);
            }
        }
        return false;
    });
    CHECK(scene.ended == std::map<std::size_t, std::string>{{0, ""}, {1, ""}, {2, ""}});
    CHECK(scene.running.size() == 3);
    CHECK(scene.times_run(2) == 1);
    const std::string call = scene.slurm.calls("sbatch");
    CHECK(contains(call, "--array=0-2%2 "));
    CHECK(contains(call, "--partition=long --time=1:00 "));
}

TEST_CASE("slurm executor: paths may hold spaces and quotes and dollars and stars") {
    SlurmScene scene("my 'own' \"$HOME\" * ;; `x` \\ out");
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(2), [&] {
        if (++step == 2) {
            scene.slurm.start_task("1", 0);
            scene.slurm.start_task("1", 1);
        }
        return false;
    });
    CHECK(scene.ended.size() == 2);
    CHECK(scene.times_run(0) == 1);
    CHECK(scene.times_run(1) == 1);
}

TEST_CASE("slurm executor: a task that is started again repeats nothing") {
    SlurmScene scene;
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(1), [&] {
        if (++step == 2) {
            CHECK(scene.slurm.start_task("1", 0) == 0);
            CHECK(scene.slurm.start_task("1", 0) == 0);
        }
        return false;
    });
    CHECK(scene.times_run(0) == 1);
}

TEST_CASE("slurm executor: an unknown task does nothing") {
    SlurmScene scene;
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(1), [&] {
        if (++step == 2) {
            CHECK(scene.slurm.start_task("1", 7) != 0);
            scene.slurm.start_task("1", 0);
        }
        return false;
    });
    CHECK(scene.times_run(0) == 1);
}

TEST_CASE(
    "slurm executor: more points than an array may have become several that keep to the limit one after another") {
    SlurmScene scene;
    scene.slurm.write("longest", "2\n");
    scene.options.most_at_once = 4;
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(5), [&] {
        if (++step == 2) {
            for (const char* array : {"1", "2", "3"}) {
                scene.slurm.start_task(array, 0);
                scene.slurm.start_task(array, 1);
            }
        }
        return false;
    });
    CHECK(scene.ended.size() == 5);
    const std::string calls = scene.slurm.calls("sbatch");
    CHECK(contains(calls, "--array=0-1%4"));
    CHECK(contains(calls, "--array=0-0%4"));
    CHECK(contains(calls, "--dependency=afterany:1 "));
    CHECK(contains(calls, "--dependency=afterany:2 "));
}

TEST_CASE("slurm executor: without a limit arrays do not wait for each other") {
    SlurmScene scene;
    scene.slurm.write("longest", "2\n");
    scene.make_executor();
    scene.run(scene.jobs(3), [] { return true; });
    CHECK(scene.slurm.calls("sbatch").empty());  // interrupted before
    int step = 0;
    scene.run(scene.jobs(3), [&] { return ++step > 3; });
    CHECK_FALSE(contains(scene.slurm.calls("sbatch"), "--dependency"));
    CHECK(contains(scene.slurm.calls("sbatch"), "--array=0-1 "));
}
