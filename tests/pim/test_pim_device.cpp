#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pim/pq_reference.h"

using namespace aqpim;

namespace {

constexpr std::uint32_t coded = 200;

/// Two KV heads, two queries each; one uncompressed token, which APPEND brings.
PqCase two_heads() {
    PqCase work;
    work.sequences = {sequence_of(coded, 1)};
    work.queries_per_head = 2;
    work.initial = AQPIM_INITIAL_KMEANS_PP;
    return work;
}

/// What APPEND does for the only sequence.
void set_append(PqScene& scene, std::uint32_t slot, std::uint32_t element) {
    auto sequences = scene.work.sequences;
    sequences.front().slot = slot;
    sequences.front().element = element;
    scene.put_table(scene.table, sequences);
}

/// New vectors of both heads, where APPEND looks for them.
std::vector<float> arrive(PqScene& scene, unsigned seed) {
    auto arriving = random_halves(2 * scene.work.shape.head_dim, seed);
    scene.memory_access(tlm::TLM_WRITE_COMMAND, scene.queries_at, arriving.data(),
                        static_cast<std::uint32_t>(arriving.size() * 2));
    return scene.decode(arriving);
}

void start(PqScene& scene, const std::function<void()>& firmware) {
    scene.firmware = [firmware] {
        firmware();
        sc_core::sc_stop();
    };
    sc_core::sc_start();
}

}  // namespace

TEST_CASE("the device quantizes, appends and attends, and returns what the memory's contents give") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        scene.quantize();
        const auto queries = scene.queries;
        for (const Tensor tensor : tensors) {
            const auto arriving = arrive(scene, 9 + tensor);
            set_append(scene, 0, AQPIM_PIM_NONE);
            CHECK(scene.command(scene.append_of(tensor)).status == AQPIM_DONE);
            const std::uint32_t head_dim = scene.work.shape.head_dim;
            for (std::uint32_t unit = 0; unit < 2; ++unit) {
                std::copy_n(arriving.begin() + unit * head_dim, head_dim,
                            scene.vectors[tensor][unit].begin() + coded * head_dim);
            }
        }
        for (std::uint32_t unit = 0; unit < 2; ++unit) {
            auto words = scene.encode(queries[unit]);
            scene.memory_access(tlm::TLM_WRITE_COMMAND, scene.queries_at + unit * words.size() * 2, words.data(),
                                static_cast<std::uint32_t>(words.size() * 2));
        }
        for (const aqpim_value_path path : {AQPIM_VALUE_LOOP, AQPIM_VALUE_HISTOGRAM}) {
            const auto outputs = scene.decode(scene.attend(path));
            CHECK(pq_reference::worst_error(outputs, pq_reference::attention(scene), scene.work.shape.head_dim) < 5e-3);
        }
    });
    CHECK(scene.device.errors() == 0);
    CHECK(scene.device.attention_cycles() > 0);
}

TEST_CASE("a token that leaves the window gets the code of its nearest centroid, and its slot the new token") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        scene.quantize();
        const std::uint32_t head_dim = scene.work.shape.head_dim;
        const auto arriving = arrive(scene, 77);
        set_append(scene, 0, coded);
        CHECK(scene.command(scene.append_of(keys)).status == AQPIM_DONE);
        for (std::uint32_t unit = 0; unit < 2; ++unit) {
            for (std::uint32_t i = 0; i < scene.work.shape.subvectors; ++i) {
                kmeans_scene::KmeansInput leaving;
                leaving.vectors = scene.part(keys, unit, i, coded, 1);
                leaving.dims = scene.dims();
                const auto codebook = kmeans_scene::widen(scene.codebook(keys, unit, 0, i));
                const auto code = scene.head(unit).read_codes(scene.code_columns(keys), i, coded, 1, 16).front();
                const double least =
                    kmeans_scene::distance(leaving, 0, codebook, kmeans_scene::nearest(leaving, 0, codebook));
                CHECK(kmeans_scene::distance(leaving, 0, codebook, code) <= least * (1 + 0x1p-10));
                const auto from = arriving.begin() + unit * head_dim + i * scene.dims();
                CHECK(scene.decode(scene.head(unit).read_vectors(scene.objects[keys].uncoded, i, 0, 1)) ==
                      std::vector<float>(from, from + scene.dims()));
            }
        }
    });
}

TEST_CASE("a token appended without a slot is encoded itself, by the window in which it lies") {
    PqCase work = two_heads();
    work.window = 80;
    work.sequences = {sequence_of(coded, 1, 2)};
    PqScene scene("scene", work);
    start(scene, [&] {
        scene.quantize();
        // The second window has the first one's centroids the other way round.
        const auto first = scene.encode(scene.codebook(values, 1, 0, 3));
        Words second;
        for (std::uint32_t c = 16; c-- != 0;) {
            second.insert(second.end(), first.begin() + c * scene.dims(), first.begin() + (c + 1) * scene.dims());
        }
        scene.head(1).write_codebook(scene.objects[values].codebook + scene.codebook_columns(), 3, second);
        // Window 0 ends at 80; all that comes later is window 1's.
        for (const auto& [element, window] : {std::pair{79U, 0U}, {80U, 1U}, {coded, 1U}, {coded + 40, 1U}}) {
            auto centroids = scene.encode(scene.codebook(values, 1, window, 3));
            const auto fifth = std::vector(centroids.begin() + 5 * scene.dims(), centroids.begin() + 6 * scene.dims());
            Words arriving(2 * scene.work.shape.head_dim);
            std::copy(fifth.begin(), fifth.end(), arriving.begin() + scene.work.shape.head_dim + 3 * scene.dims());
            scene.memory.store().write(scene.queries_at, reinterpret_cast<const std::uint8_t*>(arriving.data()),
                                       arriving.size() * 2);
            set_append(scene, AQPIM_PIM_NONE, element);
            const auto slot = scene.head(1).read_vectors(scene.objects[values].uncoded, 3, 0, 1);
            CHECK(scene.command(scene.append_of(values)).status == AQPIM_DONE);
            CHECK(scene.head(1).read_codes(scene.code_columns(values), 3, element, 1, 16) == Words{5});
            CHECK(scene.head(1).read_vectors(scene.objects[values].uncoded, 3, 0, 1) == slot);
        }
    });
}

TEST_CASE("descriptors that cannot be carried out end in the fitting status and change nothing") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        scene.quantize();
        const auto before = scene.quantized(0);
        const auto cluster_with = [&](auto change) {
            auto cluster = scene.cluster_of(keys);
            change(cluster);
            return scene.command(cluster).status;
        };
        CHECK(cluster_with([](auto& c) { c.header.opcode = 99; }) == AQPIM_BAD_OPCODE);
        CHECK(cluster_with([](auto& c) { c.shape.subvectors = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.subvectors = 7; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.heads = 3; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.heads = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.group_banks = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.group_banks = 48; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.group_banks = 192; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.centroids = 1; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.shape.centroids = 513; }) == AQPIM_UNSUPPORTED);
        CHECK(cluster_with([](auto& c) { c.sequences = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.sequences = 2; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.initial = 5; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.iterations = 101; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.elements = 0; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.elements = 0xffffffff; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.first = 0xffffffff; }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) {
                  c.shape.head_dim = 32768;
                  c.shape.subvectors = 64;
                  c.elements = 1 << 20;
              }) == AQPIM_BAD_FIELD);
        CHECK(cluster_with([](auto& c) { c.column_image = 0xffff0000; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.column_codebook = 0xffffffe0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.codes.count = 0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.codes.count = 0xffffffff; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.codes.extents = ~0ULL - 31; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) { c.table = ~0ULL - 31; }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) {
                  c.header.flags |= AQPIM_PIM_FLAG_WEIGHTED;
                  c.weights = ~0ULL - 31;
              }) == AQPIM_ADDRESS_ERROR);
        CHECK(cluster_with([](auto& c) {
                  c.header.flags |= AQPIM_PIM_FLAG_WEIGHTED;
                  c.weights_stride = coded;
              }) == AQPIM_BAD_FIELD);
        CHECK(scene.quantized(0) == before);
        CHECK(scene.read(AQPIM_PIM_ERRORS) == 26);
    });
}

TEST_CASE("an object of 4 GiB in one bank is no object of 0 bytes") {
    PqCase work = two_heads();
    work.shape = {1, 1024, 1, 2, 1};
    work.sequences = {sequence_of(1, 1)};
    work.settings = {{"pim.query_registers", "64"}, {"pim.code_registers", "64"}, {"pim.accumulators", "1024"}};
    PqScene scene("scene", work);
    start(scene, [&] {
        auto cluster = scene.cluster_of(keys);
        CHECK(scene.command(cluster).status == AQPIM_DONE);
        cluster.first = 1 << 20;
        cluster.elements = 1 << 20;
        CHECK(scene.command(cluster).status == AQPIM_BAD_FIELD);
        cluster.first = cluster.elements = 1 << 19;
        CHECK(scene.command(cluster).status == AQPIM_ADDRESS_ERROR);
    });
}

TEST_CASE("attention that cannot be carried out ends in the fitting status") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        const auto attend_with = [&](auto change) {
            auto attend = scene.attend_of(AQPIM_VALUE_LOOP);
            change(attend);
            return scene.command(attend).status;
        };
        const auto attend_over = [&](const aqpim_pim_sequence& sequence) {
            scene.put_table(scene.table, std::vector{sequence});
            return attend_with([](auto&) {});
        };
        CHECK(attend_over(sequence_of(0, 0)) == AQPIM_BAD_FIELD);
        CHECK(attend_over(sequence_of(coded, 0, 0)) == AQPIM_BAD_FIELD);
        CHECK(attend_over(sequence_of(0xffffffff, 1)) == AQPIM_BAD_FIELD);
        CHECK(attend_over(sequence_of(1, 0xffffffff)) == AQPIM_BAD_FIELD);
        CHECK(attend_over(sequence_of(1, 1, 0xffffffff)) == AQPIM_BAD_FIELD);
        CHECK(attend_over(sequence_of(1, 1, 1 << 20)) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_over(sequence_of(1 << 20, 1)) == AQPIM_ADDRESS_ERROR);  // more than its pages hold
        CHECK(attend_over(sequence_of(coded, 1)) == AQPIM_DONE);
        CHECK(attend_with([](auto& a) { a.queries_per_head = 0; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.value_path = 2; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.column_scratch += 1; }) == AQPIM_BAD_FIELD);
        CHECK(attend_with([](auto& a) { a.column_scratch = 0xffffffe0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.column_value_codebook = 0xffffffe0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.value_codes.count = 0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.query = ~0ULL - 31; }) == AQPIM_ADDRESS_ERROR);
        CHECK(attend_with([](auto& a) { a.output = 8; }) == AQPIM_ADDRESS_ERROR);
    });
}

TEST_CASE("APPEND refuses what lies beyond the memory or its pages") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        const auto append_with = [&](std::uint32_t slot, std::uint32_t element, auto change) {
            set_append(scene, slot, element);
            auto append = scene.append_of(keys);
            change(append);
            return scene.command(append).status;
        };
        const auto nothing = [](auto&) {};
        CHECK(append_with(AQPIM_PIM_NONE, AQPIM_PIM_NONE, nothing) == AQPIM_DONE);
        CHECK(append_with(0, 1 << 19, nothing) == AQPIM_ADDRESS_ERROR);
        CHECK(append_with(0, 1 << 20, nothing) == AQPIM_BAD_FIELD);
        CHECK(append_with(1 << 20, AQPIM_PIM_NONE, nothing) == AQPIM_BAD_FIELD);
        CHECK(append_with(0, 0, [](auto& a) { a.source = 8; }) == AQPIM_ADDRESS_ERROR);
        CHECK(append_with(0, 0, [](auto& a) { a.column_uncoded = 0xffffffe0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(append_with(0, 0, [](auto& a) { a.column_codebook = 0xffffffe0; }) == AQPIM_ADDRESS_ERROR);
        CHECK(append_with(0, 0, [](auto& a) { a.shape.centroids = 513; }) == AQPIM_UNSUPPORTED);
        CHECK(append_with(0, 0, [](auto& a) { a.sequences = 0xffffffff; }) == AQPIM_BAD_FIELD);
    });
}

TEST_CASE("channels that idle between commands have made their refreshes by the next one") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        set_append(scene, 0, AQPIM_PIM_NONE);
        std::vector<std::uint64_t> elapsed_ps;
        for (unsigned idle_us = 0; idle_us < 60; idle_us += 3) {
            wait(idle_us, sc_core::SC_US);
            elapsed_ps.push_back(scene.command(scene.append_of(keys)).elapsed_ps);
        }
        const auto [least, most] = std::minmax_element(elapsed_ps.begin(), elapsed_ps.end());
        // At most the refresh that happens to be under way: tRFC is 456 cycles of 769 ps, and rows close before it.
        CHECK(*most <= *least + (456 + 19) * 769);
    });
}

TEST_CASE("registers tell the memory's geometry") {
    PqScene scene("scene", two_heads());
    start(scene, [&] {
        CHECK(scene.read(AQPIM_PIM_ID) == AQPIM_PIM_MAGIC);
        CHECK(scene.read(AQPIM_PIM_CHANNELS) == 2);
        CHECK(scene.read(AQPIM_PIM_BANKS_PER_CHANNEL) == 64);
        CHECK(scene.read(AQPIM_PIM_COLUMNS) == 32);
        CHECK(scene.read(AQPIM_PIM_MAX_CENTROIDS) == 512);
        CHECK(scene.read(AQPIM_PIM_MEMORY_BYTES) == 2ULL << 30);
    });
}
