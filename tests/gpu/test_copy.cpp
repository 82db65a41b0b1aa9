#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

/// Every bus style, one scene each: a SystemC kernel elaborates once in a process.
const HostBus::Style all_styles[] = {HostBus::Style::at_once, HostBus::Style::late, HostBus::Style::mixed};

/// Plays the same for each style of the bus, one after the other.
void play_with_all_styles(GpuScene& scene, const std::function<void()>& part) {
    scene.play([&] {
        for (const HostBus::Style style : all_styles) {
            scene.host.style = style;
            part();
        }
    });
}

std::vector<std::uint8_t> bytes_of(const std::vector<aqpim_gpu_piece>& pieces) {
    std::vector<std::uint8_t> bytes(pieces.size() * sizeof(aqpim_gpu_piece));
    std::memcpy(bytes.data(), pieces.data(), bytes.size());
    return bytes;
}

aqpim_gpu_gather gather_of(std::uint64_t list, std::uint64_t entries, unsigned flags) {
    aqpim_gpu_gather gather{};
    gather.header = {AQPIM_GPU_GATHER, static_cast<std::uint16_t>(flags), 3};
    gather.list = list;
    gather.entries = entries;
    return gather;
}

aqpim_gpu_fill fill_of(std::uint64_t word, std::uint64_t target, std::uint64_t bytes, unsigned flags) {
    aqpim_gpu_fill fill{};
    fill.header = {AQPIM_GPU_FILL, static_cast<std::uint16_t>(flags), 4};
    fill.pattern = word;
    fill.target = target;
    fill.row_bytes = bytes;
    fill.rows = 1;
    return fill;
}

}  // namespace

TEST_CASE("a copy moves bytes between the GPU's memory and the bus and within either") {
    GpuScene scene("scene");
    play_with_all_styles(scene, [&] {
        const auto data = pattern(10'000);
        const std::vector<std::uint8_t> zeros(0x60000);
        scene.put_own(0x1000, zeros);
        scene.put_host(0x20000, zeros);
        scene.put_own(17, data);
        CHECK(scene.command(0, copy_of(17, 0x20005, 10'000, to_bus)).status == AQPIM_DONE);
        CHECK(scene.command(0, copy_of(0x20005, 0x50003, 10'000, from_bus | to_bus)).status == AQPIM_DONE);
        CHECK(scene.command(0, copy_of(0x50003, 0x40001, 10'000, from_bus)).status == AQPIM_DONE);
        CHECK(scene.command(0, copy_of(0x40001, 0x60000, 10'000, 0)).status == AQPIM_DONE);
        CHECK(scene.own_bytes(0x60000, 10'000) == data);
        CHECK(scene.own_bytes(0x60000 + 10'000, 1)[0] == 0);
        CHECK(scene.own_bytes(0x60000 - 1, 1)[0] == 0);
    });
    CHECK(scene.gpu.bytes_copied() == 3 * 40'000);
    CHECK(scene.gpu.copy_engine(0).bytes_copied() == 3 * 40'000);
}

TEST_CASE("a strided copy moves its rows") {
    GpuScene scene("scene");
    play_with_all_styles(scene, [&] {
        const auto data = pattern(1000);
        scene.put_own(0, data);
        auto copy = copy_of(0, 0x20000, 10, to_bus);
        copy.rows = 5;
        copy.source_stride = 100;
        copy.target_stride = 10;
        CHECK(scene.command(0, copy).status == AQPIM_DONE);
        const auto found = scene.host_bytes(0x20000, 50);
        for (std::size_t i = 0; i < found.size(); ++i) {
            CHECK(found[i] == data[i / 10 * 100 + i % 10]);
        }
    });
}

TEST_CASE("rows of a strided copy overlap as bursts do") {
    GpuScene scene("scene");
    scene.play([&] {
        auto copy = copy_of(0x20000, 0, 64, from_bus);
        copy.rows = 320;
        copy.source_stride = copy.target_stride = 128;
        const auto completion = scene.command(0, copy);
        // 32 rows at a time, each 200 ns of the host's and 100 ns of the own memory, and little transfer.
        CHECK(completion.elapsed_ps >= 10 * 300'000);
        CHECK(completion.elapsed_ps < 11 * 300'000);
    });
}

TEST_CASE("a fill writes its pattern, anew in each row") {
    GpuScene scene("scene");
    play_with_all_styles(scene, [&] {
        constexpr std::uint64_t word = 0x8877665544332211;
        const std::vector<std::uint8_t> zeros(0x8000);
        scene.put_own(0x1000, zeros);
        scene.put_host(0x30000, zeros);
        auto rows = fill_of(word, 0x30003, 4100, to_bus);
        rows.rows = 3;
        rows.target_stride = 5000;
        CHECK(scene.command(0, rows).status == AQPIM_DONE);
        const auto found = scene.host_bytes(0x30003, 3 * 5000);
        bool right = true;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::size_t at = i % 5000;
            right = right && found[i] == (at < 4100 ? 0x11 * (at % 8 + 1) : 0);
        }
        CHECK(right);
        CHECK(scene.host_bytes(0x30002, 1)[0] == 0);
        CHECK(scene.command(0, fill_of(word, 0x1001, 5, 0)).status == AQPIM_DONE);
        CHECK(scene.own_bytes(0x1000, 7) == std::vector<std::uint8_t>{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0});
    });
}

TEST_CASE("a gather moves each piece of a list in memory") {
    GpuScene scene("scene");
    play_with_all_styles(scene, [&] {
        const auto data = pattern(0x20000);
        scene.put_host(0x20000, data);
        scene.put_own(0, std::vector<std::uint8_t>(0x60000));
        // More than a burst of the list holds, of lengths 1 to 500, with gaps, from the last to the first.
        std::vector<aqpim_gpu_piece> pieces;
        for (std::uint64_t i = 0; i < 500; ++i) {
            pieces.push_back({0x20000 + (499 - i) * 200, i * 512, i + 1});
        }
        scene.put_host(0x80000, bytes_of(pieces));
        scene.put_own(0x80000, bytes_of(pieces));
        for (const unsigned list_flag : {AQPIM_GPU_FLAG_LIST_BUS, 0U}) {
            scene.put_own(0, std::vector<std::uint8_t>(0x40000));
            CHECK(scene.command(0, gather_of(0x80000, pieces.size(), from_bus | list_flag)).status == AQPIM_DONE);
            const auto found = scene.own_bytes(0, 500 * 512);
            bool right = true;
            for (std::size_t i = 0; i < 500; ++i) {
                for (std::size_t at = 0; at < 512; ++at) {
                    right = right && found[i * 512 + at] == (at <= i ? data[(499 - i) * 200 + at] : 0);
                }
            }
            CHECK(right);
        }
    });
}

TEST_CASE("pieces of a gather overlap as bursts do") {
    GpuScene scene("scene");
    scene.play([&] {
        std::vector<aqpim_gpu_piece> pieces;
        for (std::uint64_t i = 0; i < 320; ++i) {
            pieces.push_back({0x20000 + i * 128, i * 64, 64});
        }
        scene.put_own(0x80000, bytes_of(pieces));
        const auto completion = scene.command(0, gather_of(0x80000, 320, from_bus));
        // As rows; one read of the list is seen, the other comes while the first pieces move.
        CHECK(completion.elapsed_ps >= 10 * 300'000 + 100'000);
        CHECK(completion.elapsed_ps < 11 * 300'000 + 200'000);
    });
}

TEST_CASE("a large copy runs at the rate of its slower side; latencies hide behind bursts in flight") {
    GpuScene scene("scene");
    scene.play([&] {
        for (const HostBus::Style style : {HostBus::Style::at_once, HostBus::Style::late}) {
            for (const unsigned flag : {from_bus, to_bus}) {
                scene.host.style = style;
                constexpr std::uint64_t bytes = 512 * 1024;
                const auto completion = scene.command(0, copy_of(0x40000, 0x40000, bytes, flag));
                const double expected_ps = bytes / 64e9 * 1e12;
                CHECK(static_cast<double>(completion.elapsed_ps) == Approx(expected_ps).epsilon(0.06));
                CHECK(static_cast<double>(completion.elapsed_ps) >= expected_ps);
            }
        }
    });
}

TEST_CASE("with one burst in flight a copy pays every latency") {
    GpuScene scene("scene", {{"copy_outstanding", "1"}});
    scene.play([&] {
        constexpr std::uint64_t bursts = 16;
        const auto completion = scene.command(0, copy_of(0, 0x40000, bursts * 4096, to_bus));
        // Read of the own memory, then write of the host's: latencies 100 ns and 200 ns, rates 670.4 and 64 GB/s.
        const double burst_ps = 100'000 + 4096 / 670.4e9 * 1e12 + 200'000 + 4096 / 64e9 * 1e12;
        CHECK(static_cast<double>(completion.elapsed_ps) == Approx(bursts * burst_ps).epsilon(1e-4));
    });
}

TEST_CASE("copies that only take time leave the memories as they are and take as long") {
    GpuScene scene("scene");
    scene.play([&] {
        scene.put_host(0x20000, pattern(0x10000));
        const auto moved = scene.command(0, copy_of(0x20000, 0, 0x10000, from_bus));
        scene.parameters.gpu.functional = false;
        const auto timed = scene.command(0, copy_of(0x20000, 0x20000, 0x10000, from_bus));
        CHECK(timed.elapsed_ps == moved.elapsed_ps);
        CHECK(scene.own_bytes(0, 0x10000) == pattern(0x10000));
        CHECK(scene.own_bytes(0x20000, 0x10000) == std::vector<std::uint8_t>(0x10000));
        // Lists, semaphores and timestamps have contents all the same.
        scene.put_own(0x80000, bytes_of({{0x20000, 0, 64}}));
        CHECK(scene.command(0, gather_of(0x80000, 1, from_bus)).status == AQPIM_DONE);
        CHECK(scene.command(0, fill_of(1, 0x20000, 64, to_bus)).status == AQPIM_DONE);
        CHECK(scene.host_bytes(0x20000, 64) == pattern(64));
    });
}

TEST_CASE("grown bursts move a large row in some 4096 bursts and a small one as ever") {
    GpuScene scene("scene", {{"memory", "512GiB"}});
    scene.parameters.gpu.functional = false;
    scene.parameters.gpu.grow_bursts = true;
    scene.play([&] {
        scene.host.claimed = 1ULL << 40;
        scene.poll = sc_time(1, SC_MS);
        scene.host.bandwidth = 670'400'000'000;
        const auto requests_of = [&](const auto& command) {
            const unsigned before = scene.host.requests;
            CHECK(scene.command(0, command).status == AQPIM_DONE);
            return scene.host.requests - before;
        };
        CHECK(requests_of(copy_of(1ULL << 34, 0, 16ULL << 30, from_bus)) == 4096);
        CHECK(requests_of(copy_of(1ULL << 34, 0, 16ULL << 20, from_bus)) == 4096);
        CHECK(requests_of(copy_of(1ULL << 34, 0, 1ULL << 20, from_bus)) == 256);
        CHECK(requests_of(copy_of(0, 0, 512ULL << 30, from_bus)) == 8192);  // of 64 MiB
    });
}
