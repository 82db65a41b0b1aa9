#include <catch2/catch.hpp>

#include <functional>
#include <numeric>

#include "models/gpu/gpu.h"
#include "models/memory/memory.h"

using namespace aqpim;
using namespace sc_core;

namespace {

constexpr std::uint64_t ring = 0x1000;
constexpr std::uint64_t completions = 0x8000;

struct Parameters {
    ParameterTable table;
    GpuParameters gpu;
    Parameters() {
        gpu.declare(table.section("gpu"));
        table.set("gpu.memory", "1MiB", "test");
    }
};

/// A GPU whose bus addresses lead to a host memory, and a process that plays the firmware.
struct Scene : sc_module {
    Parameters parameters;
    Recorder recorder;
    Gpu gpu{"gpu", parameters.gpu, recorder};
    Memory own{"own", MemoryParameters{1 << 20, 100'000, 670'400'000'000}};
    Memory host{"host", MemoryParameters{1 << 20, 200'000, 64'000'000'000}};
    InitiatorSocket<Scene> registers{"registers"};
    unsigned interrupts = 0;
    std::uint64_t submitted[2] = {};
    std::function<void()> firmware;

    explicit Scene(sc_module_name name) : sc_module(name) {
        registers.bind(gpu.registers);
        gpu.memory.bind(own.socket);
        gpu.bus.bind(host.socket);
        gpu.raise_interrupt = [this](unsigned, sc_time&) { ++interrupts; };
        SC_HAS_PROCESS(Scene);
        SC_THREAD(run);
    }
    void run() {
        for (const unsigned queue : {AQPIM_GPU_QUEUE_COPY, AQPIM_GPU_QUEUE_COMPUTE}) {
            write(queue, AQPIM_QUEUE_ENTRIES, 16);
            write(queue, AQPIM_QUEUE_SUBMIT_BASE, ring + queue * 0x1000);
            write(queue, AQPIM_QUEUE_COMPLETE_BASE, completions + queue * 0x1000);
            write(queue, AQPIM_QUEUE_CONTROL, 1);
        }
        firmware();
    }
    void write(unsigned queue, std::uint64_t offset, std::uint64_t value) {
        sc_time delay;
        REQUIRE(access(registers, tlm::TLM_WRITE_COMMAND, AQPIM_QUEUE_BASE + queue * AQPIM_QUEUE_STRIDE + offset,
                       &value, 8, delay) == tlm::TLM_OK_RESPONSE);
    }
    template <class Socket>
    void debug(Socket& socket, tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) {
        REQUIRE(debug_access(socket, command, address, data, bytes));
    }
    template <class T>
    aqpim_completion command(unsigned queue, T descriptor) {
        descriptor.header.flags |= AQPIM_FLAG_INTERRUPT;
        const std::uint64_t slot = submitted[queue] % 16;
        debug(gpu.bus, tlm::TLM_WRITE_COMMAND, ring + queue * 0x1000 + slot * 128, &descriptor, sizeof descriptor);
        const unsigned before = interrupts;
        write(queue, AQPIM_QUEUE_SUBMIT_TAIL, ++submitted[queue]);
        while (interrupts == before) {
            wait(1, SC_US);
        }
        aqpim_completion completion;
        debug(gpu.bus, tlm::TLM_READ_COMMAND, completions + queue * 0x1000 + slot * 16, &completion, sizeof completion);
        return completion;
    }
};

aqpim_gpu_copy copy_of(std::uint64_t source, std::uint64_t target, std::uint64_t bytes, std::uint16_t flags) {
    aqpim_gpu_copy copy{};
    copy.header.opcode = AQPIM_GPU_COPY;
    copy.header.flags = flags;
    copy.source = source;
    copy.target = target;
    copy.row_bytes = bytes;
    copy.rows = 1;
    return copy;
}

std::vector<std::uint8_t> pattern(std::size_t bytes) {
    std::vector<std::uint8_t> data(bytes);
    std::iota(data.begin(), data.end(), std::uint8_t{3});
    return data;
}

}  // namespace

TEST_CASE("a copy moves bytes between the GPU's memory and the bus, in either direction and within") {
    Scene scene("scene");
    scene.firmware = [&] {
        auto data = pattern(10'000);
        scene.debug(scene.gpu.memory, tlm::TLM_WRITE_COMMAND, 17, data.data(), data.size());
        CHECK(scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(17, 0x20005, 10'000, AQPIM_GPU_FLAG_TARGET_BUS)).status ==
              AQPIM_DONE);
        CHECK(
            scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0x20005, 0x40001, 10'000, AQPIM_GPU_FLAG_SOURCE_BUS)).status ==
            AQPIM_DONE);
        CHECK(scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0x40001, 0x60000, 10'000, 0)).status == AQPIM_DONE);
        std::vector<std::uint8_t> found(10'000);
        scene.debug(scene.gpu.memory, tlm::TLM_READ_COMMAND, 0x60000, found.data(), found.size());
        CHECK(found == data);
        sc_stop();
    };
    sc_start();
}

TEST_CASE("a strided copy moves its rows") {
    Scene scene("scene");
    scene.firmware = [&] {
        auto data = pattern(1000);
        scene.debug(scene.gpu.memory, tlm::TLM_WRITE_COMMAND, 0, data.data(), data.size());
        auto copy = copy_of(0, 0x20000, 10, AQPIM_GPU_FLAG_TARGET_BUS);
        copy.rows = 5;
        copy.source_stride = 100;
        copy.target_stride = 10;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COPY, copy).status == AQPIM_DONE);
        std::vector<std::uint8_t> found(50);
        scene.debug(scene.gpu.bus, tlm::TLM_READ_COMMAND, 0x20000, found.data(), found.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i] == data[i / 10 * 100 + i % 10]);
        }
        sc_stop();
    };
    sc_start();
}

TEST_CASE("a large copy runs at the rate of its slower side, latencies hidden behind bursts in flight") {
    Scene scene("scene");
    scene.firmware = [&] {
        constexpr std::uint64_t bytes = 512 * 1024;
        const auto completion =
            scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0, 0x40000, bytes, AQPIM_GPU_FLAG_TARGET_BUS));
        const double expected_ps = bytes / 64e9 * 1e12;
        CHECK(static_cast<double>(completion.elapsed_ps) == Approx(expected_ps).epsilon(0.06));
        CHECK(static_cast<double>(completion.elapsed_ps) >= expected_ps);
        sc_stop();
    };
    sc_start();
}

TEST_CASE("with one burst in flight a copy pays every latency") {
    Scene scene("scene");
    scene.parameters.table.set("gpu.copy_outstanding", "1", "test");
    scene.firmware = [&] {
        constexpr std::uint64_t bursts = 16;
        const auto completion =
            scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0, 0x40000, bursts * 4096, AQPIM_GPU_FLAG_TARGET_BUS));
        // Read of the own memory, then write of the host's: latencies 100 ns and 200 ns, rates 670.4 and 64 GB/s.
        const double burst_ps = 100'000 + 4096 / 670.4e9 * 1e12 + 200'000 + 4096 / 64e9 * 1e12;
        CHECK(static_cast<double>(completion.elapsed_ps) == Approx(bursts * burst_ps).epsilon(1e-4));
        sc_stop();
    };
    sc_start();
}

TEST_CASE("a kernel takes its roofline time") {
    Scene scene("scene");
    scene.firmware = [&] {
        aqpim_gpu_kernel kernel{};
        kernel.header.opcode = AQPIM_GPU_KERNEL;
        kernel.flop = 989'400'000'000;
        const auto completion = scene.command(AQPIM_GPU_QUEUE_COMPUTE, kernel);
        CHECK(completion.elapsed_ps == 5'000'000 + 1'250'000'000);
        sc_stop();
    };
    sc_start();
}

TEST_CASE("copies go on while a kernel runs") {
    Scene scene("scene");
    scene.firmware = [&] {
        aqpim_gpu_kernel kernel{};
        kernel.header.opcode = AQPIM_GPU_KERNEL;
        kernel.flop = 989'400'000'000;
        scene.debug(scene.gpu.bus, tlm::TLM_WRITE_COMMAND, ring + 0x1000, &kernel, sizeof kernel);
        scene.write(AQPIM_GPU_QUEUE_COMPUTE, AQPIM_QUEUE_SUBMIT_TAIL, 1);
        const sc_time start = sc_time_stamp();
        CHECK(scene.command(AQPIM_GPU_QUEUE_COPY, copy_of(0, 0x40000, 4096, AQPIM_GPU_FLAG_TARGET_BUS)).status ==
              AQPIM_DONE);
        CHECK(sc_time_stamp() - start < sc_time(10, SC_US));
        sc_stop();
    };
    sc_start();
}

TEST_CASE("GPU descriptors that cannot be carried out end in the fitting status") {
    Scene scene("scene");
    scene.firmware = [&] {
        const auto copy_with = [&](auto change) {
            auto copy = copy_of(0, 0x20000, 64, AQPIM_GPU_FLAG_TARGET_BUS);
            change(copy);
            return scene.command(AQPIM_GPU_QUEUE_COPY, copy).status;
        };
        CHECK(copy_with([](auto& c) { c.header.opcode = AQPIM_GPU_KERNEL; }) == AQPIM_BAD_OPCODE);
        CHECK(copy_with([](auto& c) { c.row_bytes = 0; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.rows = 0; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.source = 1 << 20; }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) {
                  c.rows = 2;
                  c.source_stride = ~0ULL;
              }) == AQPIM_BAD_FIELD);
        CHECK(copy_with([](auto& c) { c.target = 1 << 30; }) == AQPIM_ADDRESS_ERROR);

        aqpim_gpu_importance importance{};
        importance.header.opcode = AQPIM_GPU_IMPORTANCE;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, importance).status == AQPIM_BAD_FIELD);
        importance.heads = importance.kv_heads = 1;
        importance.head_dim = 65535;
        importance.tokens = importance.query_rows = 0xffffffff;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, importance).status == AQPIM_BAD_FIELD);
        aqpim_gpu_pack pack{};
        pack.header.opcode = AQPIM_GPU_PACK;
        CHECK(scene.command(AQPIM_GPU_QUEUE_COMPUTE, pack).status == AQPIM_BAD_FIELD);
        CHECK(scene.gpu.errors() == 9);
        sc_stop();
    };
    sc_start();
}
