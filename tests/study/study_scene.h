#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "platform/study/study.h"
#include "tests/platform/temporary_directory.h"

namespace aqpim::test {

/// A study of two variants at two contexts and, by `more`, what it says of them. Its configurations lie beside it.
class StudyScene {
 public:
    StudyScene() {
        directory_.write("base.cfg", "[workload]\nbatch = 16\n");
        directory_.write("slow.cfg", "[workload]\npolicy = fp16\n");
        directory_.write("fast.cfg", "[workload]\npolicy = aqpim\n");
        directory_.write("loop.cfg", "[pq]\nvalue_path = loop\n");
    }

    std::string path(const std::string& name) const { return directory_.path(name); }
    std::string write(const std::string& name, const std::string& text) const { return directory_.write(name, text); }
    std::string read(const std::string& name) const { return directory_.read(name); }

    /// `more`: further keys of the study, each followed by a comma.
    std::string write_study(const std::string& more = "") const {
        return write("study.json", "{" + more + R"(
            "title": "Slow | fast", "configs": ["base.cfg"], "set": {"workload.steps": 1},
            "sets": {"grid": {"axes": [{"workload.prompt": ["100", 200]}, {"variant": ["slow.cfg", "fast.cfg+loop.cfg"]}]},
                     "alone": {"configs": ["fast.cfg"], "set": {"pim.stacks": "4"},
                               "axes": [{"part": [{"name": "as it is"}, {"name": "L = 1", "set": {"pim.lookups_per_slot": 1}}]}]}}})");
    }
    Study study(const std::string& more = "") const { return read_study(write_study(more)); }

 private:
    TemporaryDirectory directory_;
};

/// A point of a `sweep.json` that is done.
inline nlohmann::json done_point(const std::string& set, const nlohmann::json& axes, const nlohmann::json& figures) {
    return {{"set", set},       {"name", "p"},   {"axes", axes},      {"status", "done"},
            {"exit_status", 0}, {"message", ""}, {"figures", figures}};
}

inline nlohmann::json failed_point(const std::string& set, const nlohmann::json& axes, const std::string& message) {
    return {{"set", set},
            {"name", "7-broken"},
            {"axes", axes},
            {"status", "failed"},
            {"exit_status", 1},
            {"message", message},
            {"figures", nlohmann::json::object()}};
}

inline nlohmann::json place(const std::string& prompt, const std::string& variant) {
    return {{"workload.prompt", prompt}, {"variant", variant}};
}

/// A sweep.json of the scene's grid: the slow one takes 8 and 20 ms, of which 6 and 18 on PCIe, the fast one 4 and 5.
inline nlohmann::json example_sweep() {
    const auto figures = [](double step_ms, double pcie_ms) {
        return nlohmann::json{{"decode.total_ps", step_ms * 1e9},
                              {"decode.breakdown_ps.pcie", pcie_ms * 1e9},
                              {"gpu.kernels.matmul.busy_ps", 1e9},
                              {"gpu.kernels.norm.busy_ps", 0.5e9},
                              {"gpu.kernels.norm.count", 65},
                              {"decode.token_energy_pj", step_ms * 1e9},
                              {"kv.bytes_fp16", 4096},
                              {"energy.lookup_charge", "value"}};
    };
    return {{"schema", 1},
            {"points",
             {done_point("grid", place("100", "slow"), figures(8, 6)),
              done_point("grid", place("100", "fast+loop"), figures(4, 0)),
              done_point("grid", place("200", "slow"), figures(20, 18)),
              done_point("grid", place("200", "fast+loop"), figures(5, 0))}}};
}

/// The claim that the tests ask most of: how much faster the fast one is at 200.
inline const std::string gain_claim = R"({"name": "gain", "title": "Gain", "kind": "ratio",
    "paper": {"text": "8.33x", "value": 8.33},
    "both": {"set": "grid", "at": {"workload.prompt": "200"}, "figure": "decode.total_ps"},
    "numerator": {"at": {"variant": "slow"}}, "denominator": {"at": {"variant": "fast+loop"}},
    "rows": [{"name": "at 200", "assumptions": "L = 16"},
             {"name": "at 100", "assumptions": "L = 16, short", "both": {"at": {"workload.prompt": "100"}}}]})";

}  // namespace aqpim::test
