#include <catch2/catch.hpp>

#include <cmath>
#include <memory>

#include "models/pim/head_data.h"
#include "tests/pim/device_scene.h"

using namespace aqpim;

namespace {

constexpr std::uint32_t head_dim = 128;
constexpr std::uint32_t subvectors = 4;
constexpr std::uint32_t blocks = 2;  // of 64 dimensions
constexpr std::uint32_t set_stride = 320;
constexpr std::uint32_t keys_at = 0;
constexpr std::uint32_t values_at = 3200;
constexpr std::uint32_t queries_at = 6400;
constexpr std::uint32_t output_at = 6432;
constexpr std::uint32_t table_at = 6464;

/// AttAcc's assumptions, without refresh.
Parameters::Settings attacc(const Parameters::Settings& further = {}) {
    Parameters::Settings settings = {
        {"pim.moves_share_bus", "false"}, {"pim.softmax_latency", "0"}, {"dram.refresh", "off"}};
    settings.insert(settings.end(), further.begin(), further.end());
    return settings;
}

/// Attention over `tokens` tokens of one sequence in each of `kv_heads` KV heads; puts its table into the memory.
aqpim_pim_attend_whole attend_of(Scene& scene, std::uint32_t tokens, std::uint16_t kv_heads,
                                 std::uint16_t queries = 1) {
    aqpim_pim_attend_whole attend{};
    attend.header.opcode = AQPIM_PIM_ATTEND_FP16;
    attend.shape = {2, head_dim, subvectors, 0, 64};
    attend.queries_per_head = queries;
    attend.kv_heads = kv_heads;
    attend.sequences = 1;
    attend.column_key = keys_at;
    attend.column_value = values_at;
    attend.set_stride = set_stride;
    attend.value_block_stride = (tokens + 15) / 16;
    attend.table = scene.address_of(table_at);
    attend.query = scene.address_of(queries_at);
    attend.output = scene.address_of(output_at);
    scene.put_table(attend.table, std::vector{sequence_of(0, tokens)});
    return attend;
}

/// An attention command on an idle device of two channels, and the cycles it has to take.
struct Point {
    std::uint32_t tokens;
    std::uint16_t kv_heads;
    std::uint16_t queries;
    Parameters::Settings settings;
    Ticks cycles;
};

/// Each point on a device of its own, all of them in one simulation.
std::vector<Ticks> cycles_of(const std::vector<Point>& points) {
    std::vector<std::unique_ptr<Scene>> scenes;
    for (const Point& point : points) {
        Scene& scene =
            *scenes.emplace_back(std::make_unique<Scene>(sc_core::sc_gen_unique_name("scene"), point.settings));
        scene.firmware = [&scene, point] {
            CHECK(scene.command(attend_of(scene, point.tokens, point.kv_heads, point.queries)).status == AQPIM_DONE);
        };
    }
    sc_core::sc_start();
    std::vector<Ticks> cycles;
    for (const auto& scene : scenes) {
        cycles.push_back(scene->device.attention_cycles());
    }
    return cycles;
}

void check(const std::vector<Point>& points) {
    const std::vector<Ticks> cycles = cycles_of(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
        CAPTURE(i);
        CHECK(cycles[i] == points[i].cycles);
    }
}

/// Puts vectors [count][head_dim] of a KV head into the banks: dimensions `first` and on, of an object's width.
void place(Scene& scene, std::uint32_t column, std::uint32_t head, const std::vector<Half>& vectors,
           std::uint32_t first, std::uint32_t width) {
    HeadData data(scene.memory.store(), aqpim_make_layout(2, 64, 64, subvectors, width), subvectors, head % 2);
    const std::size_t count = vectors.size() / head_dim;
    for (std::uint32_t i = 0; i < subvectors; ++i) {
        std::vector<Half> part;
        for (std::size_t token = 0; token < count; ++token) {
            for (std::uint32_t j = 0; j < data.dims(); ++j) {
                part.push_back(vectors[token * head_dim + first + i * data.dims() + j]);
            }
        }
        data.write_vectors(column + head / 2 * set_stride, i, 0, part);
    }
}

std::vector<double> attention(const Half* query, const std::vector<Half>& keys, const std::vector<Half>& values) {
    std::vector<double> output(head_dim);
    double sum = 0;
    for (std::size_t at = 0; at < keys.size(); at += head_dim) {
        double dot = 0;
        for (std::uint32_t j = 0; j < head_dim; ++j) {
            dot += to_float(query[j]) * to_float(keys[at + j]);
        }
        const double weight = std::exp(dot / std::sqrt(double{head_dim}));
        sum += weight;
        for (std::uint32_t j = 0; j < head_dim; ++j) {
            output[j] += weight * to_float(values[at + j]);
        }
    }
    for (double& value : output) {
        value /= sum;
    }
    return output;
}

}  // namespace

// A row of 32 MACs 6 cycles apart takes 232 cycles until the next one's first MAC: 186 to its own last, tRTP 8, tRP 19,
// tRCDRD 19. Of a head the first MAC goes a cycle after the eighth vector write, at 29.
TEST_CASE("2048 tokens of fp16 take AttAcc's 3808 cycles") {
    // 8 rows of keys: last MAC at 29 + 7 * 232 + 186 = 1839. A cycle later 8 moves of scores and 64 of weights, 2
    // cycles apart: last at 1982. Values from 1983, last MAC at 3793; the last of 8 moves at 3794 + 14.
    check({{2048, 2, 1, attacc(), 3808}});
}

TEST_CASE("fp16 attention of other lengths, spacings and widths") {
    check({
        // 2 rows of keys end at 447, 24 moves at 494, values at 913.
        {512, 2, 1, attacc(), 928},
        // Rows of 170: keys end at 323, values begin a row's turn later, at 370, since 24 moves hide in it.
        {512, 2, 1, attacc({{"pim.mac_spacing", "4"}}), 680},
        // Four writes are over when the row is open: MACs from 19, 4 rows to 901, 8 + 32 moves to 980, values to 1863.
        {2048, 2, 1, attacc({{"pim.data_bytes", "1"}}), 1878},
        // The key row stays open for tRAS: values at 45 + 19 + 19. Two blocks of one MAC, whose 16 moves do not hide.
        {16, 2, 1, attacc(), 83 + 1 + 15 * 2},
    });
}

TEST_CASE("of two heads in a channel only the last moves show") {
    // 32 rows, one behind the other: 29 + 31 * 232 + 186 = 7407, and the moves.
    constexpr Ticks pair = 7407 + 1 + 14;
    check({
        {2048, 4, 1, attacc(), pair},
        {2048, 3, 1, attacc(), pair},  // a set that is not full
        {2048, 2, 2, attacc(), pair},  // two queries of one KV head
    });
}

TEST_CASE("each barrier costs its cycles") {
    // Vector to scores, scores to moves, these to softmax, to weights, to values, to the last moves.
    constexpr Ticks barrier = 10;
    constexpr Ticks expected =
        28 + barrier + 1810 + barrier + 14 + barrier + barrier + 126 + barrier + 1810 + barrier + 14;
    check({{2048, 2, 1, attacc({{"pim.barrier", "10"}}), expected}});
}

TEST_CASE("moves that share the column bus cannot hide under MACs") {
    const auto cycles =
        cycles_of({{2048, 4, 1, attacc({{"pim.moves_share_bus", "true"}}), 0}, {2048, 4, 1, attacc(), 0}});
    CHECK(cycles[0] > cycles[1] + 2 * 64);  // at least one head's weights
}

TEST_CASE("softmax shows when a head is alone in its channel") {
    const auto slow = attacc({{"pim.softmax_latency", "100"}});
    check({{2048, 2, 1, slow, 3808 + 100}, {2048, 4, 1, slow, 7422}});
}

TEST_CASE("attention that begins with a refresh meets none for tREFI, whenever it begins") {
    Scene scene("scene", {{"pim.moves_share_bus", "false"},
                          {"pim.softmax_latency", "0"},
                          {"pim.refresh_first", "true"},
                          {"dram.refresh_postpone", "0"}});
    scene.firmware = [&] {
        for (unsigned idle_ns = 0; idle_ns < 4000; idle_ns += 307) {
            wait(idle_ns, sc_core::SC_NS);
            CHECK(scene.command(attend_of(scene, 2048, 2)).status == AQPIM_DONE);
            CHECK(scene.device.attention_cycles() == 3808);
        }
        // Longer than tREFI: one refresh. A row closes (8, 19), tRFC is 456, and the row opens again (19).
        CHECK(scene.command(attend_of(scene, 2048, 4)).status == AQPIM_DONE);
        CHECK(scene.device.attention_cycles() > 7422 + 456 + 19);
        CHECK(scene.device.attention_cycles() < 7422 + 456 + 8 + 19 + 19 + 6);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("fp16 attention computes what keys, values and queries in the banks give") {
    Scene scene("scene");
    scene.firmware = [&] {
        constexpr std::uint32_t tokens = 70;
        constexpr std::uint16_t kv_heads = 3;
        std::vector<std::vector<Half>> keys;
        std::vector<std::vector<Half>> values;
        const aqpim_pim_attend_whole attend = attend_of(scene, tokens, kv_heads, 2);
        for (std::uint32_t head = 0; head < kv_heads; ++head) {
            keys.push_back(random_halves(tokens * head_dim, 1 + head));
            values.push_back(random_halves(tokens * head_dim, 11 + head));
            place(scene, keys_at, head, keys.back(), 0, head_dim);
            for (std::uint32_t block = 0; block < blocks; ++block) {
                place(scene, values_at + block * attend.value_block_stride, head, values.back(),
                      block * head_dim / blocks, head_dim / blocks);
            }
        }
        auto queries = random_halves(2 * kv_heads * head_dim, 21);
        const auto bytes = static_cast<std::uint32_t>(queries.size() * sizeof(Half));
        scene.memory_access(tlm::TLM_WRITE_COMMAND, attend.query, queries.data(), bytes);
        CHECK(scene.command(attend).status == AQPIM_DONE);
        std::vector<Half> output(queries.size());
        scene.memory_access(tlm::TLM_READ_COMMAND, attend.output, output.data(), bytes);
        for (std::uint32_t q = 0; q < 2 * kv_heads; ++q) {
            const auto expected = attention(&queries[q * head_dim], keys[q / 2], values[q / 2]);
            double error = 0;
            double norm = 0;
            for (std::uint32_t j = 0; j < head_dim; ++j) {
                error += std::pow(to_float(output[q * head_dim + j]) - expected[j], 2);
                norm += std::pow(expected[j], 2);
            }
            CHECK(std::sqrt(error / norm) < 2e-3);
        }
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("descriptors over whole vectors that cannot be carried out end in the fitting status") {
    Scene scene("scene");
    scene.firmware = [&] {
        const auto attend_with = [&](auto change) {
            auto attend = attend_of(scene, 100, 3);
            change(attend);
            return scene.command(attend).status;
        };
        CHECK(attend_with([](auto&) {}) == AQPIM_DONE);
        const auto attend_over = [&](std::uint32_t tokens) {
            return attend_with([&](auto& a) { scene.put_table(a.table, std::vector{sequence_of(0, tokens)}); });
        };
        CHECK(attend_over(0) == AQPIM_BAD_FIELD);
        CHECK(attend_over(0xffffffff) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.sequences = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.sequences = 2; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.shape.group_banks = 32; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.table = 8; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.queries_per_head = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.kv_heads = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.kv_heads = 0xffff; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.shape.heads = 3; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.shape.subvectors = 16; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.column_key = 0xfffffff0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.set_stride = 0xfffffff0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.value_block_stride = 0xfffffff0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.query = ~0ULL - 31; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.output = 8; }) == AQPIM_ADDRESS_ERROR);
        const auto attend_uniform_with = [&](auto change) {
            return attend_with([&](auto& a) {
                a.header.opcode = AQPIM_PIM_ATTEND_UNIFORM;
                a.shape.centroids = 16;
                a.column_value_codes = 64;
                a.column_key_parameters = 128;
                a.column_value_parameters = 192;
                scene.put_table(a.table, std::vector{sequence_of(16, 0)});
                change(a);
            });
        };
        // Codes of the second set lie set_stride columns behind those of the first: beyond the last row.
        constexpr std::uint32_t columns = 16384 * 32;
        CHECK(attend_uniform_with([](auto&) {}) == AQPIM_DONE);
        CHECK(attend_uniform_with([](auto& a) { a.column_key_codes = columns - 100; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_uniform_with([](auto& a) { a.column_key_parameters = columns - 100; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_uniform_with([](auto& a) { a.column_value_codes = columns - 100; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_uniform_with([](auto& a) { a.column_value_parameters = columns - 100; }) == AQPIM_ADDRESS_ERROR);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}
