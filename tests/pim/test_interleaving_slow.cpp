#include "tests/pim/interleaving_scene.h"

TEST_CASE("a hundred random interleavings of commands, refreshes, mode changes and host accesses agree in every bit") {
    aqpim::interleaving::check_seeds(1000, 100, 24);
}
