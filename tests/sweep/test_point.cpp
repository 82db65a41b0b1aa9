#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/sweep/digest.h"
#include "platform/sweep/point.h"
#include "platform/sweep/run_log.h"
#include "platform/sweep/sweep_directory.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

using Files = std::set<std::string>;

std::string digest_of(const std::vector<ConfigurationLayer>& layers) {
    Configuration configuration;
    resolve(configuration, layers);
    return point_digest(configuration.table);
}

}  // namespace

TEST_CASE("a digest is FNV-1a of 64 bits however its bytes come") {
    // The vectors of draft-eastlake-fnv for "", "a" and "foobar".
    CHECK(Digest().text() == "cbf29ce484222325");
    Digest a;
    a.add("a");
    CHECK(a.text() == "af63dc4c8601ec8c");
    Digest foobar;
    foobar.add("foo");
    foobar.add("bar");
    CHECK(foobar.text() == "85944171f73967e8");
}

TEST_CASE("layers apply in order and a path is the file's that names it") {
    const TemporaryDirectory folder;
    std::filesystem::create_directory(folder.path("configs"));
    const std::string file =
        folder.write("configs/a.cfg", "[workload]\nkeys = ../k.npy\nbatch = 3\n[pcie]\nlanes = 4\n");
    Configuration configuration;
    resolve(configuration, {{file, {}, {}, {}}, {{}, "pcie.lanes", "8", "--axis"}});
    CHECK(configuration.pcie.lanes == 8);
    CHECK(configuration.workload.batch == 3);
    CHECK(configuration.workload.keys == folder.path("k.npy"));
}

TEST_CASE("values that do not go together do not resolve") {
    Configuration configuration;
    CHECK(message_of<InputError>([&] {
              resolve(configuration, {{{}, "gpu.copy_burst", "0B", "--set"}});
          }).starts_with("gpu.copy_burst: "));
}

TEST_CASE("a point's digest follows values and the files that they name") {
    const TemporaryDirectory folder;
    const std::string keys = folder.write("k.npy", "one");
    const ConfigurationLayer layer{{}, "workload.keys", keys, "--set"};
    const std::string digest = digest_of({layer});
    CHECK(digest_of({layer}) == digest);
    CHECK(digest_of({layer, {{}, "pcie.lanes", "4", "--set"}}) != digest);
    folder.write("k.npy", "longer");
    CHECK(digest_of({layer}) != digest);
}

TEST_CASE("an outcome is read as it was written and half of one is none") {
    const TemporaryDirectory folder;
    CHECK_FALSE(read_outcome(folder.path()));
    write_outcome({1, "check \"failed\" \xff", "c", "p", "q"}, folder.path());
    const auto outcome = read_outcome(folder.path());
    REQUIRE(outcome);
    CHECK(outcome->exit_status == 1);
    CHECK(outcome->message == "check \"failed\" \xef\xbf\xbd");
    CHECK(outcome->configuration_digest == "c");
    CHECK(outcome->point_digest == "p");
    CHECK(outcome->program_digest == "q");
    CHECK_FALSE(outcome->is_done());
    folder.write("outcome.json", folder.read("outcome.json").substr(0, 40));
    CHECK_FALSE(read_outcome(folder.path()));
    folder.write("outcome.json", "{\"exit_status\": \"0\"}");
    CHECK_FALSE(read_outcome(folder.path()));
}

TEST_CASE("two sweeps do not share a directory") {
    const TemporaryDirectory folder;
    const SweepDirectory first(folder.path("a"));
    CHECK(message_of<InputError>([&] { SweepDirectory second(folder.path("a")); }) ==
          folder.path("a") + ": another sweep is writing its results there");
}

TEST_CASE("a sweep's directory is absolute and without a slash at its end") {
    const TemporaryDirectory folder;
    CHECK(SweepDirectory(folder.path("a/")).path() == folder.path("a"));
    CHECK(SweepDirectory(folder.path("a/../a")).file("plan.json") == folder.path("a/plan.json"));
}

TEST_CASE("clearing removes what a sweep wrote and nothing else") {
    const TemporaryDirectory folder;
    for (const char* point : {"points/0", "points/1", "points/2"}) {
        std::filesystem::create_directories(folder.path(point));
        for (const char* name : {"point.cfg", "outcome.json", "run.log", "stats.json", "config.cfg", "report.html"}) {
            folder.write(std::string(point) + "/" + name, "x");
        }
    }
    folder.write("points/1/notes.txt", "mine");
    folder.write("points/2/outcome.json.partial-77", "half");
    for (const char* name : {"plan.json", "sweep.json", "sweep.csv", "report.html", "notes.txt"}) {
        folder.write(name, "x");
    }
    SweepDirectory(folder.path()).clear();
    CHECK(folder.files() == Files{"points", "notes.txt"});
    CHECK(folder.files("points") == Files{"1"});
    CHECK(folder.files("points/1") == Files{"notes.txt"});
}

TEST_CASE("a point that is renewed has nothing of an earlier run") {
    const TemporaryDirectory folder;
    const SweepDirectory sweep(folder.path());
    sweep.renew_point("0");
    for (const char* name : {"point.cfg", "outcome.json", "stats.json"}) {
        folder.write(std::string("points/0/") + name, "x");
    }
    std::filesystem::create_directory(folder.path("points/0/.aqpim-partial-abcdef"));
    sweep.renew_point("0");
    CHECK(folder.files("points/0").empty());
}
