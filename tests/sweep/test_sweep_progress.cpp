#include <catch2/catch.hpp>
#include <sstream>

#include "platform/sweep/sweep_progress.h"

using namespace aqpim;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {
const SweepProgress::Clock::time_point begin{};
}  // namespace

TEST_CASE("progress tells what is done and running and failed and left and how long it may take") {
    const SweepCounts counts{20, 12, 1, 2};
    CHECK(progress_text(counts, seconds(0)) == "12 done, 2 running, 1 failed, 5 left");
    CHECK(progress_text(counts, seconds(59)) == "12 done, 2 running, 1 failed, 5 left, about 59 s to go");
    CHECK(progress_text(counts, seconds(200)) == "12 done, 2 running, 1 failed, 5 left, about 3 min 20 s to go");
    CHECK(progress_text(counts, seconds(7300)) == "12 done, 2 running, 1 failed, 5 left, about 2 h 1 min to go");
}

TEST_CASE("the time to go is what points took on average for as many side by side") {
    std::ostringstream out;
    SweepProgress progress(out, ProgressDisplay::off);
    progress.begin({10, 2, 0, 0});
    progress.started(2, begin);
    progress.started(3, begin);
    CHECK(progress.to_go(begin + seconds(5)) == seconds(0));
    progress.ended(2, true, begin + seconds(10));
    progress.ended(3, false, begin + seconds(20));
    progress.started(4, begin + seconds(20));
    // 15 s each: 5 that have not begun, and one that has run for 3 s.
    CHECK(progress.to_go(begin + seconds(23)) == seconds((5 * 15 + 12 + 1) / 2));
    CHECK(progress.counts().done == 3);
    CHECK(progress.counts().failed == 1);
    CHECK(progress.counts().running == 1);
    progress.lost(4);
    CHECK(progress.counts().left() == 6);
}

TEST_CASE("without a terminal a line is printed now and then and only when something has changed") {
    std::ostringstream out;
    SweepProgress progress(out, ProgressDisplay::log);
    progress.begin({2, 0, 0, 0});
    progress.show(begin + minutes(1));
    progress.started(0, begin + minutes(1));
    progress.show(begin + minutes(1) + seconds(1));
    CHECK(out.str() == "0 done, 0 running, 0 failed, 2 left\n");
    progress.show(begin + minutes(2));
    progress.show(begin + minutes(3));
    CHECK(out.str() == "0 done, 0 running, 0 failed, 2 left\n0 done, 1 running, 0 failed, 1 left\n");
}

TEST_CASE("on a terminal one line is drawn again and erased at the end") {
    std::ostringstream out;
    {
        SweepProgress progress(out, ProgressDisplay::line);
        progress.begin({2, 0, 0, 0});
        progress.show(begin + minutes(1));
    }
    CHECK(out.str() == "\r\x1b[K0 done, 0 running, 0 failed, 2 left\r\x1b[K");
}
