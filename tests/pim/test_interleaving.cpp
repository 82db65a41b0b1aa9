#include "tests/pim/interleaving_scene.h"

TEST_CASE("refreshes, mode changes and a host's accesses in the middle of commands change no bit of any result") {
    aqpim::interleaving::check_seeds(1, 6, 6);
}
