#include <optional>
#include <string>
#include <tuple>

#include "aqpim/trace_port.h"
#include "models/trace_port/trace_port.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

struct Seen {
    std::string name;
    Picoseconds start_ps;
    Picoseconds end_ps;
    std::uint64_t argument;

    bool operator==(const Seen&) const = default;
};

class Sink : public RecorderSink {
 public:
    std::vector<std::string> tracks;
    std::vector<Seen> slices;

    void on_track(TrackId, const std::string& path) override { tracks.push_back(path); }
    void on_slice(const Slice& slice) override {
        REQUIRE(slice.argument_count == 1);
        CHECK(slice.activity == Activity::none);
        slices.push_back(
            {std::string(slice.name), slice.start_ps, slice.end_ps, std::get<std::uint64_t>(slice.arguments[0].value)});
    }
};

struct Scene {
    Sink sink;
    Recorder recorder;
    Initiator hart{"hart"};
    std::optional<TracePort> port;

    Scene() {
        recorder.attach(sink);
        port.emplace("port", recorder);
        hart.socket.bind(port->socket);
        settle();
    }
    void begin(std::uint32_t phase, std::uint32_t argument, Picoseconds delay_ps) {
        REQUIRE(hart.write(AQPIM_TRACE_BEGIN, phase | argument << 8, delay_ps) == tlm::TLM_OK_RESPONSE);
    }
    void end(std::uint32_t phase, Picoseconds delay_ps) {
        REQUIRE(hart.write(AQPIM_TRACE_END, phase, delay_ps) == tlm::TLM_OK_RESPONSE);
    }
};

}  // namespace

TEST_CASE("phases nest and keep their exact times") {
    Scene scene;
    scene.begin(AQPIM_PHASE_PREFILL, 0, 100);
    scene.begin(AQPIM_PHASE_LAYER, 3, 200);
    run_to(1'000);
    scene.end(AQPIM_PHASE_LAYER, 50);
    scene.begin(AQPIM_PHASE_LAYER, 4, 60);
    scene.end(AQPIM_PHASE_LAYER, 70);
    scene.end(AQPIM_PHASE_PREFILL, 80);
    scene.begin(AQPIM_PHASE_DECODE, 17, 90);
    scene.end(AQPIM_PHASE_DECODE, 95);

    const std::vector<Phase>& phases = scene.port->phases();
    REQUIRE(phases.size() == 4);
    const Phase expected[] = {{AQPIM_PHASE_PREFILL, 0, 100, 1'080, 0},
                              {AQPIM_PHASE_LAYER, 3, 200, 1'050, 1},
                              {AQPIM_PHASE_LAYER, 4, 1'060, 1'070, 1},
                              {AQPIM_PHASE_DECODE, 17, 1'090, 1'095, 0}};
    for (std::size_t i = 0; i < phases.size(); ++i) {
        INFO("phase " << i);
        CHECK(phases[i].phase == expected[i].phase);
        CHECK(phases[i].argument == expected[i].argument);
        CHECK(phases[i].start_ps == expected[i].start_ps);
        CHECK(phases[i].end_ps == expected[i].end_ps);
        CHECK(phases[i].depth == expected[i].depth);
    }
    CHECK(scene.port->bad_ends() == 0);
}

TEST_CASE("each phase is a slice with a readable name on the firmware's track") {
    Scene scene;
    scene.begin(AQPIM_PHASE_SETUP, 0, 0);
    scene.end(AQPIM_PHASE_SETUP, 10);
    scene.begin(AQPIM_PHASE_PREFILL, 0, 20);
    scene.begin(AQPIM_PHASE_LAYER, 3, 30);
    scene.end(AQPIM_PHASE_LAYER, 40);
    scene.end(AQPIM_PHASE_PREFILL, 50);
    scene.begin(AQPIM_PHASE_DECODE, 0xffffff, 60);
    scene.end(AQPIM_PHASE_DECODE, 70);
    scene.begin(70, 5, 80);
    scene.end(70, 90);
    scene.begin(9, 0, 91);
    scene.end(9, 92);
    CHECK(scene.sink.tracks == std::vector<std::string>{"host.firmware"});
    CHECK(scene.sink.slices == std::vector<Seen>{{"setup", 0, 10, 0},
                                                 {"layer 3", 30, 40, 3},
                                                 {"prefill", 20, 50, 0},
                                                 {"decode 16777215", 60, 70, 0xffffff},
                                                 {"user 70", 80, 90, 5},
                                                 {"phase 9", 91, 92, 0}});
}

TEST_CASE("who listens to marks hears of each with the phase it begins or ends") {
    Scene scene;
    std::vector<std::tuple<std::size_t, PhaseEdge, Picoseconds>> marks;
    scene.port->on_mark = [&](std::size_t phase, PhaseEdge edge, Picoseconds time_ps) {
        marks.emplace_back(phase, edge, time_ps);
    };
    scene.begin(AQPIM_PHASE_DECODE, 0, 10);
    scene.begin(AQPIM_PHASE_LAYER, 0, 20);
    scene.end(AQPIM_PHASE_DECODE, 25);  // not the innermost
    scene.end(AQPIM_PHASE_LAYER, 30);
    scene.begin(AQPIM_PHASE_LAYER, 1, 40);
    scene.port->finish(50);
    const decltype(marks) expected = {{0, PhaseEdge::begin, 10}, {1, PhaseEdge::begin, 20}, {1, PhaseEdge::end, 30},
                                      {2, PhaseEdge::begin, 40}, {2, PhaseEdge::end, 50},   {0, PhaseEdge::end, 50}};
    CHECK(marks == expected);
}

TEST_CASE("an end without a beginning, or of another phase, is ignored and counted") {
    Scene scene;
    scene.end(AQPIM_PHASE_PREFILL, 10);
    scene.begin(AQPIM_PHASE_PREFILL, 0, 20);
    scene.begin(AQPIM_PHASE_LAYER, 0, 30);
    scene.end(AQPIM_PHASE_PREFILL, 40);
    scene.end(AQPIM_PHASE_LAYER | 0x100, 45);
    CHECK(scene.port->bad_ends() == 3);
    CHECK(scene.sink.slices.empty());
    scene.end(AQPIM_PHASE_LAYER, 50);
    scene.end(AQPIM_PHASE_PREFILL, 60);
    CHECK(scene.port->bad_ends() == 3);
    CHECK(scene.sink.slices == std::vector<Seen>{{"layer 0", 30, 50, 0}, {"prefill", 20, 60, 0}});
}

TEST_CASE("what is open when the run is over ends there") {
    Scene scene;
    scene.begin(AQPIM_PHASE_DECODE, 2, 100);
    scene.begin(AQPIM_PHASE_LAYER, 1, 300);
    CHECK(scene.port->phases()[1].end_ps == 300);
    scene.port->finish(250);
    CHECK(scene.sink.slices == std::vector<Seen>{{"layer 1", 300, 300, 1}, {"decode 2", 100, 250, 2}});
    scene.port->finish(400);
    CHECK(scene.sink.slices.size() == 2);
}

TEST_CASE("the trace port is write-only and has two registers") {
    Scene scene;
    CHECK(scene.hart.read<std::uint32_t>(AQPIM_TRACE_BEGIN) == 0);
    CHECK(scene.hart.write<std::uint32_t>(8, 1) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.port->phases().empty());
}
