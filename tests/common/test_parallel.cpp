#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "models/common/parallel.h"

using namespace aqpim;

namespace {

/// As many threads as a test wants, and all cores again afterwards.
struct Threads {
    explicit Threads(unsigned count) { set_parallel_threads(count); }
    ~Threads() { set_parallel_threads(0); }
};

}  // namespace

TEST_CASE("each index is called once, on any number of threads") {
    for (const unsigned threads : {0, 1, 2, 7}) {
        const Threads set(threads);
        for (const std::size_t count : {0, 1, 2, 1000}) {
            std::vector<std::atomic<int>> calls(count);
            parallel_for(count, [&](std::size_t i) { ++calls[i]; });
            CHECK(std::all_of(calls.begin(), calls.end(), [](const auto& called) { return called == 1; }));
        }
    }
}

TEST_CASE("bodies run side by side") {
    const Threads set(3);
    std::atomic<int> arrived = 0;
    parallel_for(3, [&](std::size_t) {
        ++arrived;
        while (arrived < 3) {
            std::this_thread::yield();
        }
    });
    CHECK(arrived == 3);
}

TEST_CASE("a call from within a body stays in that body's thread") {
    const Threads set(4);
    std::atomic<int> elsewhere = 0;
    parallel_for(8, [&](std::size_t) {
        const auto outer = std::this_thread::get_id();
        parallel_for(8, [&](std::size_t) { elsewhere += std::this_thread::get_id() == outer ? 0 : 1; });
    });
    CHECK(elsewhere == 0);
}

TEST_CASE("the exception of the lowest index that throws reaches the caller") {
    for (const unsigned threads : {1, 4}) {
        const Threads set(threads);
        for (int round = 0; round < 50; ++round) {
            const auto work = [] {
                parallel_for(100, [](std::size_t i) {
                    if (i == 5 || i == 6 || i > 50) {
                        throw std::runtime_error(std::to_string(i));
                    }
                });
            };
            CHECK_THROWS_WITH(work(), "5");
        }
    }
}

TEST_CASE("after an exception the next call works on all threads again") {
    const Threads set(2);
    CHECK_THROWS(parallel_for(2, [](std::size_t) { throw std::runtime_error("stop"); }));
    std::atomic<int> arrived = 0;
    parallel_for(2, [&](std::size_t) {
        ++arrived;
        while (arrived < 2) {
            std::this_thread::yield();
        }
    });
    CHECK(arrived == 2);
}
