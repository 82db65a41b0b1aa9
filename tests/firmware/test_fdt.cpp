#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include <libfdt.h>

#include "aqpim/sdk/fdt.h"
}

namespace {

/// /: soc with two serial ports, memory; /chosen with a job.
std::vector<std::uint8_t> small_tree() {
    std::vector<std::uint8_t> blob(4096);
    void* fdt = blob.data();
    fdt_create(fdt, static_cast<int>(blob.size()));
    fdt_finish_reservemap(fdt);
    fdt_begin_node(fdt, "");
    fdt_begin_node(fdt, "soc");
    for (const char* name : {"serial@10000000", "serial@20000000"}) {
        fdt_begin_node(fdt, name);
        fdt_property(fdt, "compatible", "acme,uart\0ns16550a", 19);
        const std::uint64_t reg[] = {cpu_to_fdt64(std::stoull(name + 7, nullptr, 16)), cpu_to_fdt64(0x100)};
        fdt_property(fdt, "reg", reg, sizeof reg);
        fdt_end_node(fdt);
    }
    fdt_end_node(fdt);
    fdt_begin_node(fdt, "chosen");
    const std::uint64_t job[] = {cpu_to_fdt64(0x1234567890ull), cpu_to_fdt64(512)};
    fdt_property(fdt, "aqpim,job", job, sizeof job);
    fdt_property_u32(fdt, "small", 7);
    fdt_end_node(fdt);
    fdt_end_node(fdt);
    fdt_finish(fdt);
    blob.resize(fdt_totalsize(fdt));
    return blob;
}

/// Reads all there is to read.
void read_everything(const std::vector<std::uint8_t>& blob) {
    aqpim_fdt fdt;
    if (!aqpim_fdt_open(&fdt, blob.data())) {
        return;
    }
    aqpim_range range;
    for (const char* path : {"/", "/soc/serial", "/soc/serial@20000000", "/chosen", "/none/of/these"}) {
        aqpim_fdt_range(&fdt, aqpim_fdt_find(&fdt, path), "reg", 0, &range);
        aqpim_fdt_range(&fdt, aqpim_fdt_find(&fdt, path), "aqpim,job", 3, &range);
    }
    int node = AQPIM_FDT_NONE;
    do {
        node = aqpim_fdt_find_compatible(&fdt, "ns16550a", node);
    } while (node != AQPIM_FDT_NONE);
}

}  // namespace

TEST_CASE("nodes are found by path, with and without a unit address") {
    const auto blob = small_tree();
    aqpim_fdt fdt;
    REQUIRE(aqpim_fdt_open(&fdt, blob.data()));
    aqpim_range range;
    REQUIRE(aqpim_fdt_range(&fdt, aqpim_fdt_find(&fdt, "/soc/serial@20000000"), "reg", 0, &range));
    CHECK(range.base == 0x20000000);
    CHECK(range.size == 0x100);
    CHECK(aqpim_fdt_find(&fdt, "/soc/serial") == aqpim_fdt_find(&fdt, "/soc/serial@10000000"));
    CHECK(aqpim_fdt_find(&fdt, "/soc/ser") == AQPIM_FDT_NONE);
    CHECK(aqpim_fdt_find(&fdt, "/serial@10000000") == AQPIM_FDT_NONE);
    CHECK(aqpim_fdt_find(&fdt, "/soc/serial@30000000") == AQPIM_FDT_NONE);
}

TEST_CASE("nodes are found by each of their compatible strings, one after the other") {
    const auto blob = small_tree();
    aqpim_fdt fdt;
    REQUIRE(aqpim_fdt_open(&fdt, blob.data()));
    const int first = aqpim_fdt_find_compatible(&fdt, "ns16550a", AQPIM_FDT_NONE);
    const int second = aqpim_fdt_find_compatible(&fdt, "ns16550a", first);
    CHECK(first == aqpim_fdt_find(&fdt, "/soc/serial@10000000"));
    CHECK(second == aqpim_fdt_find(&fdt, "/soc/serial@20000000"));
    CHECK(aqpim_fdt_find_compatible(&fdt, "ns16550a", second) == AQPIM_FDT_NONE);
    CHECK(aqpim_fdt_find_compatible(&fdt, "acme,uart", AQPIM_FDT_NONE) == first);
    CHECK(aqpim_fdt_find_compatible(&fdt, "ns16550", AQPIM_FDT_NONE) == AQPIM_FDT_NONE);
}

TEST_CASE("properties give their cells, and ranges only as many as there are") {
    const auto blob = small_tree();
    aqpim_fdt fdt;
    REQUIRE(aqpim_fdt_open(&fdt, blob.data()));
    const int chosen = aqpim_fdt_find(&fdt, "/chosen");
    aqpim_range range;
    REQUIRE(aqpim_fdt_range(&fdt, chosen, "aqpim,job", 0, &range));
    CHECK(range.base == 0x1234567890ull);
    CHECK(range.size == 512);
    CHECK_FALSE(aqpim_fdt_range(&fdt, chosen, "aqpim,job", 1, &range));
    CHECK_FALSE(aqpim_fdt_range(&fdt, chosen, "small", 0, &range));
    std::uint32_t bytes = 0;
    const std::uint8_t* small = aqpim_fdt_property(&fdt, chosen, "small", &bytes);
    REQUIRE(small != nullptr);
    CHECK(bytes == 4);
    CHECK(aqpim_fdt_cells(small, 1) == 7);
    CHECK(aqpim_fdt_property(&fdt, chosen, "missing", &bytes) == nullptr);
    CHECK(aqpim_fdt_property(&fdt, AQPIM_FDT_NONE, "small", &bytes) == nullptr);
}

TEST_CASE("what is no device tree is refused") {
    aqpim_fdt fdt;
    auto blob = small_tree();
    CHECK_FALSE(aqpim_fdt_open(&fdt, nullptr));
    for (const std::size_t field : {0u, 4u, 8u, 12u, 20u, 32u, 36u}) {
        auto broken = blob;
        std::memset(broken.data() + field, field == 20 ? 0 : 0xff, 4);
        CAPTURE(field);
        CHECK_FALSE(aqpim_fdt_open(&fdt, broken.data()));
    }
}

TEST_CASE("a broken tree is never read outside its blob") {
    // The blob ends where its allocation ends, for AddressSanitizer to see what is read behind it.
    const auto blob = small_tree();
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        auto broken = blob;
        for (int flips = 0; flips < 3; ++flips) {
            // The header stays: its sizes say what the blob's are.
            broken[40 + random() % (broken.size() - 40)] = static_cast<std::uint8_t>(random());
        }
        read_everything(broken);
    }
    SUCCEED();
}
