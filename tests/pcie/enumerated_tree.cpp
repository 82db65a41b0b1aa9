#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/pcie/tree.h"

namespace aqpim {

namespace {

void enumerate(const std::vector<Tree*>& trees) {
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    REQUIRE(play([&] {
        for (Tree* const tree : trees) {
            tree->enumerate();
        }
    }));
    sc_core::sc_start(1, sc_core::SC_MS);  // enumeration is over on every link
}

}  // namespace

EnumeratedTree::EnumeratedTree(const PcieParameters& parameters) : tree("tree", parameters, recorder) {
    enumerate({&tree});
}

BothFidelities::BothFidelities(const PcieParameters& parameters) {
    for (const char* const fidelity : {"fast", "detailed"}) {
        PcieParameters own = parameters;
        own.fidelity = fidelity;
        trees.push_back(std::make_unique<Tree>(fidelity, own, recorder));
    }
    enumerate({trees[0].get(), trees[1].get()});
}

bool BothFidelities::play(const std::function<void(Tree&)>& scene) {
    return std::all_of(trees.begin(), trees.end(), [&](const auto& tree) {
        INFO(tree->basename());
        return aqpim::play([&] {
            INFO(tree->basename());
            scene(*tree);
        });
    });
}

}  // namespace aqpim
