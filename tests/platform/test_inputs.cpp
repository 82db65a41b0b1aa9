#include <catch2/catch.hpp>

#include <filesystem>

#include "models/common/error.h"
#include "platform/inputs.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using Catch::Contains;
using test::TemporaryDirectory;

namespace {

constexpr std::size_t layers = 2;
constexpr std::size_t kv_heads = 2;
constexpr std::size_t heads = 4;
constexpr std::size_t dims = 16;
constexpr std::size_t tokens = 12;
constexpr std::size_t steps = 3;

/// Element n has the value n, modulo what fp16 holds exactly.
Tensor counted(std::vector<std::size_t> shape) {
    Tensor tensor{std::move(shape), {}};
    for (std::size_t n = 0; n < tensor.elements(); ++n) {
        tensor.data.push_back(static_cast<float>(n % 1024));
    }
    return tensor;
}

struct Scene {
    TemporaryDirectory directory;
    Configuration configuration;

    /// A shape without tensors.
    Scene() {
        set({"workload.layers=2", "workload.heads=4", "workload.kv_heads=2", "workload.head_dim=16",
             "workload.prompt=9", "workload.steps=3", "pq.subvectors=4", "pq.centroids=4"});
    }

    void set(const std::vector<std::string>& assignments) {
        for (const std::string& assignment : assignments) {
            const std::size_t split = assignment.find('=');
            configuration.table.set(assignment.substr(0, split), assignment.substr(split + 1), "--set");
        }
    }

    std::string tensor(const std::string& name, std::vector<std::size_t> shape) const {
        const std::string file = directory.path(name);
        write_npy(file, counted(std::move(shape)));
        return file;
    }

    void give_tensors() {
        set({"workload.keys=" + tensor("keys.npy", {layers, kv_heads, tokens, dims}),
             "workload.values=" + tensor("values.npy", {layers, kv_heads, tokens, dims}),
             "workload.queries=" + tensor("queries.npy", {steps, layers, heads, dims})});
    }

    Inputs load() const {
        configuration.check();
        return load_inputs(configuration);
    }

    std::string refusal() const {
        try {
            load();
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }
};

}  // namespace

TEST_CASE("Random sequences of a batch have their own lengths and their own numbers") {
    Scene scene;
    scene.set({"workload.prompts=9, 4,7"});
    const Inputs inputs = scene.load();
    CHECK(inputs.shape.prompts == std::vector<std::uint32_t>{9, 4, 7});
    CHECK(inputs.shape.prompt == 9);
    REQUIRE(inputs.activations.size() == 3);
    CHECK(inputs.of(1).keys.shape == std::vector<std::size_t>{2, 2, 7, 16});
    CHECK(inputs.of(0).queries.data != inputs.of(1).queries.data);
}

TEST_CASE("A random sequence of a batch is what it is alone with the next seed") {
    Scene batch;
    batch.set({"workload.batch=2", "sim.seed=5"});
    Scene alone;
    alone.set({"sim.seed=6"});
    CHECK(batch.load().of(1).values.data == alone.load().of(0).values.data);
}

TEST_CASE("All sequences of a batch use the tensors that are given, shorter ones their beginning") {
    Scene scene;
    scene.give_tensors();
    scene.set({"workload.prompt=0", "workload.prompts=8,5", "workload.steps=2"});
    const Inputs inputs = scene.load();
    CHECK(inputs.are_shared());
    CHECK(inputs.shape.prompts == std::vector<std::uint32_t>{8, 5});
    CHECK(inputs.of(1).keys.shape == std::vector<std::size_t>{layers, kv_heads, 10, dims});
    CHECK(inputs.of(1).keys.data[10 * dims] == static_cast<float>(tokens * dims));
    CHECK(inputs.of(1).queries.shape.front() == 2);
}

TEST_CASE("Without data a full-size batch has a shape and nothing else") {
    Configuration configuration;
    for (const auto& [key, value] :
         {std::pair{"workload.model", "mistral-7b"}, std::pair{"workload.batch", "16"},
          std::pair{"workload.prompt", "32768"}, std::pair{"workload.steps", "1"}, std::pair{"sim.data", "timing"}}) {
        configuration.table.set(key, value, "--set");
    }
    const Inputs inputs = load_inputs(configuration);
    CHECK(inputs.shape.batch() == 16);
    CHECK(inputs.shape.layers == 32);
    CHECK(inputs.of(15).keys.data.empty());
}

TEST_CASE("Tensors that are given tell the shape of a run without data") {
    Scene scene;
    scene.give_tensors();
    scene.set({"sim.data=timing"});
    CHECK(scene.load().shape.tokens() == tokens);
    CHECK(scene.load().of(0).keys.data.empty());
}

TEST_CASE("Keys and queries come in the order of the keys' channels, values in their own") {
    Scene scene;
    scene.give_tensors();
    ChannelOrder order = identity_order(layers, kv_heads, dims);
    std::swap(order.channels[0], order.channels[3]);  // of layer 0, KV head 0
    write_channel_order(scene.directory.path("order.npy"), order);
    scene.set({"workload.rope=none", "workload.key_order=" + scene.directory.path("order.npy")});
    const Inputs inputs = scene.load();
    CHECK(inputs.of(0).keys.data[0] == 3);
    CHECK(inputs.of(0).keys.data[3] == 0);
    CHECK(inputs.of(0).queries.data[dims] == dims + 3);  // of query head 1, which reads KV head 0
    CHECK(inputs.of(0).queries.data[2 * dims] == 2 * dims);
    CHECK(inputs.of(0).values.data[0] == 0);
}

TEST_CASE("A codebook that is given for one head serves all") {
    Scene scene;
    const std::string keys = scene.tensor("k.npy", {1, 1, 1, 4, 4, 4});
    const std::string values = scene.tensor("v.npy", {layers, 1, 1, 4, 4, 4});
    scene.set({"pq.initial=given", "pq.codebook_keys=" + keys, "pq.codebook_values=" + values});
    const GivenCodebooks codebooks = scene.load().codebooks;
    CHECK(codebooks.layers == layers);
    CHECK(codebooks.kv_heads == 1);
    REQUIRE(codebooks.keys.size() == layers * 64);
    // Centroid 1 of all four subvectors: elements [i][1][j] of the file.
    CHECK(codebooks.keys[16] == 4);
    CHECK(codebooks.keys[16 + 4] == 16 + 4);
    CHECK(codebooks.keys[64 + 16] == 4);
    CHECK(codebooks.values[64 + 16 + 15] == 64 + 3 * 16 + 4 + 3);
}

TEST_CASE("A codebook for each KV head stands beside one for all") {
    Scene scene;
    const std::string keys = scene.tensor("k.npy", {1, kv_heads, 1, 4, 4, 4});
    const std::string values = scene.tensor("v.npy", {1, 1, 1, 4, 4, 4});
    scene.set({"pq.initial=given", "pq.codebook_keys=" + keys, "pq.codebook_values=" + values});
    const GivenCodebooks codebooks = scene.load().codebooks;
    CHECK(codebooks.layers == 1);
    CHECK(codebooks.kv_heads == kv_heads);
    REQUIRE(codebooks.values.size() == kv_heads * 64);
    CHECK(codebooks.keys[64] == 64);
    CHECK(codebooks.values[64] == 0);
    CHECK(codebooks.values[64 + 63] == 63);
}

TEST_CASE("Prompts that do not make a batch are refused") {
    Scene scene;
    const auto refusal = [&](const std::string& prompts, const std::string& batch = "1") {
        scene.set({"workload.prompts=" + prompts, "workload.batch=" + batch});
        return scene.refusal();
    };
    CHECK_THAT(refusal("4,5", "3"), Contains("workload.prompts: 2 lengths") && Contains("asks for 3"));
    CHECK_THAT(refusal("4,x"), Contains("'x'") && Contains("1 to 1048576"));
    CHECK_THAT(refusal("4,,5"), Contains("''"));
    CHECK_THAT(refusal("0"), Contains("'0'"));
    scene.give_tensors();
    CHECK_THAT(refusal("10"), Contains("10 found") && Contains("9 tokens"));
}

TEST_CASE("What only goes with something else is refused without it") {
    Scene scene;
    const auto refusal = [&](const std::vector<std::string>& assignments) {
        Scene fresh;
        fresh.set(assignments);
        return fresh.refusal();
    };
    CHECK_THAT(refusal({"workload.prefill=skip"}), Contains("sim.data = timing"));
    CHECK(refusal({"workload.prefill=skip", "sim.data=timing"}).empty());
    CHECK_THAT(refusal({"pq.initial=given"}), Contains("pq.codebook_keys: no file"));
    CHECK_THAT(refusal({"pq.codebook_values=x.npy"}), Contains("pq.codebook_values: 'x.npy'"));
    CHECK_THAT(refusal({"pq.centroids=513"}), Contains("513 found") && Contains("up to 512") && Contains("1024 bytes"));
    CHECK(refusal({"pq.centroids=1024", "dram.columns=64"}).empty());
    CHECK(refusal({"pq.centroids=1024", "workload.policy=fp16", "workload.head_dim=64"}).empty());
    CHECK_THAT(refusal({"workload.policy=int4"}), Contains("head_dim: 16") && Contains("multiples of 64"));
    CHECK_THAT(refusal({"pim.data_bytes=1"}), Contains("workload.policy = aqpim"));
}

TEST_CASE("A codebook of another shape is refused") {
    Scene scene;
    const std::string good = scene.tensor("good.npy", {1, 1, 1, 4, 4, 4});
    for (const std::vector<std::size_t>& shape :
         {std::vector<std::size_t>{1, 1, 1, 4, 4}, {3, 1, 1, 4, 4, 4}, {1, 1, 2, 4, 4, 4}, {1, 1, 1, 4, 8, 4}}) {
        const std::string bad = scene.tensor("bad.npy", shape);
        scene.set({"pq.initial=given", "pq.codebook_keys=" + good, "pq.codebook_values=" + bad});
        CHECK_THAT(scene.refusal(), Contains("bad.npy") && Contains("[2 or 1, 2 or 1, 1, 4, 4, 4]"));
    }
}

TEST_CASE("A value that bf16 holds and fp16 does not is refused for fp16 only") {
    Scene scene;
    scene.give_tensors();
    Tensor large = counted({layers, kv_heads, tokens, dims});
    large.data[7] = 1e30F;
    write_npy(scene.directory.path("keys.npy"), large);
    CHECK_THAT(scene.refusal(), Contains("keys.npy") && Contains("65504"));
    scene.set({"pim.arithmetic=bf16"});
    CHECK(scene.refusal().empty());
}
