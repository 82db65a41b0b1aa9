#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <set>
#include <vector>

extern "C" {
#include "aqpim/pim.h"
#include "window.h"
}

namespace {

/// Keeps tokens one by one, as the rules say: sinks stay, the oldest recent token leaves when there are more than
/// `recent`.
struct Sequence {
    explicit Sequence(const window& w) : shape(w) {}

    void add(unsigned token) {
        if (token < shape.sinks) {
            sinks.push_back(token);
            return;
        }
        recent.push_back(token);
        if (recent.size() > shape.recent) {
            coded.push_back(recent.front());
            recent.erase(recent.begin());
        }
    }

    window shape;
    std::vector<unsigned> sinks;
    std::vector<unsigned> recent;
    std::vector<unsigned> coded;
};

/// What firmware's bookkeeping makes of slots and codes.
struct Memory {
    std::map<unsigned, unsigned> slots;     // slot -> token
    std::map<unsigned, unsigned> elements;  // element -> token

    void prefill(const window& w) {
        const token_range sinks = window_prompt_sinks(&w);
        for (unsigned i = 0; i < sinks.count; ++i) {
            slots[i] = sinks.first + i;
        }
        const token_range recent = window_prompt_recent(&w);
        for (unsigned i = 0; i < recent.count; ++i) {
            slots[w.sinks + i] = recent.first + i;
        }
        const token_range coded = window_coded(&w);
        for (unsigned i = 0; i < coded.count; ++i) {
            elements[i] = coded.first + i;
        }
    }

    void append(const token_place& step, unsigned token) {
        const bool has_slot = step.slot != AQPIM_PIM_NONE;
        if (step.element != AQPIM_PIM_NONE) {
            elements[step.element] = has_slot ? slots.at(step.slot) : token;
        } else if (has_slot) {
            REQUIRE(slots.count(step.slot) == 0);
        }
        if (has_slot) {
            slots[step.slot] = token;
        }
    }
};

void check_seen(const Memory& memory, const Sequence& sequence, unsigned coded, unsigned uncoded) {
    REQUIRE(memory.elements.size() == coded);
    REQUIRE(coded == sequence.coded.size());
    for (unsigned e = 0; e < coded; ++e) {
        REQUIRE(memory.elements.at(e) == sequence.coded[e]);
        REQUIRE(memory.elements.at(e) == sequence.shape.sinks + e);
    }
    std::set<unsigned> expected(sequence.sinks.begin(), sequence.sinks.end());
    expected.insert(sequence.recent.begin(), sequence.recent.end());
    std::set<unsigned> seen;
    REQUIRE(memory.slots.size() == uncoded);
    for (unsigned slot = 0; slot < uncoded; ++slot) {
        seen.insert(memory.slots.at(slot));
    }
    REQUIRE(seen == expected);
}

void check_run(const window& w) {
    Sequence sequence(w);
    Memory memory;
    for (unsigned token = 0; token < w.prompt; ++token) {
        sequence.add(token);
    }
    memory.prefill(w);
    check_seen(memory, sequence, window_coded(&w).count, static_cast<unsigned>(memory.slots.size()));
    for (unsigned step = 0; step < w.steps; ++step) {
        const token_place place = window_step(&w, step);
        sequence.add(w.prompt + step);
        memory.append(place, w.prompt + step);
        check_seen(memory, sequence, place.coded, place.uncoded);
        REQUIRE(place.uncoded <= window_slots(&w));
        REQUIRE(place.coded <= window_code_elements(&w));
    }
    const token_range clustered = window_clustered(&w);
    REQUIRE(clustered.count <= window_code_elements(&w));
    REQUIRE((clustered.count > 0) == !sequence.coded.empty());
    REQUIRE((clustered.count == 0 || clustered.first + clustered.count <= w.prompt));
}

}  // namespace

TEST_CASE("every token is kept exactly once, as a sink, as recent or as a code") {
    for (unsigned prompt = 1; prompt <= 14; ++prompt) {
        for (unsigned steps = 0; steps <= 14; ++steps) {
            for (unsigned sinks = 0; sinks <= 6; ++sinks) {
                for (unsigned recent = 0; recent <= 6; ++recent) {
                    CAPTURE(prompt, steps, sinks, recent);
                    check_run({prompt, steps, sinks, recent, 0});
                    check_run({prompt, steps, sinks, recent, 3});
                }
            }
        }
    }
}

TEST_CASE("the default window keeps 8 sinks and 32 recent tokens and codes the rest") {
    const window w{960, 64, 8, 32, 0};
    CHECK(window_coded(&w).first == 8);
    CHECK(window_coded(&w).count == 920);
    CHECK(window_prompt_recent(&w).first == 928);
    CHECK(window_code_elements(&w) == 984);
    const token_place first = window_step(&w, 0);
    CHECK(first.slot == 8);
    CHECK(first.element == 920);
    CHECK(first.coded == 921);
    CHECK(first.uncoded == 40);
}

TEST_CASE("a codebook is made from the whole prompt when nothing is coded before the decode steps") {
    const window behind_sinks{20, 40, 8, 32, 0};
    CHECK(window_coded(&behind_sinks).count == 0);
    CHECK(window_clustered(&behind_sinks).first == 8);
    CHECK(window_clustered(&behind_sinks).count == 12);
    const window only_sinks{4, 60, 8, 32, 0};
    CHECK(window_clustered(&only_sinks).first == 0);
    CHECK(window_clustered(&only_sinks).count == 4);
    const window never{4, 2, 8, 32, 0};
    CHECK(window_clustered(&never).count == 0);
}

TEST_CASE("a codebook is made for every so many elements of the prompt, and none while decoding") {
    const auto codebooks = [](unsigned prompt, unsigned elements) {
        const window w{prompt, 600, 8, 32, elements};
        return window_codebooks(&w);
    };
    CHECK(codebooks(1064, 0) == 1);
    CHECK(codebooks(1064, 512) == 2);
    CHECK(codebooks(1065, 512) == 3);
    CHECK(codebooks(41, 512) == 1);
    CHECK(codebooks(40, 512) == 1);  // for the codes to come
    CHECK(codebooks(40, 10) == 1);
    const window never{4, 2, 8, 32, 10};
    CHECK(window_codebooks(&never) == 0);
    const window short_prompt{40, 600, 8, 32, 10};
    CHECK(window_clustered(&short_prompt).first == 8);
    CHECK(window_clustered(&short_prompt).count == 10);
}
