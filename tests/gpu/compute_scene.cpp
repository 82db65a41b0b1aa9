#include "compute_scene.h"

#include <catch2/catch.hpp>

#include <stdexcept>

namespace aqpim {

namespace {

GpuParameters& declared(GpuParameters& parameters, ParameterTable& table) {
    parameters.declare(table.section("gpu"));
    table.set("gpu.memory", "1MiB", "test");
    table.set("gpu.peak", "1TFLOP/s", "test");
    table.set("gpu.bandwidth", "1TB/s", "test");
    table.set("gpu.sustained_compute", "1", "test");
    table.set("gpu.sustained_bandwidth", "1", "test");
    table.set("gpu.kernel_overhead", "5us", "test");
    return parameters;
}

Recorder& attached(Recorder& recorder, RecorderSink& sink) {
    recorder.attach(sink);
    return recorder;
}

}  // namespace

ComputeScene::ComputeScene() : unit(declared(parameters, table), contents(), attached(recorder, *this), "gpu3") {}

void ComputeScene::stream(const std::function<void()>& body) {
    ++running_streams_;
    sc_core::sc_spawn([this, body] {
        body();
        --running_streams_;
    });
}

void ComputeScene::simulate() {
    sc_core::sc_start();
    CHECK(running_streams_ == 0);
}

ComputeUnit::Contents ComputeScene::contents() {
    return {[this](std::uint64_t address, void* data, std::uint64_t bytes) {
                ++accesses;
                std::memcpy(data, memory.data() + address, bytes);
                return true;
            },
            [this](std::uint64_t address, const void* data, std::uint64_t bytes) {
                ++accesses;
                std::memcpy(memory.data() + address, data, bytes);
                return true;
            }};
}

void ComputeScene::on_track(TrackId, const std::string& path) {
    if (path != "gpu3.compute") {
        throw std::logic_error("track " + path);
    }
}

void ComputeScene::on_slice(const Slice& slice) {
    std::string bound;
    for (std::size_t i = 0; i < slice.argument_count; ++i) {
        if (slice.arguments[i].name == "bound") {
            bound = std::get<std::string_view>(slice.arguments[i].value);
        }
    }
    kernels.push_back({std::string(slice.name), slice.start_ps, slice.end_ps, bound});
}

}  // namespace aqpim
