#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "models/common/error.h"
#include "models/dram/channel.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that is gone afterwards.
struct Folder {
    Folder() : path(fs::temp_directory_path() / fmt::format("aqpim_dram_trace_{}", ::getpid())) {
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }

    std::string file(const std::string& name) const { return (path / name).string(); }
    bool empty() const { return fs::is_empty(path); }

    fs::path path;
};

std::string contents(const std::string& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("the trace file lists each command with JEDEC's name, time and address") {
    const Folder folder;
    const Scene scene({{"dram.refresh", "off"}});
    CommandTraceFile trace(folder.file("commands.csv"));
    Channel channel(scene.parameters, 2, &trace);
    Location location;
    location.pseudo_channel = 1;
    location.bank_group = 3;
    location.bank = 1;
    location.row = 40;
    location.column = 7;
    channel.access(location, true, 0);
    channel.precharge_all(0);
    channel.issue({Command::PIM_ACT_AB, 1, 6}, 0);
    channel.finish_trace();
    trace.close();
    CHECK(contents(folder.file("commands.csv")) ==
          "time_ps,channel,pseudo_channel,rank,bank_group,bank,command,row,column\n"
          "0,2,1,0,3,1,ACT,40,-1\n"
          "14611,2,1,0,3,1,WR,40,7\n"
          "36912,2,-1,-1,-1,-1,PREA,-1,-1\n"         // 19 + 6 + 2 + 21 cycles of 769 ps
          "51523,2,-1,-1,-1,-1,PIM_ACT_AB,6,-1\n");  // tRP later
}

TEST_CASE("a refresh names its rank in the trace") {
    CommandLog log;
    const Scene scene;
    Channel channel(scene.parameters, 0, &log);
    channel.settle(5071);
    channel.finish_trace();
    REQUIRE(log.commands.size() == 4);
    CHECK(log.commands[1].pseudo_channel == 0);
    CHECK(log.commands[1].rank == 1);
    CHECK(log.commands[1].bank_group == -1);
    CHECK(log.commands[1].bank == -1);
}

TEST_CASE("a trace that is not closed leaves nothing behind") {
    const Folder folder;
    {
        CommandTraceFile trace(folder.file("commands.csv"));
        trace.command({0, Command::ACT, 0, 0, 0, 0, 0, 0, -1});
        CHECK_FALSE(folder.empty());
    }
    CHECK(folder.empty());
}

TEST_CASE("an earlier trace stays until the new one is complete") {
    const Folder folder;
    const std::string file = folder.file("commands.csv");
    std::ofstream(file) << "earlier";
    CommandTraceFile trace(file);
    trace.command({0, Command::ACT, 0, 0, 0, 0, 0, 0, -1});
    CHECK(contents(file) == "earlier");
    trace.close();
    CHECK(contents(file) != "earlier");
}

TEST_CASE("a trace that cannot be made is an input error that names the file") {
    CHECK_THROWS_AS(CommandTraceFile("/nonexistent/commands.csv"), InputError);
    CHECK_THROWS_WITH(CommandTraceFile("/nonexistent/commands.csv"), Catch::Contains("/nonexistent/commands.csv"));
}

TEST_CASE("a trace takes the place of regular files only") {
    const Folder folder;
    fs::create_directories(folder.file("taken"));
    CHECK_THROWS_AS(CommandTraceFile(folder.file("taken")), InputError);
    CHECK_THROWS_AS(CommandTraceFile("/dev/null"), InputError);
}

TEST_CASE("a trace that cannot be written in full is an input error and leaves nothing behind") {
    const Folder folder;
    CommandTraceFile trace(folder.file("taken"));
    fs::create_directories(folder.file("taken/inside"));  // a folder that is not empty cannot be replaced
    CHECK_THROWS_AS(trace.close(), InputError);
    CHECK_FALSE(fs::exists(folder.file("taken.partial")));
}
