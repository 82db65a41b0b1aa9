// How long the engines' clustering of one head takes, beside faiss's for the same work in the same run. Not a test.
// usage: bench_kmeans [THREADS]     (default: all cores)

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "models/common/parallel.h"
#include "models/pim/kmeans.h"

using namespace aqpim;

namespace {

constexpr std::size_t tokens = 32768;
constexpr std::size_t dims = 4;
constexpr std::size_t subvectors = 32;
constexpr std::size_t centroids = 512;
constexpr unsigned iterations = 4;
constexpr int rounds = 5;

std::vector<std::vector<float>> some_vectors() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> vectors(subvectors, std::vector<float>(tokens * dims));
    for (auto& subvector : vectors) {
        for (float& value : subvector) {
            value = round_to_half(normal(random));
        }
    }
    return vectors;
}

/// The best of some runs, in seconds.
template <typename Work>
double measure(const Work& work) {
    double best = 1e9;
    for (int round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        best = std::min(best, taken.count());
    }
    return best;
}

void cluster_all(const std::vector<std::vector<float>>& vectors, Initial initial) {
    parallel_for(subvectors, [&](std::size_t i) {
        const KmeansInput input{vectors[i], {}, tokens, dims, {}};
        KmeansOptions options{centroids, iterations, i};
        options.initial = initial;
        cluster(input, options);
    });
}

void faiss_one(const std::vector<float>& vectors) {
    faiss::ClusteringParameters parameters;
    parameters.niter = iterations;
    parameters.nredo = 1;
    parameters.max_points_per_centroid = tokens;
    faiss::Clustering clustering(dims, centroids, parameters);
    faiss::IndexFlatL2 index(dims);
    clustering.train(tokens, vectors.data(), index);
    std::vector<float> distances(tokens);
    std::vector<std::int64_t> codes(tokens);
    index.search(tokens, vectors.data(), 1, distances.data(), codes.data());
}

}  // namespace

int main(int argc, char** argv) {
    const int threads = argc > 1 ? std::atoi(argv[1]) : omp_get_num_procs();
    set_parallel_threads(static_cast<unsigned>(threads));
    const auto vectors = some_vectors();
    const double plus_plus = measure([&] { cluster_all(vectors, Initial::kmeans_pp); });
    const double random = measure([&] { cluster_all(vectors, Initial::random); });
    // faiss's own threads within a clustering, and a clustering on each thread: the better one counts.
    omp_set_num_threads(threads);
    const double faiss_inner = measure([&] { std::for_each(vectors.begin(), vectors.end(), faiss_one); });
    const double faiss_outer = measure([&] {
        parallel_for(subvectors, [&](std::size_t i) {
            omp_set_num_threads(1);
            faiss_one(vectors[i]);
        });
    });
    const double faiss_best = std::min(faiss_inner, faiss_outer);
    fmt::print("one head: {} tokens, {} subvectors of {}, {} centroids, {} iterations, {} threads\n", tokens,
               subvectors, dims, centroids, iterations, threads);
    fmt::print("{:24} {:8.3f} s\n", "ours, k-means++", plus_plus);
    fmt::print("{:24} {:8.3f} s\n", "ours, random start", random);
    fmt::print("{:24} {:8.3f} s\n", "faiss, threads inside", faiss_inner);
    fmt::print("{:24} {:8.3f} s\n", "faiss, threads outside", faiss_outer);
    fmt::print("faiss / ours: {:.2f} (k-means++), {:.2f} (random start, as faiss does)\n", faiss_best / plus_plus,
               faiss_best / random);
}
