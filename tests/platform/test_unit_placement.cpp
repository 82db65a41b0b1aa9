#include <catch2/catch.hpp>

#include <set>

#include "aqpim/pim.h"
#include "platform/kv_bytes.h"
#include "platform/unit_placement.h"

using namespace aqpim;

namespace {

aqpim_job make_job(std::uint32_t batch, std::uint32_t kv_heads, std::uint32_t subvectors, std::uint32_t head_dim) {
    aqpim_job job{};
    job.batch = batch;
    job.layers = 3;
    job.kv_heads = kv_heads;
    job.heads = kv_heads;
    job.subvectors = subvectors;
    job.centroids = 4;
    job.head_dim = head_dim;
    return job;
}

dram::Organization channels(std::uint32_t count) {
    dram::Organization organization;
    organization.channels = count;
    return organization;
}

}  // namespace

TEST_CASE("Units that fit side by side make one wave and one set of heads") {
    const UnitPlacement placement(channels(16), make_job(2, 4, 32, 128));  // 8 units of 2 channels of 64 banks each
    CHECK(placement.layout(0).groups == 8);
    CHECK(placement.layout(1).splits == 4);
    CHECK(placement.waves() == 1);
    CHECK(placement.head_sets() == 1);
    CHECK(placement.group(0, 0) == 0);
    CHECK(placement.group(1, 0) == 1);
    CHECK(placement.group(0, 1) == 2);
    CHECK(placement.group(1, 3) == 7);
    CHECK(placement.bank_utilisation() == 1.0);
}

TEST_CASE("More units than groups are served in sets of heads") {
    // Half a channel holds 32 subvectors, so there are 8 groups: of each of 2 sequences, 4 heads at a time.
    const UnitPlacement placement(channels(4), make_job(2, 6, 32, 128));
    CHECK(placement.layout(0).groups == 8);
    CHECK(placement.head_sets() == 2);
    CHECK(placement.group(1, 5) == 1 * 2 + 1);
    CHECK(placement.object(1, 0, false, 3) == 0);
    CHECK(placement.object(1, 0, false, 4) == 1);
    CHECK(placement.object(1, 2, true, 5) == (2 * 2 + 1) * 2 + 1);
}

TEST_CASE("More sequences than groups are served in waves, of which the last divides the memory for itself") {
    const UnitPlacement placement(channels(2), make_job(5, 3, 32, 128));  // four groups of half a channel each
    CHECK(placement.waves() == 2);
    CHECK(placement.wave(3) == 0);
    CHECK(placement.wave(4) == 1);
    CHECK(placement.head_sets() == 3);
    CHECK(placement.group(3, 2) == 3);
    CHECK(placement.object(3, 1, true, 2) == (1 * 2 + 1) * 3 + 2);
    // The fifth sequence has all four groups, and so its three heads together.
    CHECK(placement.layout(4).groups == 4);
    CHECK(placement.group(4, 2) == 2);
    CHECK(placement.object(4, 1, true, 2) == ((3 + 1) * 2 + 1) * 3);
}

TEST_CASE("A last wave of fewer units than channels has larger groups") {
    const UnitPlacement placement(channels(4), make_job(9, 1, 32, 128));
    CHECK(placement.layout(7).groups == 8);
    CHECK(placement.layout(8).groups == 1);
    CHECK(placement.layout(8).splits == 8);
    CHECK(placement.group(8, 0) == 0);
}

TEST_CASE("No two units that are served together share a bank") {
    for (const std::uint32_t batch : {1u, 2u, 3u, 16u, 33u}) {
        const aqpim_job job = make_job(batch, 8, 16, 128);
        const UnitPlacement placement(channels(16), job);
        std::set<std::pair<std::uint64_t, std::uint32_t>> used;
        for (std::uint32_t sequence = 0; sequence < batch; ++sequence) {
            for (std::uint32_t head = 0; head < job.kv_heads; ++head) {
                CHECK(placement.group(sequence, head) < placement.layout(sequence).groups);
                CHECK(used.emplace(placement.object(sequence, 0, false, head), placement.group(sequence, head)).second);
            }
        }
    }
}

TEST_CASE("Banks without a subvector are idle") {
    // 24 subvectors: of a channel's 64 banks two splits of 24 are used.
    CHECK(UnitPlacement(channels(1), make_job(1, 1, 24, 192)).bank_utilisation() == Approx(48.0 / 64));
    // Three units of five channels each, of 16.
    CHECK(UnitPlacement(channels(16), make_job(1, 3, 32, 128)).bank_utilisation() == Approx(15.0 / 16));
    // Two slots of each bank hold 128 subvectors.
    CHECK(UnitPlacement(channels(1), make_job(1, 1, 128, 128)).bank_utilisation() == 1.0);
}

TEST_CASE("An fp16 unit has a channel for each of its query heads") {
    aqpim_job job = make_job(1, 4, 4, 128);
    job.policy = AQPIM_POLICY_FP16;
    job.heads = 8;
    CHECK(UnitPlacement(channels(16), job).layout(0).groups == 8);
    CHECK(UnitPlacement(channels(16), job).bank_utilisation() == 0.5);
}

TEST_CASE("Packed bytes are those of codebooks, codes and uncompressed tokens of each sequence") {
    aqpim_job job = make_job(2, 5, 4, 64);
    job.steps = 10;
    job.sinks = 8;
    const std::vector<aqpim_job_sequence> sequences{{90, 60, 1, 0}, {40, 10, 2, 0}};
    CHECK(kv_bytes_fp16(job, sequences) == 2 * 3 * 5 * 150 * 64 * 2);
    // Of one side: 4 centroids of 64 channels in each of 3 windows, 70 tokens of 4 codes of 2 bits, 80 tokens in fp16.
    CHECK(kv_bytes_packed(job, sequences) == 2 * 3 * 5 * (3 * 4 * 64 * 2 + 70 + 80 * 64 * 2));
}

TEST_CASE("Packed bytes of four-bit quantization hold two values a byte, and each scale and zero") {
    aqpim_job job = make_job(1, 5, 4, 64);
    job.policy = AQPIM_POLICY_UNIFORM;
    job.centroids = 16;
    const std::vector<aqpim_job_sequence> sequences{{100, 60, 0, 0}};
    CHECK(kv_bytes_packed(job, sequences) == 3 * 5 * (2 * (40 * 64 * 2 + 60 * 32) + (64 + 60) * 4));
}
