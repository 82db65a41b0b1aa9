#include <catch2/catch.hpp>

#include <cmath>

#include "models/gpu/kernels.h"
#include "models/pim/head_data.h"
#include "tests/pim/device_scene.h"

using namespace aqpim;

namespace {

constexpr std::uint32_t m = 8;
constexpr std::uint32_t head_dim = 32;
constexpr std::uint32_t centroids = 16;
constexpr std::uint32_t tokens = 200;

aqpim_layout layout() {
    return aqpim_make_layout(2, 64, 1, m, head_dim);
}
aqpim_pim_shape shape() {
    return {2, 1, head_dim, m, centroids, 0};
}

// Column indices of the scene's objects; each is far smaller than the distance to the next.
enum Columns : std::uint32_t {
    key_image = 0,
    value_image = 64,
    key_book = 128,
    value_book = 160,
    key_codes = 192,
    value_codes = 224,
    key_slots = 256,
    value_slots = 288,
    scratch = 320,
    staging = 640,
    result = 672
};

std::uint64_t address_of(std::uint32_t column) {
    const aqpim_layout l = layout();
    return std::uint64_t{column} * aqpim_column_set_bytes(&l);
}

void place(Scene& scene, std::uint32_t column, const std::vector<Half>& vectors, std::uint32_t head,
           std::uint32_t count) {
    aqpim_gpu_pack pack{};
    pack.channels = 2;
    pack.banks_per_channel = 64;
    pack.group_channels = 1;
    pack.subvectors = m;
    pack.head_dim = head_dim;
    for (std::uint32_t e = 0; e < count; ++e) {
        for (const PackPiece& piece : pack_pieces(pack, head, e)) {
            scene.memory.store().write(address_of(column) + piece.target,
                                       reinterpret_cast<const std::uint8_t*>(&vectors[e * head_dim]) + piece.source,
                                       piece.bytes);
        }
    }
}

aqpim_pim_cluster cluster_of(std::uint32_t image, std::uint32_t book, std::uint32_t codes) {
    aqpim_pim_cluster cluster{};
    cluster.header.opcode = AQPIM_PIM_CLUSTER;
    cluster.shape = shape();
    cluster.elements = tokens;
    cluster.iterations = 4;
    cluster.column_image = image;
    cluster.column_codebook = book;
    cluster.column_codes = codes;
    cluster.column_scratch = scratch;
    cluster.seed = 7;
    return cluster;
}

aqpim_pim_attend attend_of(aqpim_value_path path) {
    aqpim_pim_attend attend{};
    attend.header.opcode = AQPIM_PIM_ATTEND;
    attend.shape = shape();
    attend.queries_per_head = 2;
    attend.value_path = static_cast<std::uint16_t>(path);
    attend.coded = tokens;
    attend.uncoded = 1;
    attend.column_key_codebook = key_book;
    attend.column_key_codes = key_codes;
    attend.column_key_uncoded = key_slots;
    attend.column_value_codebook = value_book;
    attend.column_value_codes = value_codes;
    attend.column_value_uncoded = value_slots;
    attend.column_scratch = scratch;
    attend.query = address_of(staging);
    attend.output = address_of(result);
    return attend;
}

aqpim_pim_append append_of(std::uint32_t slots, std::uint32_t book, std::uint32_t codes) {
    aqpim_pim_append append{};
    append.header.opcode = AQPIM_PIM_APPEND;
    append.shape = shape();
    append.source = address_of(staging);
    append.slot = 0;
    append.element = AQPIM_PIM_NONE;
    append.column_uncoded = slots;
    append.column_codebook = book;
    append.column_codes = codes;
    append.column_scratch = scratch;
    return append;
}

/// Float64 attention of one query over what the codes stand for and the uncompressed slot, read from the banks.
std::vector<double> expected_attention(Scene& scene, std::uint32_t head, const Half* query) {
    const HeadData data(scene.memory.store(), layout(), m, head);
    constexpr std::uint32_t dims = head_dim / m;
    const auto vectors = [&](std::uint32_t book, std::uint32_t codes, std::uint32_t slots) {
        std::vector<double> all((tokens + 1) * head_dim);
        for (std::uint32_t i = 0; i < m; ++i) {
            const auto codebook = data.read_vectors(book, i, centroids);
            const auto code = data.read_codes(codes, i, tokens, centroids);
            const auto slot = data.read_vectors(slots, i, 1);
            for (std::uint32_t j = 0; j < dims; ++j) {
                for (std::uint32_t t = 0; t < tokens; ++t) {
                    all[t * head_dim + i * dims + j] = codebook[code[t] * dims + j];
                }
                all[tokens * head_dim + i * dims + j] = slot[j];
            }
        }
        return all;
    };
    const auto keys = vectors(key_book, key_codes, key_slots);
    const auto values = vectors(value_book, value_codes, value_slots);
    std::vector<double> output(head_dim);
    double sum = 0;
    for (std::uint32_t t = 0; t <= tokens; ++t) {
        double dot = 0;
        for (std::uint32_t j = 0; j < head_dim; ++j) {
            dot += to_float(query[j]) * keys[t * head_dim + j];
        }
        const double weight = std::exp(dot / std::sqrt(double{head_dim}));
        sum += weight;
        for (std::uint32_t j = 0; j < head_dim; ++j) {
            output[j] += weight * values[t * head_dim + j];
        }
    }
    for (double& value : output) {
        value /= sum;
    }
    return output;
}

void quantize(Scene& scene) {
    for (std::uint32_t head = 0; head < 2; ++head) {
        place(scene, key_image, random_halves(tokens * head_dim, 1 + head), head, tokens);
        place(scene, value_image, random_halves(tokens * head_dim, 3 + head), head, tokens);
    }
    CHECK(scene.command(cluster_of(key_image, key_book, key_codes)).status == AQPIM_DONE);
    CHECK(scene.command(cluster_of(value_image, value_book, value_codes)).status == AQPIM_DONE);
    auto arriving = random_halves(2 * head_dim, 9);
    scene.memory_access(tlm::TLM_WRITE_COMMAND, address_of(staging), arriving.data(), 2 * 2 * head_dim);
    CHECK(scene.command(append_of(key_slots, key_book, key_codes)).status == AQPIM_DONE);
    CHECK(scene.command(append_of(value_slots, value_book, value_codes)).status == AQPIM_DONE);
}

}  // namespace

TEST_CASE("the device quantizes, appends and attends, and returns what the memory's contents give") {
    Scene scene("scene");
    scene.firmware = [&] {
        quantize(scene);
        for (const aqpim_value_path path : {AQPIM_VALUE_LOOP, AQPIM_VALUE_HISTOGRAM}) {
            auto queries = random_halves(4 * head_dim, 20);
            scene.memory_access(tlm::TLM_WRITE_COMMAND, address_of(staging), queries.data(), 4 * 2 * head_dim);
            CHECK(scene.command(attend_of(path)).status == AQPIM_DONE);
            std::vector<Half> output(4 * head_dim);
            scene.memory_access(tlm::TLM_READ_COMMAND, address_of(result), output.data(), 4 * 2 * head_dim);
            for (std::uint32_t q = 0; q < 4; ++q) {
                const auto expected = expected_attention(scene, q / 2, &queries[q * head_dim]);
                double error = 0;
                double norm = 0;
                for (std::uint32_t j = 0; j < head_dim; ++j) {
                    error += std::pow(to_float(output[q * head_dim + j]) - expected[j], 2);
                    norm += std::pow(expected[j], 2);
                }
                CHECK(std::sqrt(error / norm) < 5e-3);
            }
        }
        sc_core::sc_stop();
    };
    sc_core::sc_start();
    CHECK(scene.device.errors() == 0);
    CHECK(scene.device.attention_cycles() > 0);
}

TEST_CASE("a token that leaves the window gets the code of its nearest centroid, and its slot the new token") {
    Scene scene("scene");
    scene.firmware = [&] {
        quantize(scene);
        const HeadData head(scene.memory.store(), layout(), m, 1);
        const auto leaving = head.read_vector(key_slots, 3, 0);
        auto arriving = random_halves(2 * head_dim, 77);
        scene.memory_access(tlm::TLM_WRITE_COMMAND, address_of(staging), arriving.data(), 2 * 2 * head_dim);
        auto append = append_of(key_slots, key_book, key_codes);
        append.element = tokens;
        CHECK(scene.command(append).status == AQPIM_DONE);

        const auto codebook = head.read_vectors(key_book, 3, centroids);
        const auto code = head.read_codes(key_codes, 3, tokens + 1, centroids).back();
        const auto distance = [&](std::uint32_t c) {
            double sum = 0;
            for (std::uint32_t j = 0; j < 4; ++j) {
                sum += std::pow(leaving[j] - codebook[c * 4 + j], 2);
            }
            return sum;
        };
        for (std::uint32_t c = 0; c < centroids; ++c) {
            CHECK(distance(code) <= distance(c) * (1 + 0x1p-10));
        }
        for (std::uint32_t j = 0; j < 4; ++j) {
            CHECK(head.read_vector(key_slots, 3, 0)[j] == to_float(arriving[head_dim + 12 + j]));
        }
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("descriptors that cannot be carried out end in the fitting status and change nothing") {
    Scene scene("scene");
    scene.firmware = [&] {
        quantize(scene);
        const auto before = HeadData(scene.memory.store(), layout(), m, 0).read_codes(key_codes, 0, tokens, centroids);
        const auto cluster_with = [&](auto change) {
            auto cluster = cluster_of(key_image, key_book, key_codes);
            change(cluster);
            return scene.command(cluster).status;
        };
        CHECK(cluster_with([](auto& c) { c.header.opcode = 99; }) == AQPIM_BAD_OPCODE);
        CHECK(cluster_with([](auto& c) { c.shape.subvectors = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.subvectors = 7; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.heads = 3; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.heads = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.group_channels = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.centroids = 1; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.centroids = 513; }) == AQPIM_UNSUPPORTED);
        CHECK(cluster_with([](auto& c) { c.elements = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.elements = 0xffffffff; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) {
                  c.shape.head_dim = 32768;
                  c.shape.subvectors = 64;
                  c.elements = 1 << 20;
              }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) {
                  c.shape.head_dim = 1024;
                  c.shape.subvectors = 1;
                  c.elements = 1 << 20;
                  c.column_image = 0xffff0000;
              }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.column_codes = 0xffffffff; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) {
                  c.header.flags |= AQPIM_PIM_FLAG_WEIGHTED;
                  c.weights = ~0ULL - 31;
                  c.weights_stride = tokens * 2;
              }) == AQPIM_ADDRESS_ERROR);
        const auto attend_with = [&](auto change) {
            auto attend = attend_of(AQPIM_VALUE_LOOP);
            change(attend);
            return scene.command(attend).status;
        };
        CHECK(attend_with([](auto& a) { a.coded = a.uncoded = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.queries_per_head = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.value_path = 2; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.column_scratch = 1; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.output = 8; }) == AQPIM_ADDRESS_ERROR);
        CHECK(HeadData(scene.memory.store(), layout(), m, 0).read_codes(key_codes, 0, tokens, centroids) == before);
        CHECK(scene.read(AQPIM_PIM_ERRORS) == 19);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("channels that idle between commands have made their refreshes by the next one") {
    Scene scene("scene");
    scene.firmware = [&] {
        quantize(scene);
        const auto append = append_of(key_slots, key_book, key_codes);
        std::vector<std::uint64_t> elapsed_ps;
        for (unsigned idle_us = 0; idle_us < 60; idle_us += 3) {
            wait(idle_us, sc_core::SC_US);
            elapsed_ps.push_back(scene.command(append).elapsed_ps);
        }
        const auto [least, most] = std::minmax_element(elapsed_ps.begin(), elapsed_ps.end());
        // At most the refresh that happens to be under way: tRFC is 456 cycles of 769 ps, and rows close before it.
        CHECK(*most <= *least + (456 + 19) * 769);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("registers tell the memory's geometry") {
    Scene scene("scene");
    scene.firmware = [&] {
        CHECK(scene.read(AQPIM_PIM_ID) == AQPIM_PIM_MAGIC);
        CHECK(scene.read(AQPIM_PIM_CHANNELS) == 2);
        CHECK(scene.read(AQPIM_PIM_BANKS_PER_CHANNEL) == 64);
        CHECK(scene.read(AQPIM_PIM_COLUMNS) == 32);
        CHECK(scene.read(AQPIM_PIM_MAX_CENTROIDS) == 512);
        CHECK(scene.read(AQPIM_PIM_MEMORY_BYTES) == 2ULL << 30);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}
