#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "platform/results/stats.h"
#include "platform/results/summary.h"

using namespace aqpim;

namespace {

/// Two decode steps of 3000 and 5001 ps for three sequences.
RunResult example_by_phase() {
    RunResult run;
    run.batch = 3;
    run.setup = {100, {.host = 100}, {{"host_cpu", 1}}};
    run.prefill = {2000, {.gpu = 2000}, {{"gpu_compute", 20}, {"pcie", 4}}};
    run.decode = {{3000, {.gpu = 3000}, {{"gpu_compute", 100}, {"pcie", 50}}},
                  {5001, {.gpu = 5001}, {{"gpu_compute", 300}, {"pcie", 90}}}};
    run.other_energy_pj = {{"host_cpu", 5}};
    run.energy_pj = {{"gpu_compute", 420}, {"host_cpu", 6}, {"pcie", 144}};
    run.lookup_charge = "value";
    run.gpu = {{{"MATMUL", {7, 1000, 200, 90}}}, 8e14, 3e12};
    run.pim = {11, 22, 33, 44.5, 55.5};
    run.memory = {{"gpu", {1000, 500, 0, 7}}, {"pim", {2000, 0, 64, 8}}, {"host", {3000, 0, 16, 0}}};
    run.firmware = {true, true, 0};
    return run;
}

}  // namespace

TEST_CASE("a step and a token have their means over all steps and sequences") {
    const nlohmann::json decode = to_json(example_by_phase())["decode"];
    CHECK(decode["total_ps"] == 8001);
    CHECK(decode["mean_step_ps"] == 4000);  // rounded down
    CHECK(decode["tokens"] == 6);
    CHECK(decode["token_ps"] == 1333);
    CHECK(decode["tokens_per_s"] == Approx(6 / 8001e-12));
    CHECK(decode["energy_pj"] == nlohmann::json{{"gpu_compute", 400.0}, {"pcie", 140.0}});
    CHECK(decode["step_energy_pj"] == nlohmann::json{150.0, 390.0});
    CHECK(decode["mean_step_energy_pj"] == 270.0);
    CHECK(decode["token_energy_pj"] == 90.0);
}

TEST_CASE("a run without steps has no means and one without sequences none of a token") {
    RunResult run = example_by_phase();
    run.batch = 0;
    const nlohmann::json own_firmware = to_json(run)["decode"];
    CHECK(own_firmware["mean_step_ps"] == 4000);
    CHECK(own_firmware["tokens"] == 0);
    run.decode.clear();
    const nlohmann::json none = to_json(run)["decode"];
    CHECK(none["total_ps"] == 0);
    for (const char* key : {"token_ps", "token_energy_pj", "tokens_per_s"}) {
        CHECK_FALSE(own_firmware.contains(key));
        CHECK_FALSE(none.contains(key));
    }
    CHECK_FALSE(none.contains("mean_step_ps"));
    CHECK_FALSE(none.contains("mean_step_energy_pj"));
}

TEST_CASE("energy is told of each phase and of the rest and says how lookups were charged") {
    const nlohmann::json stats = to_json(example_by_phase());
    CHECK(stats["prefill"]["energy_pj"] == nlohmann::json{{"gpu_compute", 20.0}, {"pcie", 4.0}});
    CHECK(stats["prefill"]["total_energy_pj"] == 24.0);
    CHECK(stats["setup"]["total_energy_pj"] == 1.0);
    CHECK(stats["energy"]["total_pj"] == 570.0);
    CHECK(stats["energy"]["other_pj"] == nlohmann::json{{"host_cpu", 5.0}});
    CHECK(stats["energy"]["lookup_charge"] == "value");
}

TEST_CASE("memories and the rooflines of GPU and PIM device have their figures") {
    const nlohmann::json stats = to_json(example_by_phase());
    CHECK(stats["memory"]["pim"] ==
          nlohmann::json{{"capacity_bytes", 2000}, {"weights_bytes", 0}, {"kv_bytes", 64}, {"buffer_bytes", 8}});
    CHECK(stats["memory"]["gpu"]["weights_bytes"] == 500);
    CHECK(stats["memory"]["host"]["kv_bytes"] == 16);
    CHECK(stats["gpu"]["kernels"]["MATMUL"] ==
          nlohmann::json{{"count", 7}, {"flops", 1000}, {"bytes", 200}, {"busy_ps", 90}});
    CHECK(stats["gpu"]["peak_flops_per_s"] == 8e14);
    CHECK(stats["pim"]["macs"] == 11);
    CHECK(stats["pim"]["column_bytes"] == 22);
    CHECK(stats["pim"]["busy_ps"] == 33);
    CHECK(stats["pim"]["peak_macs_per_s"] == 44.5);
    CHECK(stats["pim"]["peak_column_bytes_per_s"] == 55.5);
}

TEST_CASE("the summary gives the energy of a step and of a token and its largest components") {
    const std::string summary = format_summary(example_by_phase(), "out/x");
    CHECK(summary.find("energy          570 pJ, of a decode step 270 pJ, of a token 90 pJ\n"
                       "  gpu_compute         200 pJ   74.1 %\n"
                       "  pcie                 70 pJ   25.9 %\n") != std::string::npos);
}
