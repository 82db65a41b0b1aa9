#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "aqpim/memory_map.h"
#include "aqpim/trace_port.h"
#include "platform/energy_meter.h"
#include "platform/kernel.h"

using namespace aqpim;

namespace {

constexpr Picoseconds us = 1'000'000;
constexpr double word_pj = 32 * 20.3;             // of RAM
constexpr double row_pj = 64 * 1024 * 8 * 0.11;   // PIM_ACT_AB: 64 banks of a channel, rows of 1 KiB
constexpr double column_pj = 64 * 32 * 8 * 0.44;  // PIM_MAC_AB
constexpr double interface_bit_pj = 3.59 - 0.11;  // of a burst but for the activate
constexpr double activate_pj = 1024 * 8 * 0.11;   // ACT
constexpr double burst_pj = 256 * interface_bit_pj;

struct Counters : RecorderSink {
    struct Sample {
        std::string path;
        std::string unit;
        Picoseconds time_ps;
        double value;
    };
    std::vector<Sample> samples;

    void on_track(TrackId, const std::string&) override {}
    void on_slice(const Slice&) override {}
    void on_counter(const CounterSample& sample) override {
        samples.push_back({std::string(sample.path), std::string(sample.unit), sample.time_ps, sample.value});
    }
    std::vector<std::pair<Picoseconds, double>> of(const std::string& path) const {
        std::vector<std::pair<Picoseconds, double>> found;
        for (const Sample& sample : samples) {
            if (sample.path == path) {
                found.emplace_back(sample.time_ps, sample.value);
            }
        }
        return found;
    }
};

/// A platform whose harts do nothing; the test does what firmware would.
struct Scene {
    Configuration configuration;
    std::ostringstream uart;
    Counters counters;
    Recorder recorder;
    std::optional<Platform> platform;
    std::optional<EnergyMeter> meter;

    explicit Scene(const std::vector<std::string>& assignments = {}) {
        recorder.attach(counters);
        configuration.table.set("host.firmware", "none.elf", "test");
        configuration.table.set("bus.latency", "0ns", "test");
        for (const std::string& assignment : assignments) {
            const std::size_t split = assignment.find('=');
            configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "test");
        }
        configuration.finish();
        configuration.check();
        platform.emplace(configuration, uart, nullptr, recorder);
        run_kernel(sc_core::SC_ZERO_TIME);
        meter.emplace(configuration, *platform, recorder);
    }

    void write(std::uint64_t address, std::uint32_t value) {
        sc_core::sc_time delay;
        REQUIRE(access(platform->harts.front()->socket, tlm::TLM_WRITE_COMMAND, address, &value, sizeof value, delay) ==
                tlm::TLM_OK_RESPONSE);
    }
    void write_ram(unsigned words) {
        for (unsigned i = 0; i < words; ++i) {
            write(AQPIM_RAM_BASE + 4 * i, i);
        }
    }
    void sweep(std::uint32_t columns) {
        dram::Channel& channel = platform->job_pim().memory.channel(0);
        const Ticks now = platform->job_pim().memory.clock().first_tick_at(to_ps(sc_core::sc_time_stamp()));
        channel.issue({dram::Command::PIM_ACT_AB}, now);
        channel.issue({dram::Command::PIM_MAC_AB, columns}, now);
    }
    void begin(unsigned phase, unsigned argument = 0) { write(AQPIM_TRACE_PORT_BASE, phase | argument << 8); }
    void end(unsigned phase) { write(AQPIM_TRACE_PORT_BASE + AQPIM_TRACE_END, phase); }
    void run_to(Picoseconds time_ps) { run_kernel(from_ps(time_ps) - sc_core::sc_time_stamp()); }
    Picoseconds finish() {
        const Picoseconds now_ps = to_ps(sc_core::sc_time_stamp());
        platform->finish_recording();
        meter->finish(now_ps);
        return now_ps;
    }
};

}  // namespace

TEST_CASE("a phase has the energy of what was issued between its marks") {
    Scene scene;
    scene.write_ram(3);
    scene.begin(AQPIM_PHASE_PREFILL);
    scene.write_ram(10);
    scene.run_to(5 * us);
    scene.end(AQPIM_PHASE_PREFILL);
    scene.write_ram(2);
    scene.begin(AQPIM_PHASE_DECODE, 0);
    scene.begin(AQPIM_PHASE_LAYER, 0);
    scene.sweep(7);
    scene.run_to(9 * us);
    scene.end(AQPIM_PHASE_LAYER);
    scene.write_ram(1);
    scene.end(AQPIM_PHASE_DECODE);
    scene.finish();

    Energy prefill = scene.meter->of_phase(0);
    CHECK(prefill["host_memory"] == Approx(10 * word_pj));
    CHECK(prefill.total() == Approx(10 * word_pj));
    Energy step = scene.meter->of_phase(1);
    CHECK(step["pim_activate"] == Approx(row_pj));
    CHECK(step["pim_pim_access"] == Approx(7 * column_pj));
    CHECK(step["host_memory"] == Approx(word_pj));
    CHECK(step.total() == Approx(row_pj + 7 * column_pj + word_pj));
    CHECK(scene.meter->of_phase(2).total() == Approx(row_pj + 7 * column_pj));
    CHECK(scene.meter->outside({0, 1}).total() == Approx(5 * word_pj));
    CHECK(scene.meter->total().total() == Approx(row_pj + 7 * column_pj + 16 * word_pj));
}

TEST_CASE("idle power counts by elapsed time and every phase has its share") {
    Scene scene({"energy.gpu_idle=70W", "platform.gpus=2", "energy.background_precharged=10mW",
                 "energy.background_active=10mW"});
    scene.run_to(3 * us);
    scene.begin(AQPIM_PHASE_DECODE, 0);
    scene.run_to(11 * us);
    scene.end(AQPIM_PHASE_DECODE);
    scene.run_to(15 * us);
    scene.finish();
    const double ranks = scene.configuration.dram.organization().channels * 2 * 2;
    const auto expected = [&](Energy energy, double elapsed_us) {
        CHECK(energy["gpu_idle"] == Approx(2 * 70e12 * elapsed_us * 1e-6));
        CHECK(energy["pim_background"] == Approx(ranks * 10e9 * elapsed_us * 1e-6));
    };
    expected(scene.meter->of_phase(0), 8);
    expected(scene.meter->outside({0}), 7);
    expected(scene.meter->total(), 15);
}

TEST_CASE("power times time is the energy") {
    Scene scene({"energy.gpu_idle=1W"});
    scene.run_to(2 * us);
    for (unsigned step = 0; step < 3; ++step) {
        scene.begin(AQPIM_PHASE_DECODE, step);
        scene.write_ram(100 * (step + 1));
        scene.sweep(step + 1);
        scene.run_to((4 + 3 * step) * us);
        scene.end(AQPIM_PHASE_DECODE);
    }
    const Picoseconds end_ps = scene.finish();

    const std::vector<PowerStep> power = scene.meter->power();
    REQUIRE(power.size() == 4);
    CHECK(power.front().start_ps == 0);
    CHECK(power[1].mw.at("host_memory") == Approx(100 * word_pj / (2.0 * us) * 1000));
    double pj = 0;
    for (std::size_t i = 0; i < power.size(); ++i) {
        const Picoseconds until_ps = i + 1 < power.size() ? power[i + 1].start_ps : end_ps;
        for (const auto& [component, mw] : power[i].mw) {
            pj += mw / 1000 * static_cast<double>(until_ps - power[i].start_ps);
        }
    }
    CHECK(pj == Approx(scene.meter->total().total()));
}

TEST_CASE("marks within a microsecond begin one step of power") {
    Scene scene;
    scene.run_to(2 * us);
    scene.begin(AQPIM_PHASE_DECODE, 0);
    scene.run_to(2 * us + 1000);
    scene.write_ram(50);
    scene.begin(AQPIM_PHASE_LAYER, 0);
    scene.run_to(4 * us);
    scene.end(AQPIM_PHASE_LAYER);
    scene.end(AQPIM_PHASE_DECODE);
    scene.finish();
    const std::vector<PowerStep> power = scene.meter->power();
    REQUIRE(power.size() == 2);
    CHECK(power[1].start_ps == 2 * us);
    CHECK(power[1].mw.at("host_memory") == Approx(50 * word_pj / (2.0 * us) * 1000));
}

TEST_CASE("power is recorded as counters where it changes and ends at zero") {
    Scene scene;
    scene.run_to(2 * us);
    scene.begin(AQPIM_PHASE_DECODE, 0);
    scene.write_ram(8);
    scene.run_to(4 * us);
    scene.end(AQPIM_PHASE_DECODE);
    scene.run_to(6 * us);
    scene.begin(AQPIM_PHASE_DECODE, 1);
    scene.run_to(8 * us);
    scene.finish();
    const double mw = 8 * word_pj / (2.0 * us) * 1000;
    const std::vector<std::pair<Picoseconds, double>> expected = {{2 * us, mw}, {4 * us, 0}, {8 * us, 0}};
    for (const char* path : {"power.host_memory", "power.total"}) {
        INFO(path);
        const auto found = scene.counters.of(path);
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(found[i].first == expected[i].first);
            CHECK(found[i].second == Approx(expected[i].second));
        }
    }
    CHECK(scene.counters.of("power.pcie").empty());
    CHECK(scene.counters.samples.front().unit == "mW");
}

namespace {

/// What six bursts cost that read and write a PIM memory.
Energy energy_of_bursts(const std::string& attach) {
    Scene scene({fmt::format("pim.attach={}", attach)});
    const dram::Location first{};
    scene.platform->job_pim().memory.channel(0).access(first, 4, false, 0);
    scene.platform->job_pim().memory.channel(0).access(first, 2, true, 0);
    scene.finish();
    return scene.meter->total();
}

}  // namespace

TEST_CASE("what crosses into the GPU's package is charged chip to chip beside the memory's interface") {
    Energy energy = energy_of_bursts("gpu");
    CHECK(energy["pim_activate"] == Approx(activate_pj));
    CHECK(energy["pim_host_access"] == Approx(6 * burst_pj));
    CHECK(energy["chip_to_chip"] == Approx(6 * 256 * 1.3));
}

TEST_CASE("a PIM memory of its own pays for no way between chips") {
    Energy energy = energy_of_bursts("pcie");
    CHECK(energy["pim_host_access"] == Approx(6 * burst_pj));
    CHECK(energy["chip_to_chip"] == 0);
}

TEST_CASE("a component that does not exist is a mistake of the programmer") {
    Energy energy;
    energy["pcie"] += 2;
    energy["host_cpu"] += 3;
    CHECK(energy.total() == 5);
    CHECK(energy.by_component().at("pcie") == 2);
    CHECK(energy.by_component().size() == energy_components.size());
    CHECK_THROWS_AS(energy["pcei"], std::logic_error);
}
