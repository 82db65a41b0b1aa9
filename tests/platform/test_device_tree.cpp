#include <catch2/catch.hpp>

extern "C" {
#include <libfdt.h>
}

#include <string>

#include "aqpim/memory_map.h"
#include "platform/device_tree.h"

using namespace aqpim;

namespace {

struct Tree {
    std::vector<std::uint8_t> blob = make_device_tree({2, "rv64imac", 256 << 20, 0x8fff0000, 184});

    int node(const char* path) const {
        const int offset = fdt_path_offset(blob.data(), path);
        REQUIRE(offset >= 0);
        return offset;
    }
    std::uint32_t cell(int node, const char* name, int index) const {
        int bytes = 0;
        const auto* const cells = static_cast<const fdt32_t*>(fdt_getprop(blob.data(), node, name, &bytes));
        REQUIRE(cells != nullptr);
        REQUIRE(bytes >= (index + 1) * 4);
        return fdt32_to_cpu(cells[index]);
    }
    std::uint64_t wide(int node, const char* name, int index) const {
        return std::uint64_t{cell(node, name, 2 * index)} << 32 | cell(node, name, 2 * index + 1);
    }
    int compatible(const char* name) const {
        const int offset = fdt_node_offset_by_compatible(blob.data(), -1, name);
        REQUIRE(offset >= 0);
        return offset;
    }
};

}  // namespace

TEST_CASE("the device tree is well formed and says where each device is") {
    const Tree tree;
    REQUIRE(fdt_check_full(tree.blob.data(), tree.blob.size()) == 0);
    const std::pair<const char*, std::uint64_t> places[] = {
        {"ns16550a", AQPIM_UART_BASE},          {"sifive,clint0", AQPIM_CLINT_BASE},
        {"sifive,plic-1.0.0", AQPIM_PLIC_BASE}, {"pci-host-ecam-generic", AQPIM_ECAM_BASE},
        {"sifive,test0", AQPIM_FINISHER_BASE},  {"cfi-flash", AQPIM_FLASH_BASE},
        {"aqpim,msi-frame", AQPIM_MSI_BASE},    {"aqpim,trace-port", AQPIM_TRACE_PORT_BASE}};
    for (const auto& [compatible, base] : places) {
        CHECK(tree.wide(tree.compatible(compatible), "reg", 0) == base);
    }
    CHECK(tree.wide(tree.node("/memory@80000000"), "reg", 1) == 256 << 20);
}

TEST_CASE("RAM that does not fit below the PCIe window is a second range of the memory node") {
    constexpr std::uint64_t gibi = std::uint64_t{1} << 30;
    Tree tree;
    tree.blob = make_device_tree({1, "rv64imac", 14 * gibi, 0, 0});
    int bytes = 0;
    REQUIRE(fdt_getprop(tree.blob.data(), tree.node("/memory@80000000"), "reg", &bytes) != nullptr);
    CHECK(bytes == 16);
    tree.blob = make_device_tree({1, "rv64imac", 144 * gibi, 0, 0});
    const int memory = tree.node("/memory@80000000");
    CHECK(tree.wide(memory, "reg", 0) == 0x8000'0000);
    CHECK(tree.wide(memory, "reg", 1) == 14 * gibi);
    CHECK(tree.wide(memory, "reg", 2) == 0x400'0000'0000);
    CHECK(tree.wide(memory, "reg", 3) == 130 * gibi);
}

TEST_CASE("every hart is there, with its interrupt controller behind CLINT and PLIC") {
    const Tree tree;
    for (const char* path : {"/cpus/cpu@0", "/cpus/cpu@1"}) {
        CHECK(std::string(static_cast<const char*>(
                  fdt_getprop(tree.blob.data(), tree.node(path), "riscv,isa", nullptr))) == "rv64imac");
    }
    const std::uint32_t second = fdt_get_phandle(tree.blob.data(), tree.node("/cpus/cpu@1/interrupt-controller"));
    CHECK(tree.cell(tree.compatible("sifive,clint0"), "interrupts-extended", 4) == second);
    CHECK(tree.cell(tree.compatible("sifive,plic-1.0.0"), "interrupts-extended", 4) == second);
}

TEST_CASE("a hart's instruction set and translation are named") {
    const Tree tree;
    const auto text = [&](const char* name) {
        return std::string(
            static_cast<const char*>(fdt_getprop(tree.blob.data(), tree.node("/cpus/cpu@1"), name, nullptr)));
    };
    CHECK(text("riscv,isa") == "rv64imac");
    CHECK(text("mmu-type") == "riscv,sv39");
}

TEST_CASE("power-off and reboot write to the finisher") {
    const Tree tree;
    const std::uint32_t finisher = fdt_get_phandle(tree.blob.data(), tree.compatible("sifive,test0"));
    CHECK(finisher != 0);
    for (const auto& [compatible, value] : {std::pair{"syscon-poweroff", 0x5555u}, {"syscon-reboot", 0x7777u}}) {
        const int node = tree.compatible(compatible);
        CHECK(tree.cell(node, "regmap", 0) == finisher);
        CHECK(tree.cell(node, "offset", 0) == 0);
        CHECK(tree.cell(node, "value", 0) == value);
    }
}

TEST_CASE("the PLIC reaches each hart in machine and supervisor mode, in the order of its contexts") {
    const Tree tree;
    const int plic = tree.compatible("sifive,plic-1.0.0");
    for (int context = 0; context < 4; ++context) {
        const char* const path = context < 2 ? "/cpus/cpu@0/interrupt-controller" : "/cpus/cpu@1/interrupt-controller";
        CHECK(tree.cell(plic, "interrupts-extended", 2 * context) ==
              fdt_get_phandle(tree.blob.data(), tree.node(path)));
        CHECK(tree.cell(plic, "interrupts-extended", 2 * context + 1) == (context % 2 == 0 ? 11 : 9));
    }
}

TEST_CASE("the job block is named, and only if there is one") {
    const Tree tree;
    CHECK(tree.wide(tree.node("/chosen"), "aqpim,job", 0) == 0x8fff0000);
    CHECK(tree.wide(tree.node("/chosen"), "aqpim,job", 1) == 184);
    const auto without = make_device_tree({1, "rv64imac", 1 << 20, 0, 0});
    CHECK(fdt_getprop(without.data(), fdt_path_offset(without.data(), "/chosen"), "aqpim,job", nullptr) == nullptr);
}
