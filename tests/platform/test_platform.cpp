#include "platform/platform.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "aqpim/memory_map.h"
#include "aqpim/pci_ids.h"
#include "models/common/error.h"
#include "platform/kernel.h"
#include "platform/loader.h"

using namespace aqpim;

namespace {

constexpr std::uint64_t gibi = std::uint64_t{1} << 30;

struct Scene {
    Configuration configuration;
    std::ostringstream uart;
    Recorder recorder;
    std::optional<Platform> platform;

    explicit Scene(const std::vector<std::string>& assignments) {
        configuration.table.set("host.firmware", "none.elf", "test");
        for (const std::string& assignment : assignments) {
            const std::size_t split = assignment.find('=');
            configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "test");
        }
        configuration.finish();
        configuration.check();
        platform.emplace(configuration, uart, nullptr, recorder);
        run_kernel(sc_core::SC_ZERO_TIME);
    }

    template <class T>
    void debug(tlm::tlm_command command, std::uint64_t address, T& value) {
        REQUIRE(debug_access(platform->harts.front()->socket, command, address, &value, sizeof value));
    }
    /// On the host's bus, as a hart would.
    std::uint32_t transfer(tlm::tlm_command command, std::uint64_t address, std::uint32_t value = 0) {
        sc_core::sc_time delay;
        REQUIRE(access(platform->harts.front()->socket, command, address, &value, sizeof value, delay) ==
                tlm::TLM_OK_RESPONSE);
        return value;
    }
};

/// Numbers buses depth first, as firmware does, and writes down what it finds: "[...]" behind a bridge, "g" for a GPU
/// and "p" for a PIM device, together what is one PCIe device.
class Enumerator {
 public:
    explicit Enumerator(Scene& scene) : scene_(scene) {}

    std::string look(unsigned bus) {
        std::string found;
        for (unsigned device = 0; device < 32; ++device) {
            const std::string functions = look_at(bus, device);
            found += functions.empty() ? "" : functions + " ";
        }
        return found.empty() ? found : found.substr(0, found.size() - 1);
    }

 private:
    std::string look_at(unsigned bus, unsigned device) {
        std::string found;
        for (unsigned function = 0; function < 8; ++function) {
            const std::uint64_t address = AQPIM_ECAM_BASE | bus << 20 | device << 15 | function << 12;
            const std::uint32_t id = scene_.transfer(tlm::TLM_READ_COMMAND, address);
            const std::uint32_t kind = scene_.transfer(tlm::TLM_READ_COMMAND, address + 0x0c) >> 16;
            if (id == 0xffffffff) {
                continue;
            }
            found += (kind & 0x7f) == 1 ? behind_bridge(address, bus) : name(id >> 16);
        }
        return found;
    }
    std::string behind_bridge(std::uint64_t address, unsigned bus) {
        const unsigned secondary = ++last_bus_;
        const auto number = [&](unsigned subordinate) {
            scene_.transfer(tlm::TLM_WRITE_COMMAND, address + 0x18, subordinate << 16 | secondary << 8 | bus);
        };
        number(0xff);
        const std::string found = look(secondary);
        number(last_bus_);
        return "[" + found + "]";
    }
    static std::string name(std::uint32_t device) {
        if (device == AQPIM_PCI_DEVICE_GPU) {
            return "g";
        }
        return device == AQPIM_PCI_DEVICE_PIM ? "p" : "";
    }

    Scene& scene_;
    unsigned last_bus_ = 0;
};

/// A firmware of 4 KiB at the beginning of RAM.
std::vector<Image> small_firmware() {
    ElfImage contents;
    contents.entry = AQPIM_RAM_BASE;
    contents.segments.push_back({AQPIM_RAM_BASE, std::vector<std::uint8_t>(4096, 1), 4096});
    return {{"small.elf", contents}};
}

/// A job of two sequences that needs so much RAM for its cache.
JobImage job_with_cache(std::uint64_t bytes) {
    JobImage image;
    image.job.magic = AQPIM_JOB_MAGIC;
    image.job.layers = 2;
    image.job.kv_heads = 4;
    image.job.batch = 2;
    image.job.kv = AQPIM_KV_HOST;
    image.job.host_kv_bytes = bytes;
    image.sequences.resize(2);
    return image;
}

std::vector<std::string> link_names(const Platform& platform) {
    std::vector<std::string> names;
    for (const PcieLink* const link : platform.links()) {
        names.emplace_back(link->basename());
    }
    return names;
}

}  // namespace

TEST_CASE("a lone GPU and a lone PIM device have a link each below one switch") {
    Scene scene({});
    CHECK(link_names(*scene.platform) == std::vector<std::string>{"host_link", "gpu_link", "pim_link"});
    CHECK(Enumerator(scene).look(0) == "[[[g] [p]]]");
}

TEST_CASE("a PIM device in the GPU's package is a further function of its device") {
    Scene scene({"pim.attach=gpu", "platform.gpus=2"});
    CHECK(link_names(*scene.platform) == std::vector<std::string>{"host_link", "gpu0_link", "gpu1_link"});
    CHECK(Enumerator(scene).look(0) == "[[[gp] [g]]]");
}

TEST_CASE("several GPUs and PIM devices stand side by side below one switch") {
    Scene scene({"platform.gpus=2", "platform.pim_devices=3"});
    CHECK(link_names(*scene.platform) ==
          std::vector<std::string>{"host_link", "gpu0_link", "gpu1_link", "pim0_link", "pim1_link", "pim2_link"});
    CHECK(Enumerator(scene).look(0) == "[[[g] [g] [p] [p] [p]]]");
}

TEST_CASE("cascaded PIM devices stand below a second switch at the last port of the first") {
    Scene scene({"platform.gpus=2", "platform.pim_devices=2", "platform.topology=cascaded"});
    CHECK(link_names(*scene.platform) ==
          std::vector<std::string>{"host_link", "gpu0_link", "gpu1_link", "pim_switch_link", "pim0_link", "pim1_link"});
    CHECK(Enumerator(scene).look(0) == "[[[g] [g] [[[p] [p]]]]]");
}

TEST_CASE("RAM beyond 14 GiB is reached above the PCIe window and is memory of its own") {
    Scene scene({"ram.size=20GiB"});
    std::uint64_t low = 1;
    std::uint64_t high = 2;
    std::uint64_t last = 3;
    scene.debug(tlm::TLM_WRITE_COMMAND, AQPIM_RAM_BASE, low);
    scene.debug(tlm::TLM_WRITE_COMMAND, 0x400'0000'0000, high);
    scene.debug(tlm::TLM_WRITE_COMMAND, 0x400'0000'0000 + 6 * gibi - 8, last);
    scene.debug(tlm::TLM_READ_COMMAND, AQPIM_RAM_BASE, low);
    CHECK(low == 1);
    CHECK(scene.transfer(tlm::TLM_READ_COMMAND, 0x400'0000'0000) == 2);
    CHECK(scene.transfer(tlm::TLM_READ_COMMAND, 0x400'0000'0000 + 6 * gibi - 8) == 3);
    std::uint64_t beyond = 0;
    CHECK_FALSE(debug_access(scene.platform->harts.front()->socket, tlm::TLM_READ_COMMAND, 0x400'0000'0000 + 6 * gibi,
                             &beyond, sizeof beyond));
}

TEST_CASE("a KV cache that fits there lies in the RAM above the PCIe window") {
    Scene scene({"ram.size=20GiB"});
    Loader loader(*scene.platform, scene.configuration, small_firmware());
    loader.load_job(job_with_cache(6 * gibi));
    loader.start();
    CHECK(loader.job().host_kv == 0x400'0000'0000);
    CHECK(loader.job().host_kv_bytes == 6 * gibi);
}

TEST_CASE("a KV cache of a small RAM lies at its end below the job in whole pages") {
    Scene scene({"ram.size=256MiB"});
    Loader loader(*scene.platform, scene.configuration, small_firmware());
    loader.load_job(job_with_cache((200 << 20) + 1));
    loader.start();
    const aqpim_job job = loader.job();
    CHECK(job.host_kv_bytes == (200 << 20) + 4096);
    CHECK(job.host_kv % 4096 == 0);
    CHECK(job.host_kv > AQPIM_RAM_BASE + 4096);
    CHECK(job.host_kv + job.host_kv_bytes <= std::min(job.sequences, job.objects));
    CHECK(std::max(job.sequences, job.objects) < AQPIM_RAM_BASE + (256 << 20));
}

TEST_CASE("a KV cache that no part of RAM holds is refused and told what it needs") {
    Scene scene({"ram.size=20GiB"});
    Loader loader(*scene.platform, scene.configuration, small_firmware());
    // Above the PCIe window, behind 14 GiB.
    CHECK_THROWS_WITH(loader.load_job(job_with_cache(16 * gibi)),
                      "ram.size: 21474836480 bytes found; at least 32212254720 are needed for the KV cache");
}

TEST_CASE("the GPU's memory as DRAM takes data at nearly its data sheet rate and answers in a closed row's time") {
    Scene scene({"gpu.memory_model=dram"});
    Gpu& gpu = scene.platform->job_gpu().gpu;
    CHECK(scene.platform->job_gpu().memory.size() == 16 * gibi);

    // Activate 19, read 19, burst 2 cycles of 769 ps after 10 ns of the controller.
    std::vector<std::uint8_t> data(4096);
    sc_core::sc_time delay;
    REQUIRE(access(gpu.memory, tlm::TLM_READ_COMMAND, 0, data.data(), 32, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(static_cast<double>(to_ps(delay)) == Approx(10'000 + 40 * 769).margin(2 * 769));

    constexpr std::uint64_t bytes = 64 << 20;
    for (std::uint64_t at = 0; at < bytes; at += data.size()) {
        delay = sc_core::SC_ZERO_TIME;
        REQUIRE(access(gpu.memory, tlm::TLM_WRITE_COMMAND, at, data.data(), data.size(), delay) ==
                tlm::TLM_OK_RESPONSE);
    }
    // 16 channels of 2 pseudo-channels with 32 B in two cycles; refreshes take 350 ns of 3.9 us, changes of rows the
    // rest.
    const double data_sheet = 16 * 2 * 32 / (2 * 0.769e-9);
    const double rate = static_cast<double>(bytes) / (static_cast<double>(to_ps(delay)) * 1e-12);
    CHECK(rate < data_sheet);
    CHECK(rate > 0.8 * data_sheet);
}
