#include "sc_main/interruption.h"

#include <csignal>

namespace aqpim {

namespace {
volatile std::sig_atomic_t interrupted = 0;
}  // namespace

void end_in_order_when_interrupted() {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool was_interrupted() {
    return interrupted != 0;
}

}  // namespace aqpim
