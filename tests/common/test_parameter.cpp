#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/common/parameter.h"

using namespace aqpim;

namespace {

struct Model {
    ParameterTable table;
    bool flag = false;
    std::uint32_t lanes = 0;
    std::uint64_t size = 0;
    double share = 0;
    double energy_pj = 0;
    std::string mode;
    std::string file;
    Clock clock;
    Picoseconds latency_ps = 0;

    Model() {
        ParameterSection section = table.section("model");
        section.flag(flag, "flag", true, {"a flag", "none"});
        section.power_of_two(lanes, "lanes", 4, {1, 16}, {"lanes", "none"});
        section.size(size, "size", "16GiB", {"size", "none"});
        section.real(share, "share", 0.5, {0, 1}, {"a share", "none"});
        section.energy(energy_pj, "energy", "0.9pJ", {"energy", "none"});
        section.choice(mode, "mode", "loop", {"loop", "histogram"}, {"mode", "none"});
        section.path(file, "file", {"a file", "none"});
        section.clock(clock, "clock", "2GHz", {"clock", "none"});
        section.time(latency_ps, "latency", "105ns", {"latency", "none"});
    }
    std::string error(const std::string& key, const std::string& value) {
        try {
            table.set(key, value, "x.cfg:3");
        } catch (const InputError& error) {
            return error.what();
        }
        return "no error";
    }
};

}  // namespace

TEST_CASE("defaults are stored at once") {
    const Model model;
    CHECK(model.flag);
    CHECK(model.lanes == 4);
    CHECK(model.size == std::uint64_t{16} << 30);
    CHECK(model.energy_pj == Approx(0.9));
    CHECK(model.mode == "loop");
    CHECK(model.latency_ps == 105'000);
    CHECK(model.table.find("model.lanes")->origin == "default");
}

TEST_CASE("a value that is set is stored, with where it came from") {
    Model model;
    model.table.set("model.lanes", "16", "--set");
    CHECK(model.lanes == 16);
    CHECK(model.table.find("model.lanes")->origin == "--set");
    CHECK(std::get<std::uint64_t>(model.table.find("model.lanes")->base_value) == 16);
}

TEST_CASE("a path counts from the folder of the file that gives it") {
    Model model;
    model.table.set("model.file", "../data/x.npy", "configs/a.cfg:7");
    CHECK(model.file == "data/x.npy");
    model.table.set("model.file", "here.npy", "--set");
    CHECK(model.file == "here.npy");
    model.table.set("model.file", "/abs/x.npy", "configs/a.cfg:7");
    CHECK(model.file == "/abs/x.npy");
}

TEST_CASE("each file of a list counts from the folder of the file that gives it; words are no files") {
    ParameterTable table;
    std::string files;
    std::string input;
    table.section("model").paths(files, "files", {"files", "none"});
    table.section("model").path_or_word(input, "input", {"none", "stdin"}, {"a file or a word", "none"});
    CHECK(files.empty());
    CHECK(input == "none");
    table.set("model.files", "x.bin@0x80000000,../y.bin,/abs/z", "configs/a.cfg:7");
    CHECK(files == "configs/x.bin@0x80000000,y.bin,/abs/z");
    table.set("model.input", "stdin", "configs/a.cfg:8");
    CHECK(input == "stdin");
    table.set("model.input", "keys.txt", "configs/a.cfg:8");
    CHECK(input == "configs/keys.txt");
    table.set("model.files", "", "configs/a.cfg:9");
    CHECK(files.empty());
}

TEST_CASE("errors name the place, the key, what was found and what is allowed") {
    using Catch::Contains;
    Model model;
    CHECK_THAT(model.error("model.lane", "1"),
               Contains("x.cfg:3") && Contains("'model.lane'") && Contains("'model.lanes'"));
    CHECK_THAT(model.error("model.lanes", "3"), Contains("model.lanes") && Contains("power of two"));
    CHECK_THAT(model.error("model.lanes", "32"), Contains("32 is out of range") && Contains("1 to 16"));
    CHECK_THAT(model.error("model.lanes", "-1"), Contains("'-1'"));
    CHECK_THAT(model.error("model.share", "nan"), Contains("nan"));
    CHECK_THAT(model.error("model.share", "1.5"), Contains("0 to 1"));
    CHECK_THAT(model.error("model.mode", "fast"), Contains("loop, histogram"));
    CHECK_THAT(model.error("model.latency", "105"), Contains("no unit") && Contains("ns"));
    CHECK_THAT(model.error("model.latency", "1B"), Contains("unknown unit"));
    CHECK_THAT(model.error("model.flag", "yes"), Contains("true or false"));
    CHECK(model.lanes == 4);
}
