#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"
#include "platform/results/output_directory.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

void write(const OutputDirectory& out, const std::string& name, const std::string& contents) {
    write_file_atomically(out.path(name), contents);
}

using Files = std::set<std::string>;

}  // namespace

TEST_CASE("results appear only when the run has ended properly") {
    const TemporaryDirectory directory;
    OutputDirectory out(directory.path("a/b"));
    write(out, "stats.json", "{}");
    CHECK(directory.files("a/b").count("stats.json") == 0);
    out.publish();
    CHECK(directory.read("a/b/stats.json") == "{}");
}

TEST_CASE("a finished run leaves nothing but its files") {
    const TemporaryDirectory directory;
    {
        OutputDirectory out(directory.path("a"));
        write(out, "stats.json", "{}");
        out.publish();
    }
    CHECK(directory.files("a") == Files{"stats.json"});
}

TEST_CASE("a run that failed leaves earlier results as they were") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path("a"));
    directory.write("a/stats.json", "earlier");
    directory.write("a/notes.txt", "mine");
    {
        OutputDirectory out(directory.path("a"));
        write(out, "stats.json", "later");
    }
    CHECK(directory.files("a") == Files{"stats.json", "notes.txt"});
    CHECK(directory.read("a/stats.json") == "earlier");
}

TEST_CASE("a run that failed leaves no directory that it made") {
    const TemporaryDirectory directory;
    {
        OutputDirectory out(directory.path("a/b/c"));
        write(out, "stats.json", "{}");
    }
    CHECK(directory.files().empty());
}

TEST_CASE("two runs never mix: what the later run did not write goes, the user's own files stay") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path("a"));
    directory.write("a/stats.json", "earlier");
    directory.write("a/attention.npy", "earlier");
    directory.write("a/notes.txt", "mine");
    {
        OutputDirectory out(directory.path("a"));
        write(out, "stats.json", "later");
        out.publish();
    }
    CHECK(directory.files("a") == Files{"stats.json", "notes.txt"});
    CHECK(directory.read("a/stats.json") == "later");
}

TEST_CASE("a second run into a directory that is being written to is refused") {
    const TemporaryDirectory directory;
    const OutputDirectory out(directory.path("a"));
    CHECK(message_of<InputError>([&] { OutputDirectory second(directory.path("a")); }) ==
          directory.path("a") + ": another run is writing its results there");
}

TEST_CASE("what a killed run left behind goes with the next run") {
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path("a/.aqpim-partial-abcdef"));
    directory.write("a/.aqpim-partial-abcdef/stats.json", "half");
    {
        OutputDirectory out(directory.path("a"));
        write(out, "stats.json", "{}");
        out.publish();
    }
    CHECK(directory.files("a") == Files{"stats.json"});
}

TEST_CASE("a directory that cannot be made is refused") {
    const TemporaryDirectory directory;
    directory.write("file", "");
    CHECK(message_of<InputError>([&] { OutputDirectory out(directory.path("file")); }) ==
          directory.path("file") + ": cannot hold results: Not a directory");
    CHECK(message_of<InputError>([&] {
              OutputDirectory out(directory.path("file/a"));
          }).starts_with(directory.path("file/a") + ": cannot be made: "));
}

TEST_CASE("a directory takes only files that a later run would know to remove") {
    const TemporaryDirectory directory;
    const OutputDirectory run(directory.path("a"));
    CHECK_THROWS_AS(run.path("other.txt"), std::logic_error);
    const OutputDirectory dump(directory.path("b"), pq_dump_files);
    CHECK_NOTHROW(dump.path("codes_k.npy"));
    CHECK_THROWS_AS(dump.path("stats.json"), std::logic_error);
}

TEST_CASE("a run is named by its directory") {
    CHECK(run_name("out/aqpim") == "aqpim");
    CHECK(run_name("out/aqpim/") == "aqpim");
    CHECK(run_name("out/x/../aqpim/.") == "aqpim");
}

TEST_CASE("a file that could not be written whole leaves the earlier one") {
    const TemporaryDirectory directory;
    directory.write("f", "earlier");
    {
        AtomicFile file(directory.path("f"));
        file.stream() << "half";
    }
    CHECK(directory.read("f") == "earlier");
    {
        AtomicFile file(directory.path("f"));
        file.stream().setstate(std::ios::badbit);  // as on a full disk
        CHECK_THROWS_AS(file.commit(), InputError);
    }
    CHECK(directory.read("f") == "earlier");
    CHECK(directory.files() == Files{"f"});
}
