#include <catch2/catch.hpp>
#include <set>

#include "models/common/error.h"
#include "tests/sweep/slurm_scene.h"

using namespace aqpim;
using aqpim::test::contains;
using aqpim::test::message_of;
using aqpim::test::SlurmScene;

TEST_CASE("slurm executor: a task that leaves the queue without an outcome is told with Slurm's reason") {
    SlurmScene scene;
    scene.slurm.write("ended", "JobId=1 JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15\n");
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(2), [&] {
        if (++step == 2) {
            scene.slurm.forget_task("1", 0);
            scene.slurm.start_task("1", 1);
        }
        return false;
    });
    CHECK(scene.ended[0] == "ended by Slurm: TIMEOUT");
    CHECK(scene.ended[1].empty());
}

TEST_CASE("slurm executor: a killed task is told in the local executor's words") {
    SlurmScene scene;
    scene.slurm.write("ended", "JobId=1 JobState=FAILED Reason=RaisedSignal:9(Killed) ExitCode=0:9\n");
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(1), [&] {
        if (++step == 2) {
            scene.slurm.forget_task("1", 0);
        }
        return false;
    });
    CHECK(scene.ended[0] == "killed by signal 9");
}

TEST_CASE("slurm executor: a controller that does not answer does not end points") {
    SlurmScene scene;
    scene.slurm.write("ended", "JobId=1 JobState=FAILED ExitCode=0:9\n");
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(1), [&] {
        ++step;
        if (step == 2) {
            scene.slurm.write("silence", "");
        }
        if (step == 10) {
            CHECK(scene.ended.empty());
            scene.slurm.start_task("1", 0);
        }
        return false;
    });
    CHECK(scene.ended[0].empty());
}

TEST_CASE("slurm executor: interrupted it cancels what is queued and returns when nothing is left") {
    SlurmScene scene;
    scene.make_executor();
    int step = 0;
    scene.run(scene.jobs(3), [&] { return ++step == 4; });
    CHECK(scene.ended.empty());
    CHECK(contains(scene.slurm.calls("scancel"), "1_0 1_1 1_2"));
    CHECK(scene.slurm.read("queue").empty());
}

TEST_CASE("slurm executor: a second sweep waits for the tasks that a killed one left") {
    SlurmScene scene;
    scene.make_executor();
    const std::vector<PointJob> jobs = scene.jobs(3);
    struct Killed {};
    int step = 0;
    CHECK_THROWS_AS(scene.run(jobs,
                              [&] {
                                  if (++step == 3) {
                                      throw Killed();
                                  }
                                  return false;
                              }),
                    Killed);
    scene.slurm.start_task("1", 0);
    scene.slurm.forget_task("1", 0);

    scene.make_executor();
    CHECK(scene.executor->keep_running(jobs) == std::set<std::size_t>{1, 2});
    step = 0;
    scene.run({jobs[1], jobs[2]}, [&] {
        if (++step == 2) {
            scene.slurm.start_task("1", 1);
            scene.slurm.start_task("1", 2);
        }
        return false;
    });
    CHECK(scene.ended.size() == 2);
    CHECK(scene.slurm.read("submitted") == "1\n");
    CHECK(scene.times_run(1) == 1);
}

TEST_CASE("slurm executor: left tasks that would run something else are cancelled and submitted anew") {
    SlurmScene scene;
    scene.make_executor();
    int step = 0;
    struct Killed {};
    CHECK_THROWS_AS(scene.run(scene.jobs(2),
                              [&]() -> bool {
                                  if (++step == 3) {
                                      throw Killed();
                                  }
                                  return false;
                              }),
                    Killed);

    scene.make_executor();
    const std::vector<PointJob> jobs{scene.job(0), scene.job(1, "other")};
    CHECK(scene.executor->keep_running(jobs) == std::set<std::size_t>{0});
    CHECK(contains(scene.slurm.calls("scancel"), "1_1"));
    step = 0;
    scene.run(jobs, [&] {
        if (++step == 2) {
            scene.slurm.start_task("1", 0);
            scene.slurm.start_task("2", 0);
        }
        return false;
    });
    CHECK(scene.ended.size() == 2);
    CHECK(scene.times_run(0) == 1);
    CHECK(scene.times_run(1) == 1);
}

TEST_CASE("slurm executor: a refused array is an error with Slurm's message") {
    SlurmScene scene;
    scene.slurm.write("refusal",
                      "sbatch: error: invalid partition specified: foo\nsbatch: error: Batch job submission failed\n");
    scene.make_executor();
    const std::string message = message_of<InputError>([&] { scene.run(scene.jobs(1), [] { return false; }); });
    CHECK(contains(message,
                   "sbatch: error: invalid partition specified: foo; sbatch: error: Batch job submission failed"));
    CHECK_FALSE(contains(message, "\n"));
}

TEST_CASE("slurm executor: without Slurm it says what is missing") {
    SlurmScene scene;
    setenv("PATH", "/nowhere", 1);
    scene.make_executor();
    const std::string message = message_of<InputError>([&] { scene.run(scene.jobs(1), [] { return false; }); });
    CHECK(contains(message, "squeue"));
    CHECK(contains(message, "PATH"));
}

TEST_CASE("slurm executor: a cluster without job arrays is refused") {
    SlurmScene scene;
    scene.slurm.write("longest", "0\n");
    scene.make_executor();
    CHECK(contains(message_of<InputError>([&] { scene.run(scene.jobs(1), [] { return false; }); }), "MaxArraySize"));
}
