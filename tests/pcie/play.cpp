#include "tests/pcie/play.h"

namespace aqpim {

bool play(const std::function<void()>& scene, const sc_core::sc_time& limit) {
    return play_all({scene}, limit);
}

bool play_all(const std::vector<std::function<void()>>& scenes, const sc_core::sc_time& limit) {
    std::size_t running = scenes.size();
    for (const auto& scene : scenes) {
        sc_core::sc_spawn([&running, &scene] {
            scene();
            if (--running == 0) {
                sc_core::sc_pause();
            }
        });
    }
    sc_core::sc_start(limit);
    return running == 0;
}

}  // namespace aqpim
