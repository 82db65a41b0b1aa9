#include "platform/accuracy.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "aqpim/pim.h"
#include "models/pim/head_data.h"
#include "platform/job_image.h"
#include "platform/unit_placement.h"

using namespace aqpim;

namespace {

constexpr std::uint32_t windows = 2;
constexpr std::uint32_t dims = 4;

/// A batch of two sequences with two layers, three KV heads and an order of engines and firmware that the test plays:
/// each object has its own columns, its codes in pages of one column that lie backwards.
struct Scene {
    Configuration configuration;
    dram::Organization organization;
    Inputs inputs;
    aqpim_job job;
    SparseMemory store;
    std::vector<aqpim_job_object> objects;
    std::vector<aqpim_job_sequence> sequences;

    explicit Scene(const std::vector<std::string>& assignments = {}) {
        const std::vector<std::string> shape = {"workload.layers=2",
                                                "workload.heads=6",
                                                "workload.kv_heads=3",
                                                "workload.head_dim=16",
                                                "workload.prompts=40,25",
                                                "workload.steps=2",
                                                "pq.subvectors=4",
                                                "pq.centroids=8",
                                                "pq.sinks=2",
                                                "pq.recent=4",
                                                "pq.window=10"};
        for (const auto& list : {shape, assignments}) {
            for (const std::string& assignment : list) {
                const std::size_t split = assignment.find('=');
                configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "--set");
            }
        }
        organization.channels = 2;
        inputs = load_inputs(configuration);
        const JobImage image = make_job(configuration, inputs, std::uint64_t{1} << 30);
        job = image.job;
        sequences = image.sequences;
        const UnitPlacement placement(organization, job);
        for (std::uint32_t b = 0; b < job.batch; ++b) {
            sequences[b].coded = sequences[b].prompt + job.steps - job.sinks - job.recent;
            sequences[b].windows = b == 0 ? windows : 1;
            sequences[b].wave = placement.wave(b);
        }
        write_objects(placement);
        for (std::uint32_t b = 0; b < job.batch; ++b) {
            for (std::uint32_t layer = 0; layer < job.layers; ++layer) {
                for (std::uint32_t head = 0; head < job.kv_heads; ++head) {
                    write_unit(placement, b, layer, head, false);
                    write_unit(placement, b, layer, head, true);
                }
            }
        }
    }

    void write_objects(const UnitPlacement& placement) {
        constexpr std::uint32_t spacing = 256;
        constexpr std::uint32_t pages = 40;
        const std::uint64_t tables = organization.channels * std::uint64_t{64} * 32 * 16384;  // behind all objects
        objects.resize(placement.object(job.batch - 1, job.layers - 1, true, job.kv_heads - 1) + 1);
        for (std::uint32_t index = 0; index < objects.size(); ++index) {
            aqpim_job_object& object = objects[index];
            object = {index * spacing, 0, 0, pages, tables + index * 1024};
            for (std::uint32_t page = 0; page < pages; ++page) {
                const aqpim_pim_extent extent{index * spacing + spacing - 1 - page, 1};
                store.write(object.codes + page * sizeof extent, reinterpret_cast<const std::uint8_t*>(&extent),
                            sizeof extent);
            }
        }
    }

    /// A centroid that anybody can work out from where it is.
    static float centroid(std::uint32_t unit, std::uint32_t window, std::uint32_t i, std::uint32_t c, std::uint32_t j) {
        return static_cast<float>((unit * 7 + window * 5 + i * 3 + c * 2 + j) % 32) / 16 - 1;
    }
    static std::uint16_t code(std::uint32_t unit, std::uint32_t i, std::uint32_t e) {
        return static_cast<std::uint16_t>((unit + 3 * i + e) % 8);
    }
    std::uint32_t unit(std::uint32_t b, std::uint32_t layer, std::uint32_t head, bool is_value) const {
        return ((b * job.layers + layer) * job.kv_heads + head) * 2 + (is_value ? 1 : 0);
    }

    void write_unit(const UnitPlacement& placement, std::uint32_t b, std::uint32_t layer, std::uint32_t head,
                    bool is_value) {
        const aqpim_job_object& object = objects[placement.object(b, layer, is_value, head)];
        HeadData data(store, placement.layout(b), job.subvectors, placement.group(b, head));
        const CodeColumns columns(store, {object.codes, object.extents, 0}, 1 << 20);
        const std::uint32_t codebook_columns = aqpim_codebook_columns(&placement.layout(b), job.centroids);
        for (std::uint32_t i = 0; i < job.subvectors; ++i) {
            for (std::uint32_t window = 0; window < sequences[b].windows; ++window) {
                std::vector<std::uint16_t> codebook;
                for (std::uint32_t n = 0; n < job.centroids * dims; ++n) {
                    codebook.push_back(
                        to_half(centroid(unit(b, layer, head, is_value), window, i, n / dims, n % dims)));
                }
                data.write_codebook(object.column_codebook + window * codebook_columns, i, codebook);
            }
            std::vector<std::uint16_t> codes;
            for (std::uint32_t e = 0; e < sequences[b].coded; ++e) {
                codes.push_back(code(unit(b, layer, head, is_value), i, e));
            }
            data.write_codes(columns, i, 0, codes, job.centroids);
        }
    }

    JobRemains remains() { return {job, objects, sequences, store, organization}; }
    PqContents read(bool is_value) { return read_pq_contents(remains(), is_value); }

    /// Channel `channel` of token `t` as attention at token `last` sees it, from the definitions alone.
    double seen(std::uint32_t b, std::uint32_t layer, std::uint32_t head, bool is_value, std::uint32_t t,
                std::uint32_t channel, std::uint32_t last) const {
        const Tensor& tensor = is_value ? inputs.of(b).values : inputs.of(b).keys;
        if (t < 2 || t + 4 > last) {
            return round_to_half(tensor.data[((layer * 3 + head) * tensor.shape[2] + t) * 16 + channel]);
        }
        const std::uint32_t of = unit(b, layer, head, is_value);
        const std::uint32_t i = channel / dims;
        const std::uint32_t window = b == 0 && t - 2 >= 10 ? 1 : 0;
        return centroid(of, window, i, code(of, i, t - 2), channel % dims);
    }

    /// Attention over the coded vectors.
    Tensor attention() const {
        Tensor outputs{{2, 2, 2, 6, 16}, {}};
        for (std::uint32_t row = 0; row < 2 * 2 * 2 * 6; ++row) {
            const std::uint32_t b = row / 24;
            const std::uint32_t layer = row / 6 % 2;
            const std::uint32_t head = row % 6 / 2;
            const std::uint32_t last = inputs.shape.prompts[b] + row / 12 % 2;
            const float* const query = &inputs.of(b).queries.data[row % 24 * 16];
            std::vector<double> output(16);
            double sum = 0;
            for (std::uint32_t t = 0; t <= last; ++t) {
                double score = 0;
                for (std::uint32_t c = 0; c < 16; ++c) {
                    score += round_to_half(query[c]) * seen(b, layer, head, false, t, c, last);
                }
                const double weight = std::exp(score / 4);
                sum += weight;
                for (std::uint32_t c = 0; c < 16; ++c) {
                    output[c] += weight * seen(b, layer, head, true, t, c, last);
                }
            }
            for (const double value : output) {
                outputs.data.push_back(static_cast<float>(value / sum));
            }
        }
        return outputs;
    }
};

}  // namespace

TEST_CASE("Codebooks of every window and codes of every page are read for each sequence") {
    Scene scene;
    const PqContents values = scene.read(true);
    CHECK(values.tokens == 42);
    CHECK(values.windows == windows);
    for (const std::uint32_t b : {0u, 1u}) {
        const std::uint32_t row = (b * 2 + 1) * 3 + 2;  // layer 1, KV head 2
        const std::uint32_t of = scene.unit(b, 1, 2, true);
        const std::uint32_t window = b == 0 ? 1 : 0;
        CHECK(values.codebook[(((row * windows + window) * 4 + 3) * 8 + 6) * dims + 1] ==
              Scene::centroid(of, window, 3, 6, 1));
        CHECK(values.codes[(row * 42 + 1) * 4] == uncoded);
        CHECK(values.codes[(row * 42 + 2) * 4 + 3] == Scene::code(of, 3, 0));
        CHECK(values.codes[(row * 42 + 22) * 4 + 1] == Scene::code(of, 1, 20));
        CHECK(values.codes[(row * 42 + scene.remains().tokens(b) - 4) * 4] == uncoded);
        CHECK(values.window[b * 42 + 11] == 0);
        CHECK(values.window[b * 42 + 12] == window);
    }
}

TEST_CASE("Tables that name no place of the memory give nothing") {
    const auto is_empty = [](const auto& spoil) {
        Scene scene;
        spoil(scene);
        return scene.read(false).codes.empty();
    };
    CHECK_FALSE(is_empty([](Scene&) {}));
    CHECK(is_empty([](Scene& scene) {
        scene.objects.pop_back();
        scene.objects.resize(2);
    }));
    CHECK(is_empty([](Scene& scene) { scene.objects[0].column_codebook = 1u << 31; }));
    CHECK(is_empty([](Scene& scene) { scene.objects[0].extents = 0; }));
    CHECK(is_empty([](Scene& scene) { scene.sequences[1].coded = 26; }));
    CHECK(is_empty([](Scene& scene) { scene.sequences[1].wave = 1; }));
    CHECK(is_empty([](Scene& scene) { scene.sequences[0].windows = 0; }));
}

TEST_CASE("Attention over the coded vectors of a batch has no error against them") {
    Scene scene;
    const Accuracy accuracy =
        measure_accuracy(scene.inputs, scene.job, scene.read(false), scene.read(true), scene.attention());
    CHECK(*accuracy.relative_l2_coded < 1e-6);
    CHECK(accuracy.relative_l2_exact > 0.1);
}

TEST_CASE("One wrong output shows in the error") {
    Scene scene;
    Tensor attention = scene.attention();
    double norm = 0;
    for (const float value : attention.data) {
        norm += static_cast<double>(value) * value;
    }
    attention.data.back() += static_cast<float>(0.5 * std::sqrt(norm));
    CHECK(
        *measure_accuracy(scene.inputs, scene.job, scene.read(false), scene.read(true), attention).relative_l2_coded ==
        Approx(0.5).epsilon(1e-5));
}

TEST_CASE("The error of keys is that of what their codes stand for, over coded tokens") {
    Scene scene;
    double difference = 0;
    double norm = 0;
    for (std::uint32_t b = 0; b < 2; ++b) {
        for (std::uint32_t n = 0; n < 6 * scene.sequences[b].coded * 16; ++n) {
            const std::uint32_t t = n / 16 % scene.sequences[b].coded + 2;
            const std::uint32_t row = n / 16 / scene.sequences[b].coded;
            const Tensor& keys = scene.inputs.of(b).keys;
            const double exact = round_to_half(keys.data[(row * keys.shape[2] + t) * 16 + n % 16]);
            const double coded = scene.seen(b, row / 3, row % 3, false, t, n % 16, 1000);
            difference += (coded - exact) * (coded - exact);
            norm += exact * exact;
        }
    }
    const Accuracy accuracy =
        measure_accuracy(scene.inputs, scene.job, scene.read(false), scene.read(true), scene.attention());
    CHECK(*accuracy.relative_l2_keys == Approx(std::sqrt(difference / norm)));
    CHECK(*accuracy.nearest_codes < 0.5);
}

TEST_CASE("Work beyond some seconds is not measurable") {
    Scene scene;
    CHECK(is_measurable(scene.inputs, scene.job));
    std::fill(scene.inputs.shape.prompts.begin(), scene.inputs.shape.prompts.end(), 1u << 20);
    CHECK_FALSE(is_measurable(scene.inputs, scene.job));
}

TEST_CASE("Uniform codes are read with the scale and zero of their channel, or of their token") {
    Scene scene({"workload.policy=int4", "workload.head_dim=64"});
    const UnitPlacement placement(scene.organization, scene.job);
    const aqpim_layout& layout = placement.layout(1);
    const std::uint32_t coded = scene.sequences[1].coded;
    for (const bool is_value : {false, true}) {
        aqpim_job_object& object = scene.objects[placement.object(1, 1, is_value, 2)];
        object.column_codes = object.column_codebook + 128;
        const std::uint32_t group = placement.group(1, 2);
        HeadData codes(scene.store, aqpim_uniform_layout(&layout, 16), 4, group);
        HeadData of_channels(scene.store, layout, 4, group);
        HeadData of_tokens(scene.store, aqpim_token_parameter_layout(&layout), 4, group);
        // Channels 0 to 15 of subvector 1 of element 5: codes 15, 14, ... 0.
        codes.write_vectors(object.column_codes, 1, 5, {0xcdef, 0x89ab, 0x4567, 0x0123});
        if (is_value) {
            of_tokens.write_vectors(object.column_codebook, 0, 5, {to_half(0.5F)});
            of_tokens.write_vectors(object.column_codebook, 1, 5, {to_half(-3.0F)});
        } else {
            std::vector<std::uint16_t> scales(16, to_half(0.25F));
            std::vector<std::uint16_t> zeros(16, to_half(1.0F));
            scales[1] = to_half(2.0F);
            of_channels.write_vectors(object.column_codebook, 1, 0, scales);
            of_channels.write_vectors(object.column_codebook, 1, 1, zeros);
        }
        const PqContents contents = read_uniform_contents(scene.remains(), is_value);
        REQUIRE(contents.tokens == 42);
        const float* const unit = &contents.vectors[((1 * 2 + 1) * 3 + 2) * 42 * 64];
        const float* const vector = unit + (2 + 5) * 64 + 16;
        CHECK(vector[0] == (is_value ? 15 * 0.5F - 3 : 15 * 0.25F + 1));
        CHECK(vector[1] == (is_value ? 14 * 0.5F - 3 : 14 * 2.0F + 1));
        CHECK(vector[15] == (is_value ? -3.0F : 1.0F));
        CHECK(std::isnan(unit[0]));
        CHECK(std::isnan(unit[(2 + coded) * 64]));
    }
}
