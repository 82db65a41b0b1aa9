#include <catch2/catch.hpp>

#include <memory>

#include "models/pim/unit_vectors.h"
#include "tests/pim/device_scene.h"
#include "tests/pim/test_uniform_reference.h"

using namespace aqpim;
using namespace aqpim::uniform_reference;

namespace {

constexpr std::uint32_t head_dim = 128;
constexpr std::uint32_t subvectors = 4;
constexpr std::uint32_t heads = 2;  // one in each of two channels
constexpr std::uint32_t key_at = 0;
constexpr std::uint32_t value_at = 320;
constexpr std::uint32_t block_stride = 8;
constexpr std::uint32_t image_at = 640;
constexpr std::uint32_t key_codes_at = 1280;
constexpr std::uint32_t key_parameters_at = 1600;
constexpr std::uint32_t value_codes_at = 1920;
constexpr std::uint32_t value_parameters_at = 2240;
constexpr std::uint32_t table_at = 3200;
constexpr std::uint32_t query_at = 3232;
constexpr std::uint32_t output_at = 3264;

aqpim_pim_shape shape_of(std::uint16_t levels) {
    return {heads, head_dim, subvectors, levels, 64};
}

aqpim_pim_attend_whole attend_of(const Scene& scene, std::uint16_t levels) {
    aqpim_pim_attend_whole attend{};
    attend.header.opcode = AQPIM_PIM_ATTEND_UNIFORM;
    attend.shape = shape_of(levels);
    attend.queries_per_head = 1;
    attend.kv_heads = heads;
    attend.sequences = 1;
    attend.column_key = key_at;
    attend.column_value = value_at;
    attend.value_block_stride = block_stride;
    attend.column_key_codes = key_codes_at;
    attend.column_key_parameters = key_parameters_at;
    attend.column_value_codes = value_codes_at;
    attend.column_value_parameters = value_parameters_at;
    attend.table = scene.address_of(table_at);
    attend.query = scene.address_of(query_at);
    attend.output = scene.address_of(output_at);
    return attend;
}

aqpim_pim_quantize quantize_of(const Scene& scene, std::uint16_t levels, std::uint16_t flags) {
    const bool values = (flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    aqpim_pim_quantize quantize{};
    quantize.header.opcode = AQPIM_PIM_QUANTIZE;
    quantize.header.flags = flags;
    quantize.shape = shape_of(levels);
    quantize.sequences = 1;
    quantize.table = scene.address_of(table_at);
    quantize.column_image = image_at;
    quantize.column_codes = values ? value_codes_at : key_codes_at;
    quantize.column_parameters = values ? value_parameters_at : key_parameters_at;
    return quantize;
}

aqpim_pim_append append_of(const Scene& scene, std::uint16_t levels, std::uint16_t flags) {
    const bool values = (flags & AQPIM_PIM_FLAG_PER_TOKEN) != 0;
    aqpim_pim_append append{};
    append.header.opcode = AQPIM_PIM_APPEND;
    append.header.flags = static_cast<std::uint16_t>(flags | AQPIM_PIM_FLAG_UNIFORM);
    append.shape = shape_of(levels);
    append.sequences = 1;
    append.table = scene.address_of(table_at);
    append.source = scene.address_of(query_at);
    append.column_uncoded = values ? value_at : key_at;
    append.column_codebook = values ? value_parameters_at : key_parameters_at;
    append.column_codes = values ? value_codes_at : key_codes_at;
    append.value_block_stride = values ? block_stride : 0;
    return append;
}

/// Attention over this many coded tokens by AttAcc's assumptions, without refresh.
struct Point {
    std::uint16_t levels;
    std::uint32_t coded;
    Ticks cycles;
};

void check(const std::vector<Point>& points) {
    const Parameters::Settings settings = {
        {"pim.moves_share_bus", "false"}, {"pim.softmax_latency", "0"}, {"dram.refresh", "off"}};
    std::vector<std::unique_ptr<Scene>> scenes;
    for (const Point& point : points) {
        Scene& scene = *scenes.emplace_back(std::make_unique<Scene>(sc_core::sc_gen_unique_name("scene"), settings));
        scene.firmware = [&scene, point] {
            scene.put_table(scene.address_of(table_at), std::vector{sequence_of(point.coded, 0)});
            CHECK(scene.command(attend_of(scene, point.levels)).status == AQPIM_DONE);
        };
    }
    sc_core::sc_start();
    for (std::size_t i = 0; i < points.size(); ++i) {
        CAPTURE(i);
        CHECK(scenes[i]->device.attention_cycles() == points[i].cycles);
    }
}

/// One head's vectors in the banks, and from the interface.
UnitVectors vectors_of(Scene& scene, std::uint32_t head) {
    const aqpim_layout layout = aqpim_make_layout(2, 64, 64, subvectors, head_dim);
    return {scene.memory.store(), layout, shape_of(16), head, Arithmetic::fp16_fp32};
}
void bring(Scene& scene, const Matrix& vectors) {
    std::vector<Half> halves = store_words(flat(vectors), Arithmetic::fp16_fp32);
    scene.memory_access(tlm::TLM_WRITE_COMMAND, scene.address_of(query_at), halves.data(),
                        static_cast<std::uint32_t>(halves.size() * sizeof(Half)));
}

}  // namespace

TEST_CASE("attention on 2048 uniform codes takes a few rows of codes and the moves of scales") {
    // Row of key scales: 19 to 33; the codes' row opens at 64, when tRAS and tRP are over: MACs from 83, 64 in two rows
    // of 232 to 501. Row of value scales: 8, 19 and 19 later, at 547; 128 slots to 801, 64 slots of weights from 803 to
    // 929. Values from 930, as long as scores: to 1348; 16 slots of outputs, 1349 to 1379. With two bits it is one row
    // each: to 269, 315 to 569, 571 to 697, 698 to 884, 885 to 915.
    check({{16, 2048, 1379}, {4, 2048, 915}});
}

TEST_CASE("a cache quantized, appended to and attended by commands gives what its definition does") {
    Scene scene("scene");
    scene.firmware = [&] {
        constexpr std::uint32_t coded = 100;
        constexpr std::uint32_t recent = 3;
        constexpr int digits = 11;
        std::vector<Matrix> keys(heads);
        std::vector<Matrix> values(heads);
        const std::uint64_t table = scene.address_of(table_at);
        scene.put_table(table, std::vector{sequence_of(coded, recent)});
        std::vector<std::vector<Scale>> scales(heads);
        for (const bool is_value : {false, true}) {
            std::vector<Matrix>& tokens = is_value ? values : keys;
            const std::uint16_t flags = is_value ? AQPIM_PIM_FLAG_PER_TOKEN : 0;
            for (std::uint32_t h = 0; h < heads; ++h) {
                tokens[h] = random_tokens(coded + recent, head_dim, 1 + h + (is_value ? 10 : 0));
                const Matrix image(tokens[h].begin(), tokens[h].begin() + coded);
                const Matrix slots(tokens[h].begin() + coded, tokens[h].end());
                vectors_of(scene, h).write({image_at}, 0, flat(image));
                const UnitVectors::Place blocks{value_at, 2, block_stride};
                vectors_of(scene, h).write(is_value ? blocks : UnitVectors::Place{key_at}, 0, flat(slots));
                scales[h] = is_value ? scales[h] : channel_scales(image, head_dim, 16, digits);
            }
            CHECK(scene.command(quantize_of(scene, 16, flags)).status == AQPIM_DONE);
            // The token in slot 0 gets its code, a new one its slot.
            aqpim_pim_sequence place{};
            place.slot = 0;
            place.element = coded;
            scene.put_table(table, std::vector{place});
            const Matrix arriving = random_tokens(heads, head_dim, is_value ? 30 : 20);
            bring(scene, arriving);
            CHECK(scene.command(append_of(scene, 16, flags)).status == AQPIM_DONE);
            scene.put_table(table, std::vector{sequence_of(coded, recent)});
            for (std::uint32_t h = 0; h < heads; ++h) {
                for (std::uint32_t t = 0; t <= coded; ++t) {
                    tokens[h][t] = is_value ? value_from_codes(tokens[h][t], 16, digits)
                                            : key_from_codes(tokens[h][t], scales[h], 16);
                }
                tokens[h].push_back(arriving[h]);
            }
        }
        scene.put_table(table, std::vector{sequence_of(coded + 1, recent)});
        const Matrix queries = random_tokens(heads, head_dim, 40);
        bring(scene, queries);
        const aqpim_pim_attend_whole attend = attend_of(scene, 16);
        CHECK(scene.command(attend).status == AQPIM_DONE);
        std::vector<Half> output(heads * head_dim);
        scene.memory_access(tlm::TLM_READ_COMMAND, attend.output, output.data(), heads * head_dim * sizeof(Half));
        const std::vector<float> found = load_words(output, Arithmetic::fp16_fp32);
        for (std::uint32_t h = 0; h < heads; ++h) {
            const std::vector<float> of_head(&found[h * head_dim], &found[h * head_dim] + head_dim);
            CHECK(relative_error(of_head, attention(queries[h], keys[h], values[h])) < 2e-3);
        }
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

TEST_CASE("a token's scale and zero need two subvectors to lie in") {
    Scene scene("scene");
    scene.firmware = [&] {
        const aqpim_pim_sequence sequence{16, 8, AQPIM_PIM_NONE, AQPIM_PIM_NONE, 1, {}};
        scene.memory.store().write(scene.address_of(table_at), reinterpret_cast<const std::uint8_t*>(&sequence),
                                   sizeof sequence);
        auto attend = attend_of(scene, 16);
        attend.shape.subvectors = 1;
        CHECK(scene.command(attend).status == AQPIM_BAD_FIELD);
        auto quantize = quantize_of(scene, 16, AQPIM_PIM_FLAG_PER_TOKEN);
        quantize.shape.subvectors = 1;
        CHECK(scene.command(quantize).status == AQPIM_BAD_FIELD);
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}
