#pragma once

#include <atomic>
#include <thread>

#include "models/gdb/connection.h"

namespace aqpim {

/// Tells whether a connection has input, without a system call: a thread waits for it. The thread only ever looks
/// whether there is input; whoever reads the connection stays its only user.
class InputWatch {
 public:
    /// `connection` outlives the watch.
    explicit InputWatch(const Descriptor& connection);
    ~InputWatch();
    InputWatch(const InputWatch&) = delete;
    InputWatch& operator=(const InputWatch&) = delete;

    /// There may be input, or the other side has gone. Stays true until rearm().
    bool raised() const { return raised_.load(std::memory_order_acquire); }
    /// To be called when the input has been read; what has come since raises it again.
    void rearm();

 private:
    void run();

    const Descriptor& connection_;
    Descriptor wake_up_;
    std::atomic<bool> ending_{false};
    std::atomic<bool> raised_{true};
    std::thread thread_;
};

}  // namespace aqpim
