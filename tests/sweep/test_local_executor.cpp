#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "models/common/error.h"
#include "platform/sweep/local_executor.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

/// What an executor has told.
struct Told {
    std::map<std::size_t, std::string> ends;  ///< by index: how
    std::size_t running = 0;
    std::size_t most_running = 0;
    bool interrupt = false;

    ExecutorWatch watch() {
        return {[this](std::size_t index, PointState state, const std::string& how) {
                    if (state == PointState::running) {
                        most_running = std::max(most_running, ++running);
                        return;
                    }
                    --running;
                    ends[index] = how;
                },
                [this] { return interrupt; }};
    }
};

PointJob shell(std::size_t index, const std::string& script) {
    return {index, {}, {"/bin/sh", "-c", script}};
}

/// Neither gone nor a zombie that nobody has waited for.
bool is_alive(pid_t process) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
}

/// Waits for a file to be written, some seconds at most.
std::string awaited(const TemporaryDirectory& folder, const std::string& name) {
    for (int i = 0; i < 500 && folder.read(name).empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return folder.read(name);
}

bool is_gone_soon(pid_t process) {
    for (int i = 0; i < 500 && is_alive(process); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return !is_alive(process);
}

}  // namespace

TEST_CASE("every job runs and no more at once than allowed") {
    const TemporaryDirectory folder;
    std::vector<PointJob> jobs;
    for (std::size_t i = 0; i < 7; ++i) {
        jobs.push_back(shell(i, "sleep 0.05; echo x >> '" + folder.path("log") + "'; exit " + std::to_string(i)));
    }
    Told told;
    make_local_executor(3)->run(jobs, told.watch());
    CHECK(told.ends.size() == 7);
    CHECK(told.most_running == 3);
    CHECK(told.running == 0);
    CHECK(folder.read("log").size() == 14);
    CHECK(told.ends[6].empty());
}

TEST_CASE("a job that is killed is told by its signal and the others go on") {
    Told told;
    make_local_executor(1)->run({shell(4, "kill -9 $$"), shell(5, "exit 0")}, told.watch());
    CHECK(told.ends == std::map<std::size_t, std::string>{{4, "killed by signal 9"}, {5, ""}});
}

TEST_CASE("a program that is not there is an error") {
    Told told;
    CHECK(message_of<InputError>([&] {
              make_local_executor(2)->run({{0, {}, {"/nowhere/x"}}}, told.watch());
          }).starts_with("/nowhere/x: cannot be started: "));
}

TEST_CASE("interrupted it asks its jobs to end and returns when none runs") {
    const TemporaryDirectory folder;
    Told told;
    std::vector<PointJob> jobs;
    for (const char* name : {"0", "1"}) {
        jobs.push_back(shell(jobs.size(), "trap 'echo term > " + folder.path(std::string("end") + name) +
                                              "; exit 3' TERM; echo $$ > " + folder.path(std::string("pid") + name) +
                                              "; while :; do sleep 0.01; done"));
    }
    jobs.push_back(shell(2, "echo x > " + folder.path("never")));
    std::thread interruption([&] {
        awaited(folder, "pid0");
        awaited(folder, "pid1");
        told.interrupt = true;
    });
    make_local_executor(2)->run(jobs, told.watch());
    interruption.join();
    CHECK(folder.read("end0") == "term\n");
    CHECK(folder.read("end1") == "term\n");
    CHECK_FALSE(is_alive(std::stoi(folder.read("pid0"))));
    CHECK(folder.files().count("never") == 0);
}

TEST_CASE("jobs end with the process that runs them even if it is killed") {
    const TemporaryDirectory folder;
    const pid_t sweep = fork();
    if (sweep == 0) {
        Told told;
        make_local_executor(1)->run({shell(0, "echo $$ > " + folder.path("pid") + "; exec sleep 60")}, told.watch());
        _exit(0);
    }
    const pid_t job = std::stoi(awaited(folder, "pid"));
    CHECK(is_alive(job));
    kill(sweep, SIGKILL);
    waitpid(sweep, nullptr, 0);
    CHECK(is_gone_soon(job));
}
