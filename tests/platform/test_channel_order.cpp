#include "platform/channel_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>

#include "models/common/error.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;
using Channels = std::vector<std::uint16_t>;

namespace {

/// Whole numbers from -8 to 8: sums of their products are exact in any order.
Tensor whole_numbers(std::vector<std::size_t> shape, unsigned seed = 1) {
    Tensor tensor{std::move(shape), {}};
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < tensor.elements(); ++i) {
        tensor.data.push_back(static_cast<float>(static_cast<int>(random() % 17) - 8));
    }
    return tensor;
}

/// One head whose channel c at token t is signal(c, t).
template <class Signal>
Tensor one_head(std::size_t tokens, std::size_t head_dim, const Signal& signal) {
    Tensor tensor{{1, 1, tokens, head_dim}, {}};
    for (std::size_t t = 0; t < tokens; ++t) {
        for (std::size_t c = 0; c < head_dim; ++c) {
            tensor.data.push_back(static_cast<float>(signal(c, t)));
        }
    }
    return tensor;
}

/// Row n of a Hadamard matrix: signals of different n are orthogonal over 2^k > n tokens.
int signal_of(std::size_t n, std::size_t token) {
    return __builtin_popcountll(n & token) % 2 == 0 ? 1 : -1;
}

Channels channels_of(const Tensor& activations, std::size_t subvectors, RopePairs pairs, std::uint64_t seed = 1) {
    return sort_channels(activations, subvectors, pairs, seed).channels;
}

std::string refusal(const Tensor& activations, std::size_t subvectors, RopePairs pairs) {
    return message_of<InputError>([&] { sort_channels(activations, subvectors, pairs, 1); });
}

bool is_permutation_of_channels(std::span<const std::uint16_t> order) {
    Channels sorted(order.begin(), order.end());
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted[i] != i) {
            return false;
        }
    }
    return true;
}

bool holds(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("channels that carry the same signal share a subvector, however strong they are") {
    const Tensor activations =
        one_head(64, 16, [](std::size_t c, std::size_t t) { return static_cast<int>(c + 1) * signal_of(c % 4, t); });
    CHECK(channels_of(activations, 4, RopePairs::none) ==
          Channels{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15});
}

TEST_CASE("channels that carry opposite signals are the least similar") {
    const Tensor activations =
        one_head(8, 4, [](std::size_t c, std::size_t t) { return (c % 2 == 0 ? 2 : -3) * signal_of(1, t); });
    CHECK(channels_of(activations, 2, RopePairs::none) == Channels{0, 2, 1, 3});
}

TEST_CASE("a subvector takes the channels most similar to its reference") {
    // Cosines with channel 0: 3/5 for channel 1, 4/5 for channel 2, 0 for channel 3; 1 and 2: 12/25.
    const Tensor activations = one_head(8, 4, [](std::size_t c, std::size_t t) {
        const int own = signal_of(c, t);
        const int shared = signal_of(0, t);
        return c == 0 ? shared : c == 1 ? 3 * shared + 4 * own : c == 2 ? 4 * shared + 3 * own : own;
    });
    std::set<Channels> found;
    for (std::uint64_t seed = 0; seed < 64; ++seed) {
        found.insert(channels_of(activations, 2, RopePairs::none, seed));
    }
    // By the first reference: 0 takes 2, 2 takes 0, 1 takes 0, and 3, similar to none, the first one.
    CHECK(found == std::set<Channels>{{0, 2, 1, 3}, {0, 1, 2, 3}, {0, 3, 1, 2}});
}

TEST_CASE("RoPE pairs that carry the same signals share a subvector, even when one is turned against the other") {
    // Pairs p and p + 4 of eight; the second one turned by 90 degrees.
    const auto pair_signal = [](std::size_t pair, std::size_t member, std::size_t t) {
        const std::size_t group = pair % 4;
        const bool turned = pair >= 4;
        const int sign = turned && member == 0 ? -1 : 1;
        return sign * signal_of(2 * group + (turned ? 1 - member : member), t);
    };
    const Tensor interleaved =
        one_head(16, 16, [&](std::size_t c, std::size_t t) { return pair_signal(c / 2, c % 2, t); });
    CHECK(channels_of(interleaved, 4, RopePairs::interleaved) ==
          Channels{0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15});
    const Tensor half = one_head(16, 16, [&](std::size_t c, std::size_t t) { return pair_signal(c % 8, c / 8, t); });
    CHECK(channels_of(half, 4, RopePairs::half) == Channels{0, 8, 4, 12, 1, 9, 5, 13, 2, 10, 6, 14, 3, 11, 7, 15});
}

TEST_CASE("every order has each channel once, and never tears a RoPE pair apart") {
    const std::size_t d = 24;
    const Tensor activations = whole_numbers({2, 3, 20, d});
    for (const RopePairs pairs : {RopePairs::none, RopePairs::interleaved, RopePairs::half}) {
        for (const std::size_t subvectors : {1, 2, 3, 4, 6, 12}) {
            const ChannelOrder order = sort_channels(activations, subvectors, pairs, 5);
            REQUIRE(order.shape() == std::vector<std::size_t>{2, 3, d});
            for (std::size_t head = 0; head < 6; ++head) {
                const auto channels = order.head(head / 3, head % 3);
                CHECK(is_permutation_of_channels(channels));
                for (std::size_t i = 0; pairs != RopePairs::none && i < d; i += 2) {
                    const bool is_half = pairs == RopePairs::half;
                    CHECK(channels[i + 1] == channels[i] + (is_half ? d / 2 : 1));
                    CHECK((is_half || channels[i] % 2 == 0));
                }
            }
        }
    }
}

TEST_CASE("the seed alone decides which references are drawn") {
    const Tensor activations = whole_numbers({2, 2, 30, 32});
    const ChannelOrder order = sort_channels(activations, 8, RopePairs::interleaved, 7);
    CHECK(sort_channels(activations, 8, RopePairs::interleaved, 7) == order);
    CHECK(sort_channels(activations, 8, RopePairs::interleaved, 8) != order);
    CHECK(!std::equal(order.head(0, 0).begin(), order.head(0, 0).end(), order.head(1, 1).begin()));
}

TEST_CASE("one channel in each subvector leaves nothing to sort") {
    for (const RopePairs pairs : {RopePairs::none, RopePairs::interleaved, RopePairs::half}) {
        CHECK(sort_channels(whole_numbers({1, 2, 10, 6}), 6, pairs, 3) == identity_order(1, 2, 6));
    }
}

TEST_CASE("silent channels, and a single token, still give an order") {
    const Tensor silent = one_head(4, 8, [](std::size_t c, std::size_t t) { return c == 5 ? signal_of(1, t) : 0; });
    CHECK(is_permutation_of_channels(channels_of(silent, 2, RopePairs::none)));
    CHECK(is_permutation_of_channels(channels_of(whole_numbers({1, 1, 1, 8}), 2, RopePairs::half)));
}

TEST_CASE("samples that cannot be sorted are refused") {
    const Tensor activations = whole_numbers({1, 1, 10, 12});
    CHECK(holds(refusal(activations, 5, RopePairs::none), "pq.subvectors: 5 found; a divisor of head_dim 12"));
    CHECK(holds(refusal(activations, 0, RopePairs::none), "pq.subvectors: 0 found"));
    CHECK(
        holds(refusal(activations, 4, RopePairs::interleaved), "pq.subvectors: 4 found, 3 channels in each; an even"));
    CHECK(refusal(activations, 4, RopePairs::none).empty());
    CHECK(holds(refusal(whole_numbers({1, 10, 12}), 4, RopePairs::none), "shape [1, 10, 12] found"));
    CHECK(holds(refusal(whole_numbers({1, 1, 0, 12}), 4, RopePairs::none), "shape [1, 1, 0, 12] found"));
    CHECK(holds(refusal(whole_numbers({1, 1, 1, 1026}), 2, RopePairs::none), "head_dim up to 1024"));
}

TEST_CASE("mean similarity is that of the channels within subvectors") {
    // Channels 0 and 2 are opposite, 1 and 3 the same, all others orthogonal.
    const Tensor activations =
        one_head(8, 4, [](std::size_t c, std::size_t t) { return (c == 2 ? -2 : 1) * signal_of(c % 2, t); });
    ChannelOrder order = identity_order(1, 1, 4);
    CHECK(mean_similarity(activations, order, 2) == 0);
    CHECK(mean_similarity(activations, order, 1) == Approx(2.0 / 6));
    CHECK(mean_similarity(activations, order, 4) == 0);
    order.channels = {0, 2, 1, 3};
    CHECK(mean_similarity(activations, order, 2) == Approx(1));
}

TEST_CASE("scores do not change when keys and queries are sorted") {
    Tensor keys = whole_numbers({2, 3, 5, 8}, 1);
    Tensor queries = whole_numbers({4, 2, 6, 8}, 2);
    const auto scores = [&] {
        std::vector<float> all;
        for (std::size_t row = 0; row < queries.data.size() / 8; ++row) {
            const std::size_t layer = row / 6 % 2;
            const std::size_t kv_head = row % 6 / 2;
            for (std::size_t token = 0; token < 5; ++token) {
                all.push_back(std::inner_product(&queries.data[row * 8], &queries.data[row * 8] + 8,
                                                 &keys.data[((layer * 3 + kv_head) * 5 + token) * 8], 0.0F));
            }
        }
        return all;
    };
    const std::vector<float> before = scores();
    const std::vector<float> unsorted_keys = keys.data;
    const ChannelOrder order = sort_channels(whole_numbers({2, 3, 30, 8}, 3), 2, RopePairs::half, 4);
    sort_vectors(keys, order);
    CHECK(keys.data != unsorted_keys);
    CHECK(scores() != before);
    sort_queries(queries, order);
    CHECK(scores() == before);
}

TEST_CASE("sorted vectors have at each position the channel that the order names") {
    Tensor values{{1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    sort_vectors(values, ChannelOrder{1, 2, 3, {2, 0, 1, 1, 0, 2}});
    CHECK(values.data == std::vector<float>{3, 1, 2, 6, 4, 5, 8, 7, 9, 11, 10, 12});
}

TEST_CASE("outputs in the sorted order of values are restored, whatever dimensions come before their layers") {
    const ChannelOrder order{1, 2, 3, {2, 0, 1, 1, 2, 0}};
    const std::vector<float> sorted = {3, 1, 2, 6, 4, 5, 8, 9, 7, 11, 12, 10};
    const std::vector<float> original = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Tensor three{{1, 4, 3}, sorted};
    restore_outputs(three, order);
    CHECK(three.data == original);
    Tensor five{{2, 1, 1, 4, 3}, sorted};
    five.data.insert(five.data.end(), sorted.begin(), sorted.end());
    restore_outputs(five, order);
    CHECK(std::equal(original.begin(), original.end(), five.data.begin() + 12));
    sort_queries(five, order);
    CHECK(std::equal(sorted.begin(), sorted.end(), five.data.begin() + 12));
}

TEST_CASE("tensors of another shape than the order's are not touched") {
    const ChannelOrder order = identity_order(2, 2, 4);
    Tensor queries = whole_numbers({3, 2, 3, 4});
    CHECK_THROWS_AS(sort_queries(queries, order), std::invalid_argument);
    Tensor outputs = whole_numbers({3, 4, 4, 4});
    CHECK_THROWS_AS(restore_outputs(outputs, order), std::invalid_argument);
    Tensor keys = whole_numbers({2, 1, 3, 4});
    CHECK_THROWS_AS(sort_vectors(keys, order), std::invalid_argument);
}

TEST_CASE("an order reads back as it was written") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("o.npy");
    const ChannelOrder order = sort_channels(whole_numbers({2, 2, 30, 8}), 2, RopePairs::half, 9);
    write_channel_order(file, order);
    CHECK(read_channel_order(file, 2, 2, 8, RopePairs::half) == order);
    write_channel_order(file, identity_order(1, 2, 6));
    CHECK(read_channel_order(file, 1, 2, 6, RopePairs::half) == identity_order(1, 2, 6));
}

TEST_CASE("files that hold no order of these channels are refused") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("o.npy");
    const auto refused = [&](RopePairs pairs = RopePairs::none) {
        return message_of<InputError>([&] { read_channel_order(file, 1, 2, 4, pairs); });
    };
    const auto holding = [&](Channels channels, RopePairs pairs = RopePairs::none) {
        write_channel_order(file, ChannelOrder{1, 2, 4, std::move(channels)});
        const std::string message = refused(pairs);
        CHECK((message.empty() || message.starts_with(file)));
        return message;
    };
    CHECK(holds(refused(), "o.npy: cannot be read"));
    CHECK(holding({3, 0, 1, 2, 0, 1, 2, 3}).empty());
    CHECK(holds(holding({0, 1, 2, 3, 1, 0, 1, 2}), "layer 0, KV head 1: channel 1 found twice; each of 0 to 3 once"));
    CHECK(holds(holding({0, 4, 2, 3, 0, 1, 2, 3}), "layer 0, KV head 0: channel 4 found; each of 0 to 3 once"));
    CHECK(holding({2, 3, 0, 1, 0, 1, 2, 3}, RopePairs::interleaved).empty());
    CHECK(holding({1, 3, 0, 2, 0, 1, 2, 3}, RopePairs::half).empty());
    CHECK(holds(holding({0, 1, 2, 3, 0, 2, 1, 3}, RopePairs::interleaved),
                "KV head 1: channels 0 and 2 found at positions 0 and 1"));
    CHECK(holds(holding({0, 1, 2, 3, 2, 3, 1, 0}, RopePairs::interleaved), "(2i, 2i + 1), first before second"));
    CHECK(holds(holding({0, 1, 2, 3, 1, 2, 3, 0}, RopePairs::interleaved), "channels 1 and 2"));
    CHECK(holds(holding({2, 3, 0, 1, 0, 1, 2, 3}, RopePairs::half), "(i, i + head_dim / 2)"));

    write_npy(file, {2, 4}, Channels{0, 1, 2, 3, 0, 1, 2, 3});
    CHECK(holds(refused(), "shape [2, 4] found; [layers, kv_heads, head_dim] = [1, 2, 4] is allowed"));
    write_npy(file, Tensor{{1, 2, 4}, {0, 1, 2, 3, 0, 1, 2, 3}});
    CHECK(holds(refused(), "type '<f4' with fortran_order False found"));
    write_channel_order(file, identity_order(1, 2, 4));
    const std::string whole = directory.read("o.npy");
    directory.write("o.npy", whole.substr(0, whole.size() - 1));
    CHECK(holds(refused(), "15 bytes of data found; 16 are allowed"));
    directory.write("o.npy", whole + "x");
    CHECK(holds(refused(), "17 bytes of data found"));
    for (const std::size_t length : {0, 7, 9, 10, 50, 127}) {
        directory.write("o.npy", whole.substr(0, length));
        CHECK(holds(refused(), "o.npy: no "));
    }
    std::string long_header = whole.substr(0, 128);
    long_header[8] = 127;
    directory.write("o.npy", long_header);
    CHECK(holds(refused(), "o.npy: no header"));
    directory.write("o.npy", "not an array but a text");
    CHECK(holds(refused(), "no .npy file of format 1.0"));
}

TEST_CASE("pairs go by the names of workload.rope") {
    CHECK(rope_pairs("none") == RopePairs::none);
    CHECK(rope_pairs("interleaved") == RopePairs::interleaved);
    CHECK(rope_pairs("half") == RopePairs::half);
    CHECK(message_of<InputError>([] { rope_pairs("both"); }) ==
          "workload.rope: 'both' found; allowed: none, interleaved, half");
}
