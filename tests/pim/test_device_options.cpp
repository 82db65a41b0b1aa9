#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>

#include "tests/pim/pq_reference.h"

using namespace aqpim;

namespace {

/// How far arithmetic takes results from float64's.
struct Tolerance {
    double inertia = 0.01;
    double code_slack = 0;  ///< of the squared distance
    double attention = 5e-3;
    double paths = 1e-3;
};

/// Where clustering starts: the first window from vectors of the image, others from the codebook before.
std::vector<double> initial_of(PqScene& scene, const pq_reference::Place& place) {
    return place.window == 0
               ? pq_reference::first_centroids(pq_reference::input_of(scene, place), scene.work.shape.centroids)
               : kmeans_scene::widen(scene.codebook(place.tensor, place.unit, place.window - 1, place.i));
}

/// Quantizes and attends; checks the clustering of the last unit, and the attention of all.
bool check_against_float64(PqScene& scene, const Tolerance& tolerance) {
    CAPTURE(scene.work.shape.centroids, scene.work.sequences.front().coded, scene.work.queries_per_head);
    scene.quantize();
    pq_reference::Share codes;
    for (const Tensor tensor : tensors) {
        for (std::uint32_t window = 0; window < scene.windows(); ++window) {
            pq_reference::Inertia inertia;  // of the head: one subvector's Lloyd may turn on a single vector
            for (std::uint32_t i = 0; i < scene.work.shape.subvectors; ++i) {
                const pq_reference::Place place{tensor, scene.units() - 1, window, i};
                inertia += pq_reference::inertia_of(scene, place, initial_of(scene, place));
                codes += pq_reference::nearest_codes(scene, place, tolerance.code_slack);
            }
            CHECK(inertia.found <= inertia.expected * (1 + tolerance.inertia));
            CHECK(inertia.found >= inertia.expected * (1 - tolerance.inertia));
        }
    }
    CAPTURE(codes.right, codes.all);
    CHECK(static_cast<double>(codes.right) >= 0.999 * static_cast<double>(codes.all));
    const auto loop = scene.decode(scene.attend(AQPIM_VALUE_LOOP));
    const auto histogram = scene.decode(scene.attend(AQPIM_VALUE_HISTOGRAM));
    const auto expected = pq_reference::attention(scene);
    CHECK(pq_reference::worst_error(loop, expected, scene.work.shape.head_dim) < tolerance.attention);
    CHECK(pq_reference::worst_error(histogram, expected, scene.work.shape.head_dim) < tolerance.attention);
    CHECK(pq_reference::worst_error(histogram, loop, scene.work.shape.head_dim) < tolerance.paths);
    return true;
}

void check_against_float64(const std::vector<PqCase>& cases, const Tolerance& tolerance = {}) {
    in_scenes(cases, [&](PqScene& scene) { return check_against_float64(scene, tolerance); });
}

const Parameters::Settings wide_rows = {{"dram.columns", "64"}, {"pim.accumulators", "1024"}};

PqCase case_of(std::uint16_t centroids, std::uint32_t tokens, std::uint16_t queries = 1,
               const Parameters::Settings& settings = {}) {
    PqCase result;
    result.shape = {1, 16, 4, centroids, 64};
    result.sequences = {sequence_of(tokens, 8)};
    result.queries_per_head = queries;
    result.settings = settings;
    return result;
}

PqCase windows_of(PqCase result, std::uint32_t window, std::uint32_t windows) {
    result.window = window;
    result.sequences.front().windows = windows;
    return result;
}

/// Vectors of `dims`, in ascending order.
std::vector<std::vector<float>> rows_of(const std::vector<float>& numbers, std::size_t dims) {
    std::vector<std::vector<float>> rows;
    for (auto at = numbers.begin(); at != numbers.end(); at += static_cast<std::ptrdiff_t>(dims)) {
        rows.emplace_back(at, at + static_cast<std::ptrdiff_t>(dims));
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

/// Clustering of keys from initial centroids of which all dimensions are the same number.
aqpim_pim_cluster given_centroids(PqScene& scene, const std::vector<float>& numbers) {
    aqpim_pim_cluster cluster = scene.cluster_of(keys);
    cluster.initial = AQPIM_INITIAL_VECTORS;
    cluster.column_initial = scene.take(32);
    std::vector<float> centroids;
    for (const float number : numbers) {
        centroids.insert(centroids.end(), scene.dims(), number);
    }
    for (std::uint32_t i = 0; i < scene.work.shape.subvectors; ++i) {
        scene.head(0).write_vectors(cluster.column_initial, i, 0, scene.encode(centroids));
    }
    return cluster;
}

/// Runs two cases and compares all that they leave in the memory.
void check_same_bits(const PqCase& a, const PqCase& b) {
    const auto results = in_scenes({a, b}, [](PqScene& scene) { return scene.run_whole(); });
    CHECK(results[0] == results[1]);
}

}  // namespace

TEST_CASE("few centroids: clustering and attention are those of float64") {
    check_against_float64({case_of(2, 1), case_of(2, 40, 4), case_of(2, 4096), case_of(16, 40, 8), case_of(16, 1000)});
}

TEST_CASE("512 centroids: clustering and attention are those of float64") {
    check_against_float64({case_of(512, 1), case_of(512, 40, 4), case_of(512, 1000, 8), case_of(512, 4096)});
}

TEST_CASE("1024 centroids in rows of 64 columns: clustering and attention are those of float64") {
    check_against_float64({case_of(1024, 1, 4, wide_rows), case_of(1024, 40, 1, wide_rows),
                           case_of(1024, 1000, 1, wide_rows), case_of(1024, 4096, 1, wide_rows)});
}

TEST_CASE("three windows: each starts from the codebook before, and attention reads its own") {
    check_against_float64({windows_of(case_of(16, 1000, 4), 400, 3), windows_of(case_of(512, 4096), 1500, 3),
                           windows_of(case_of(100, 333), 111, 3)});
}

TEST_CASE("centroids that are no power of two, and subvectors of one and of many dimensions") {
    PqCase narrow = case_of(300, 500);
    narrow.shape.subvectors = 16;
    PqCase wide = case_of(20, 500);
    wide.shape.subvectors = 1;
    PqCase slots = case_of(20, 500);
    slots.shape = {2, 48, 24, 20, 16};
    check_against_float64({narrow, wide, slots});
}

TEST_CASE("weights pull centroids as float64's weighted means do") {
    PqCase weighted = case_of(16, 1000);
    weighted.flags = AQPIM_PIM_FLAG_WEIGHTED;
    PqCase windows = windows_of(weighted, 400, 3);
    check_against_float64({weighted, windows});
}

// Every product and sum is rounded to 11 bits: cluster sums of some 60 vectors, attention of 1000 tokens in 16 lanes.
TEST_CASE("pure fp16 stays within two percent of float64") {
    check_against_float64({case_of(16, 1000, 1, {{"pim.arithmetic", "fp16"}})}, Tolerance{0.01, 0x1p-8, 2e-2, 2e-2});
}

// Numbers of 8 bits: distances, table entries, exponentials and outputs are rounded to one part in 256.
TEST_CASE("bf16 stays within three percent of float64") {
    check_against_float64({case_of(16, 1000, 1, {{"pim.arithmetic", "bf16"}})}, Tolerance{0.02, 0x1p-7, 3e-2, 1e-2});
}

TEST_CASE("reuse over grouped queries changes no bit") {
    const auto with = [](const char* reuse, std::uint16_t queries) {
        return case_of(16, 300, queries, {{"pim.gqa_reuse", reuse}});
    };
    const auto results = in_scenes(
        {with("false", 1), with("true", 1), with("false", 4), with("true", 4), with("false", 8), with("true", 8)},
        [](PqScene& scene) { return scene.run_whole(); });
    CHECK(results[0] == results[1]);
    CHECK(results[2] == results[3]);
    CHECK(results[4] == results[5]);
}

TEST_CASE("where the least distance is found changes no bit") {
    check_same_bits(case_of(64, 300, 1, {{"pim.argmin", "buffer"}}), case_of(64, 300, 1, {{"pim.argmin", "bank"}}));
}

TEST_CASE("codes in scattered pages give the same bits as in one piece") {
    PqCase scattered = windows_of(case_of(300, 1000), 400, 3);
    const PqCase whole = scattered;
    scattered.page_columns = 1;
    check_same_bits(scattered, whole);
}

TEST_CASE("how many banks a group has changes no bit") {
    std::vector<PqCase> cases;
    for (const std::uint32_t group_banks : {64U, 128U, 32U, 8U, 2U}) {
        cases.push_back(windows_of(case_of(100, 500), 200, 3));
        cases.back().shape.group_banks = group_banks;
    }
    const auto results = in_scenes(cases, [](PqScene& scene) { return scene.run_whole(); });
    for (const Words& result : results) {
        CHECK(result == results.front());
    }
}

TEST_CASE("k-means++ and random start from different vectors of the image, and reach float64's inertia from there") {
    std::vector<PqCase> cases;
    for (const std::uint16_t initial : {AQPIM_INITIAL_KMEANS_PP, AQPIM_INITIAL_RANDOM}) {
        cases.push_back(case_of(16, 300));
        cases.back().initial = initial;
    }
    in_scenes(cases, [](PqScene& scene) {
        auto cluster = scene.cluster_of(keys);
        cluster.iterations = 0;  // leaves the initial centroids
        CHECK(scene.command(cluster).status == AQPIM_DONE);
        const pq_reference::Place place{keys, 0, 0, 2};
        const auto initial = scene.codebook(keys, 0, 0, place.i);
        const auto rows = rows_of(scene.part(keys, 0, place.i, 0, 300), scene.dims());
        const auto drawn = rows_of(initial, scene.dims());
        CHECK(std::includes(rows.begin(), rows.end(), drawn.begin(), drawn.end()));
        CHECK(std::adjacent_find(drawn.begin(), drawn.end()) == drawn.end());
        CHECK(scene.command(scene.cluster_of(keys)).status == AQPIM_DONE);
        const auto inertia = pq_reference::inertia_of(scene, place, kmeans_scene::widen(initial));
        CHECK(inertia.found == Approx(inertia.expected).epsilon(0.01));
        return true;
    });
}

TEST_CASE("given vectors are the initial centroids: of equal ones the lowest index has the vectors, or the highest") {
    std::vector<PqCase> cases = {case_of(4, 40), case_of(4, 40)};
    cases[1].flags = AQPIM_PIM_FLAG_HIGHEST;
    const auto codes = in_scenes(cases, [](PqScene& scene) {
        auto cluster = given_centroids(scene, {100, 0, 0, 0});
        cluster.iterations = 0;
        CHECK(scene.command(cluster).status == AQPIM_DONE);
        return scene.codes(keys, 0, 0);
    });
    CHECK(codes[0] == Words(40, 1));
    CHECK(codes[1] == Words(40, 3));
}

TEST_CASE("a centroid without vectors keeps its place, or takes the vector farthest from its own") {
    std::vector<PqCase> cases = {case_of(2, 40), case_of(2, 40)};
    cases[1].flags = AQPIM_PIM_FLAG_FARTHEST;
    in_scenes(cases, [](PqScene& scene) {
        auto cluster = given_centroids(scene, {0, 100});
        cluster.iterations = 1;
        CHECK(scene.command(cluster).status == AQPIM_DONE);
        // All vectors are nearer to 0; of them the longest is farthest from it.
        const auto rows = rows_of(scene.part(keys, 0, 0, 0, 40), scene.dims());
        const auto longest = std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
            return std::inner_product(a.begin(), a.end(), a.begin(), 0.0) <
                   std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
        });
        const auto found = rows_of(scene.codebook(keys, 0, 0, 0), scene.dims());
        const bool farthest = (scene.work.flags & AQPIM_PIM_FLAG_FARTHEST) != 0;
        CHECK(std::count(found.begin(), found.end(), farthest ? *longest : std::vector<float>(4, 100)) == 1);
        return true;
    });
}

TEST_CASE("more than the registers or a row can hold is refused as unsupported") {
    const auto status_of = [](PqCase given, const Parameters::Settings& settings) {
        given.settings.insert(given.settings.end(), settings.begin(), settings.end());
        return given;
    };
    PqCase wide = case_of(16, 40);
    wide.shape.subvectors = 1;
    wide.shape.head_dim = 32;  // 64 B: two columns
    const std::vector<PqCase> cases = {
        status_of(case_of(512, 40), {{"pim.accumulators", "511"}}),
        status_of(case_of(1024, 40), {{"pim.accumulators", "1024"}}),
        status_of(case_of(1024, 40), {{"dram.columns", "64"}}),
        status_of(wide, {{"pim.code_registers", "1"}}),
        status_of(wide, {{"pim.query_registers", "1"}}),
        status_of(wide, {{"pim.accumulators", "31"}}),
    };
    const auto statuses = in_scenes(cases, [](PqScene& scene) {
        return std::pair{scene.command(scene.cluster_of(keys)).status,
                         scene.command(scene.attend_of(AQPIM_VALUE_LOOP)).status};
    });
    for (std::size_t index = 0; index < cases.size(); ++index) {
        CAPTURE(index);
        CHECK(statuses[index].first == AQPIM_UNSUPPORTED);
        CHECK(statuses[index].second == AQPIM_UNSUPPORTED);
    }
}
