#include <catch2/catch.hpp>

#include <cstring>
#include <vector>

#include "fake_pci.h"

extern "C" {
#include "aqpim/pci_ids.h"
#include "aqpim/sdk/gpu.h"
}

namespace {

std::vector<aqpim_queue*> opened;
std::vector<std::vector<std::uint8_t>> put;
std::uint64_t clock_ps;
bool works = true;

template <typename Descriptor>
Descriptor descriptor(std::size_t index) {
    Descriptor d;
    std::memcpy(&d, put.at(index).data(), sizeof d);
    return d;
}

/// Does a timestamp; whatever else takes 5 us.
void execute(const void* bytes) {
    aqpim_gpu_semaphore stamp;
    std::memcpy(&stamp, bytes, sizeof stamp);
    if (stamp.header.opcode == AQPIM_GPU_TIMESTAMP) {
        *reinterpret_cast<std::uint64_t*>(stamp.address) = clock_ps;
    } else {
        clock_ps += 5000000;
    }
}

}  // namespace

// In place of the queue driver.
extern "C" {
bool aqpim_queue_open(aqpim_queue* queue) {
    opened.push_back(queue);
    return works;
}
std::uint64_t aqpim_queue_put(aqpim_queue*, const void* bytes) {
    const auto* first = static_cast<const std::uint8_t*>(bytes);
    put.emplace_back(first, first + AQPIM_QUEUE_DESCRIPTOR_BYTES);
    execute(bytes);
    return put.size() - 1;
}
bool aqpim_queue_wait(aqpim_queue*, std::uint64_t) {
    return works;
}
}

namespace {

/// A GPU as the enumeration leaves it, with a table of 16 vectors and registers in plain words.
struct Machine : FakePci {
    FakeFunction& root = add_bridge(nullptr, 1, AQPIM_PCI_PORT_ROOT);
    FakeFunction& gpu_function = add_endpoint(root, 0, 1ull << 30);
    aqpim_pci pci{};
    aqpim_gpu gpu{};
    aqpim_gpu_ring rings[16];

    explicit Machine(std::uint32_t engines = 2, std::uint32_t streams = 3) {
        // The fake device has only 4 KiB of memory behind BARs: registers below the MSI-X table.
        gpu_function.set(AQPIM_PCI_ID, AQPIM_PCI_DEVICE_GPU << 16 | AQPIM_PCI_VENDOR);
        REQUIRE(aqpim_pci_enumerate(&pci, &board));
        aqpim_pci_function& function = pci.functions[1];
        function.bars[AQPIM_BAR_MEMORY] = function.bars[0];
        function.bars[AQPIM_BAR_REGISTERS] = {memory32, 4096, false, false};
        function.bars[AQPIM_BAR_MSIX] = {memory32 + 0x800, 2048, false, false};
        gpu_function.at(msix) = 15u << 16 | AQPIM_PCI_CAP_MSIX;
        gpu_function.at(msix + AQPIM_PCI_MSIX_TABLE) = AQPIM_BAR_MSIX;
        put64(AQPIM_GPU_ID, AQPIM_GPU_MAGIC);
        put64(AQPIM_GPU_MEMORY_BYTES, 1ull << 30);
        put64(AQPIM_GPU_COPY_ENGINES, engines);
        put64(AQPIM_GPU_STREAMS, streams);
        opened.clear();
        put.clear();
        works = true;
    }

    void put64(unsigned offset, std::uint64_t value) {
        gpu_function.memory[offset] = static_cast<std::uint32_t>(value);
        gpu_function.memory[offset + 4] = static_cast<std::uint32_t>(value >> 32);
    }
};

}  // namespace

TEST_CASE("the GPU is known by its registers and tells its copy engines and streams") {
    Machine machine;
    REQUIRE(aqpim_gpu_find(&machine.gpu, &machine.pci, 0) == AQPIM_PCI_OK);
    CHECK(machine.gpu.copy_engines == 2);
    CHECK(machine.gpu.streams == 3);
    CHECK(machine.gpu.memory_bytes == 1ull << 30);
    CHECK(machine.gpu.memory_bus == FakePci::memory64);
    CHECK(aqpim_gpu_find(&machine.gpu, &machine.pci, 1) == AQPIM_PCI_ABSENT);
    machine.put64(AQPIM_GPU_ID, 1);
    CHECK(aqpim_gpu_find(&machine.gpu, &machine.pci, 0) == AQPIM_PCI_UNABLE);
}

TEST_CASE("a device that claims more engines than there can be does not lead out of the tables") {
    Machine machine(1000, 1u << 31);
    REQUIRE(aqpim_gpu_find(&machine.gpu, &machine.pci, 0) == AQPIM_PCI_OK);
    CHECK(machine.gpu.copy_engines == AQPIM_GPU_MOST_COPY_ENGINES);
    CHECK(machine.gpu.streams == AQPIM_GPU_MOST_STREAMS);
}

TEST_CASE("each queue gets the registers and vector of its number and an interrupt source of its own") {
    Machine machine;
    REQUIRE(aqpim_gpu_find(&machine.gpu, &machine.pci, 0) == AQPIM_PCI_OK);
    CHECK_FALSE(aqpim_gpu_open_all(&machine.gpu, machine.rings, 4, 64, nullptr));
    REQUIRE(aqpim_gpu_open_all(&machine.gpu, machine.rings, 16, 64, nullptr));
    REQUIRE(opened.size() == 5);
    const std::uint64_t base = machine.gpu.registers;
    CHECK(machine.gpu.copy[1].registers == base + 0x1100);
    CHECK(machine.gpu.copy[1].vector == 1);
    CHECK(machine.gpu.copy[1].source == 65);
    CHECK(machine.gpu.stream[2].registers == base + 0x1a00);
    CHECK(machine.gpu.stream[2].vector == 10);
    CHECK(machine.gpu.stream[2].source == 68);
    // Vector 10's message.
    CHECK(machine.gpu_function.memory[0x800 + 0xa0] == 0x24000000);
    CHECK(machine.gpu_function.memory[0x800 + 0xa8] == 68);
    CHECK_FALSE(aqpim_gpu_open_copy(&machine.gpu, 2, machine.rings, 64, nullptr));
    CHECK_FALSE(aqpim_gpu_open_stream(&machine.gpu, 3, machine.rings, 64, nullptr));
}

TEST_CASE("a queue that the device refuses is not opened") {
    Machine machine;
    REQUIRE(aqpim_gpu_find(&machine.gpu, &machine.pci, 0) == AQPIM_PCI_OK);
    works = false;
    CHECK_FALSE(aqpim_gpu_open_all(&machine.gpu, machine.rings, 16, 64, nullptr));
}

TEST_CASE("descriptors say which of their addresses are on the bus") {
    const aqpim_gpu_copy copy = aqpim_gpu_make_copy(aqpim_gpu_bus(0x80000000), aqpim_gpu_local(64), 4096);
    CHECK(copy.header.opcode == AQPIM_GPU_COPY);
    CHECK(copy.header.flags == AQPIM_GPU_FLAG_SOURCE_BUS);
    CHECK(copy.source == 0x80000000);
    CHECK(copy.target == 64);
    CHECK(copy.row_bytes == 4096);
    CHECK(copy.rows == 1);
    const aqpim_gpu_copy rows = aqpim_gpu_make_copy_2d(aqpim_gpu_local(0), 256, aqpim_gpu_bus(0x90000000), 128, 64, 10);
    CHECK(rows.header.flags == AQPIM_GPU_FLAG_TARGET_BUS);
    CHECK(rows.source_stride == 256);
    CHECK(rows.target_stride == 128);
    CHECK(rows.rows == 10);
    const aqpim_gpu_gather gather = aqpim_gpu_make_gather(aqpim_gpu_bus(0x1000), 3, false, true);
    CHECK(gather.header.flags == (AQPIM_GPU_FLAG_LIST_BUS | AQPIM_GPU_FLAG_TARGET_BUS));
    const aqpim_gpu_semaphore acquire = aqpim_gpu_make_acquire(aqpim_gpu_bus(8), 5, 1000);
    CHECK(acquire.header.opcode == AQPIM_GPU_ACQUIRE);
    CHECK(acquire.header.flags == AQPIM_GPU_FLAG_TARGET_BUS);
    CHECK(acquire.timeout_ns == 1000);
    const aqpim_gpu_fill fill = aqpim_gpu_make_fill(7, aqpim_gpu_local(32), 128);
    CHECK(fill.header.flags == 0);
    CHECK(fill.rows == 1);
}

TEST_CASE("attention over contiguous heads has their strides") {
    const aqpim_gpu_attention_shape shape = {.sequences = 3, .kv_heads = 8, .group = 4, .head_dim = 128, .tokens = 100};
    const aqpim_gpu_attention attention = aqpim_gpu_make_attention(&shape, 1, 2, 3, 4, AQPIM_GPU_BF16);
    CHECK(attention.head_stride == 100 * 128 * 2);
    CHECK(attention.sequence_stride == 8 * 100 * 128 * 2);
    CHECK(attention.total_tokens == 300);
    CHECK(attention.most_tokens == 100);
    CHECK(attention.tokens == 0);
    CHECK(attention.format == AQPIM_GPU_BF16);
}

TEST_CASE("a descriptor is timed by the timestamps around it") {
    Machine machine;
    aqpim_queue queue{};
    const aqpim_gpu_copy copy = aqpim_gpu_make_copy(aqpim_gpu_bus(0), aqpim_gpu_local(0), 64);
    CHECK(aqpim_gpu_time_descriptor(&queue, &copy) == 5000000);
    REQUIRE(put.size() == 3);
    CHECK(descriptor<aqpim_gpu_semaphore>(0).header.flags == AQPIM_GPU_FLAG_TARGET_BUS);
    CHECK(descriptor<aqpim_gpu_copy>(1).row_bytes == 64);
    CHECK(descriptor<aqpim_gpu_semaphore>(2).header.flags == (AQPIM_GPU_FLAG_TARGET_BUS | AQPIM_FLAG_INTERRUPT));
    works = false;
    CHECK(aqpim_gpu_time_descriptor(&queue, &copy) == 0);
}
