#include "models/gdb/input_watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <array>

namespace aqpim {

InputWatch::InputWatch(const Descriptor& connection) : connection_(connection), wake_up_(eventfd(0, EFD_CLOEXEC)) {
    // Signals are for the simulation's thread; a new thread inherits the mask.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

InputWatch::~InputWatch() {
    ending_ = true;
    eventfd_write(wake_up_.number(), 1);
    rearm();
    thread_.join();
}

void InputWatch::rearm() {
    raised_.store(false, std::memory_order_release);
    raised_.notify_one();
}

void InputWatch::run() {
    while (!ending_) {
        raised_.wait(true);
        std::array<pollfd, 2> wait = {pollfd{connection_.number(), POLLIN, 0}, pollfd{wake_up_.number(), POLLIN, 0}};
        poll(wait.data(), wait.size(), -1);
        raised_.store(true, std::memory_order_release);
    }
}

}  // namespace aqpim
