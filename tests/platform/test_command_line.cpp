#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/config_file.h"
#include "platform/run.h"
#include "sc_main/cli.h"
#include "sc_main/progress.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::TemporaryDirectory;

namespace {

/// What takes the place of the simulation in these tests.
std::function<RunOutcome(Configuration&, const RunOptions&)> simulation = [](auto&, auto&) { return RunOutcome{}; };

/// Sends a stream to a file while it lives.
class Redirection {
 public:
    Redirection(std::FILE* stream, const std::string& file) : stream_(stream), kept_(dup(fileno(stream))) {
        std::fflush(stream_);
        std::FILE* const target = std::fopen(file.c_str(), "w");
        dup2(fileno(target), fileno(stream_));
        std::fclose(target);
    }
    ~Redirection() {
        std::fflush(stream_);
        dup2(kept_, fileno(stream_));
        close(kept_);
    }

 private:
    std::FILE* stream_;
    int kept_;
};

struct Ended {
    int status;
    std::string out;
    std::string error;
};

/// `aqpim-vp` with the words of `line`.
Ended aqpim_vp(const std::string& line) {
    std::istringstream words("aqpim-vp " + line);
    std::vector<std::string> arguments;
    for (std::string word; words >> word;) {
        arguments.push_back(word);
    }
    std::vector<const char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(argument.c_str());
    }
    const TemporaryDirectory directory;
    Ended ended{};
    {
        const Redirection out(stdout, directory.path("out"));
        const Redirection error(stderr, directory.path("error"));
        ended.status = run_command_line(static_cast<int>(pointers.size()), pointers.data());
    }
    ended.out = directory.read("out");
    ended.error = directory.read("error");
    return ended;
}

bool is_one_line(const std::string& text) {
    return text.starts_with("aqpim-vp: ") && text.find('\n') == text.size() - 1;
}

}  // namespace

RunOutcome aqpim::run(Configuration& configuration, const RunOptions& options) {
    return simulation(configuration, options);
}

TEST_CASE("wrong usage is one line on stderr and status 2") {
    const TemporaryDirectory directory;
    const std::string config = directory.write("a.cfg", "[pcie]\nlanes = 8\n");
    const std::pair<std::string, std::string> cases[] = {
        {"", "no command given"},
        {"simulate", "unknown command 'simulate'; allowed: run, replay, sweep, config, report"},
        {"run", "run: no CONFIG... given"},
        {"run " + config + " --gdb 65536", "--gdb: '65536' found; a port from 0 to 65535 is allowed"},
        {"run " + config + " --gdb x", "--gdb: 'x' found"},
        {"run " + config + " --vcd w --trace-instructions w", "w found twice"},
        {"run " + config + " --quie", "run: unrecognised option '--quie'"},
        {"run " + config + " --out", "the required argument for option '--out' is missing"},
        {"run " + config + " --progress maybe", "--progress: 'maybe' found; allowed: auto, on, off"},
        {"run " + config + " --set pcie.lanes", "--set: 'pcie.lanes' found; allowed: KEY=VALUE"},
        {"run " + config + " --set pcie.lane=4", "--set: unknown key 'pcie.lane'; did you mean 'pcie.lanes'?"},
        {"run " + config + " --time-limit 5", "--time-limit: sim.time_limit: '5'"},
        {"run " + config + " --vcd no/such/folder/w.vcd", "--vcd: no/such/folder/w.vcd: its folder does not exist"},
        {"run none.cfg", "none.cfg: cannot be read: No such file or directory"},
        {"config " + config + " --format xml", "--format: 'xml' found; allowed: cfg, json, md"},
        {"report a b", "a: no results in it: neither stats.json of a run nor sweep.json of a sweep found"},
        {"report " + directory.path(), directory.path() + ": no results in it"},
    };
    for (const auto& [line, message] : cases) {
        const Ended ended = aqpim_vp(line);
        INFO(line << ": " << ended.error);
        CHECK(ended.status == 2);
        CHECK(ended.out.empty());
        CHECK(is_one_line(ended.error));
        CHECK(ended.error.find(message) != std::string::npos);
    }
}

TEST_CASE("help and version are printed without a configuration") {
    CHECK(aqpim_vp("--help").out.starts_with("Usage: aqpim-vp run "));
    CHECK(aqpim_vp("--version").out.starts_with("aqpim-vp "));
    for (const std::string command : {"run", "config", "report"}) {
        const Ended ended = aqpim_vp(command + " --help");
        CHECK(ended.status == 0);
        CHECK(ended.out.starts_with("Usage: aqpim-vp " + command));
    }
    CHECK(aqpim_vp("run --help").out.find("  pcie.lanes = ") != std::string::npos);
}

TEST_CASE("options override configuration files, and --set overrides all") {
    const TemporaryDirectory directory;
    const std::string a =
        directory.write("a.cfg", "[pcie]\nlanes = 2\n[host]\nfirmware = a.elf\n[sim]\ntime_limit = 1ms\n");
    const std::string b = directory.write("b.cfg", "[pcie]\nlanes = 4\n");
    simulation = [](Configuration& configuration, const RunOptions&) {
        CHECK(configuration.table.find("pcie.lanes")->text == "4");
        CHECK(configuration.table.find("host.firmware")->text == "b.elf");
        CHECK(configuration.table.find("host.firmware")->origin == "--firmware");
        CHECK(configuration.table.find("sim.time_limit")->text == "3ms");
        CHECK(configuration.table.find("workload.keys")->text == "k.npy");
        CHECK(configuration.table.find("workload.prefill_queries")->text == "p.npy");
        return RunOutcome{};
    };
    CHECK(aqpim_vp("run " + a + " " + b + " --firmware b.elf --keys k.npy --values v.npy --queries q.npy " +
                   "--prefill-queries p.npy --set sim.time_limit=3ms --time-limit 2ms --quiet")
              .status == 0);
}

TEST_CASE("results go to out/NAME unless told otherwise") {
    const TemporaryDirectory directory;
    const std::string a = directory.write("a.cfg", "");
    const std::string b = directory.write("b.cfg", "");
    std::string out_dir;
    simulation = [&](Configuration&, const RunOptions& options) {
        out_dir = options.out_dir;
        return RunOutcome{};
    };
    aqpim_vp("run " + a);
    CHECK(out_dir == "out/a");
    aqpim_vp("run " + a + " " + b);
    CHECK(out_dir == "out/a-b");
    aqpim_vp("run " + a + " --out here");
    CHECK(out_dir == "here");
}

TEST_CASE("waveforms and traces may go into the output directory that is yet to be made") {
    const TemporaryDirectory directory;
    const std::string line = "run " + directory.write("a.cfg", "") + " --quiet --out " + directory.path("new/");
    simulation = [&](Configuration&, const RunOptions& options) {
        CHECK(options.vcd == directory.path("new/w.vcd"));
        CHECK(options.trace == directory.path("new/t.json"));
        return RunOutcome{};
    };
    CHECK(
        aqpim_vp(line + " --vcd " + directory.path("new/w.vcd") + " --trace " + directory.path("new/t.json")).status ==
        0);
    CHECK(aqpim_vp(line + " --dram-trace " + directory.path("new/deeper/c.csv")).status == 2);
}

TEST_CASE("a run's outcome is the exit status, and its message one line on stderr") {
    const TemporaryDirectory directory;
    const std::string line = "run " + directory.write("a.cfg", "");
    simulation = [](auto&, auto&) { return RunOutcome{RunStatus::success, "", {}}; };
    CHECK(aqpim_vp(line).status == 0);
    CHECK(aqpim_vp(line).out.find("results         out/a\n") != std::string::npos);
    CHECK(aqpim_vp(line + " --quiet").out.empty());
    simulation = [](auto&, auto&) { return RunOutcome{RunStatus::failed, "firmware reported failure 3", {}}; };
    CHECK(aqpim_vp(line).status == 1);
    CHECK(aqpim_vp(line).error == "aqpim-vp: firmware reported failure 3\n");
    simulation = [](auto&, auto&) { return RunOutcome{RunStatus::stopped, "deadlock", {}}; };
    CHECK(aqpim_vp(line).status == 3);
    CHECK(aqpim_vp(line).out.empty());
}

TEST_CASE("whatever a run throws is one line on stderr and a status") {
    const TemporaryDirectory directory;
    const std::string line = "run " + directory.write("a.cfg", "");
    simulation = [](auto&, auto&) -> RunOutcome { throw InputError("keys.npy: cannot be read"); };
    CHECK(aqpim_vp(line).status == 2);
    simulation = [](auto&, auto&) -> RunOutcome { throw SimulationError("time limit"); };
    CHECK(aqpim_vp(line).status == 3);
    CHECK(aqpim_vp(line).error == "aqpim-vp: time limit\n");
    simulation = [](auto&, auto&) -> RunOutcome { throw std::bad_alloc(); };
    CHECK(aqpim_vp(line).status == 3);
    CHECK(aqpim_vp(line).error == "aqpim-vp: out of memory\n");
    simulation = [](auto&, auto&) -> RunOutcome { throw std::logic_error("a\nb\n"); };
    CHECK(aqpim_vp(line).status == 3);
    CHECK(aqpim_vp(line).error == "aqpim-vp: internal error: a; b\n");
    simulation = [](auto&, auto&) -> RunOutcome { throw 1; };
    CHECK(aqpim_vp(line).status == 3);
}

TEST_CASE("several images to load are one list") {
    const TemporaryDirectory directory;
    simulation = [](Configuration& configuration, const RunOptions& options) {
        CHECK(configuration.load == "a.elf,b.bin@0x80200000");
        CHECK(configuration.uart_input == "stdin");
        CHECK(options.gdb_port == 0);
        return RunOutcome{};
    };
    CHECK(aqpim_vp("run " + directory.write("a.cfg", "[host]\nload = c.elf\n") +
                   " --load a.elf --load b.bin@0x80200000 --uart-input stdin --gdb 0")
              .status == 0);
}

TEST_CASE("an interrupt ends the run in order") {
    const TemporaryDirectory directory;
    const std::string line = "run " + directory.write("a.cfg", "");
    simulation = [](Configuration&, const RunOptions& options) {
        std::raise(SIGINT);
        CHECK(options.is_interrupted());
        throw SimulationError("interrupted after 1.5 us simulated");
        return RunOutcome{};
    };
    const Ended ended = aqpim_vp(line);
    CHECK(ended.status == 3);
    CHECK(ended.error == "aqpim-vp: interrupted after 1.5 us simulated\n");
}

TEST_CASE("the resolved configuration can be run again") {
    const TemporaryDirectory directory;
    const std::string config = directory.write("a.cfg", "[pcie]\nlanes = 8\n[workload]\nkeys = k.npy\n");
    const std::string again = directory.write("b.cfg", aqpim_vp("config " + config + " --set sim.seed=7").out);
    Configuration configuration;
    read_config_file(configuration.table, again);
    CHECK(configuration.table.find("pcie.lanes")->text == "8");
    CHECK(configuration.table.find("sim.seed")->text == "7");
    CHECK(configuration.table.find("workload.keys")->text == directory.path("k.npy"));
}

TEST_CASE("the configuration as JSON has the DRAM timing") {
    const TemporaryDirectory directory;
    const Ended ended = aqpim_vp("config --format json " + directory.write("a.cfg", ""));
    CHECK(nlohmann::json::parse(ended.out).at("dram").at("timing").at("tRAS").is_number_unsigned());
}

TEST_CASE("the progress line appears after two seconds, is drawn anew five times a second, and goes") {
    using std::chrono::milliseconds;
    std::ostringstream terminal;
    {
        ProgressLine progress(terminal);
        progress.update(1'000'000, "prefill", milliseconds(1999));
        CHECK(terminal.str().empty());
        progress.update(2'000'000, "prefill", milliseconds(2000));
        CHECK(terminal.str() == "\r\x1b[K2 us simulated, prefill, 1 us in a second of wall time");
        progress.update(3'000'000, "decode step 1", milliseconds(2199));
        CHECK(terminal.str().find("decode") == std::string::npos);
        progress.update(3'000'000, "decode step 1", milliseconds(2200));
        CHECK(terminal.str().find("decode step 1") != std::string::npos);
    }
    CHECK(terminal.str().ends_with("\r\x1b[K"));
}
