#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "models/common/clock.h"

namespace aqpim::pcie {

/// What happens at a time of its own.
class EventHandler {
 public:
    virtual void handle(std::uint64_t argument, Picoseconds now) = 0;

 protected:
    ~EventHandler() = default;
};

/// The events of all ports of a PCIe fabric, in the order of time, and of their making where times are equal. Plain: a
/// process of the simulation kernel (TlpScheduler) or a test runs it.
class EventQueue {
 public:
    void at(Picoseconds time, EventHandler& handler, std::uint64_t argument = 0) {
        const bool earlier = events_.empty() || time < events_.top().time;
        events_.push({time, made_++, &handler, argument});
        if (earlier && !running_ && wake_) {
            wake_();
        }
    }

    bool empty() const { return events_.empty(); }
    /// Of the first event; there must be one.
    Picoseconds next() const { return events_.top().time; }
    void run_next() {
        const Event event = events_.top();
        events_.pop();
        now_ = event.time;
        running_ = true;
        event.handler->handle(event.argument, event.time);
        running_ = false;
    }

    /// Of the event that runs, or ran last.
    Picoseconds now() const { return now_; }
    /// Called when an event from outside becomes the first one.
    void on_earlier(std::function<void()> wake) { wake_ = std::move(wake); }

 private:
    struct Event {
        Picoseconds time;
        std::uint64_t made;
        EventHandler* handler;
        std::uint64_t argument;

        bool operator<(const Event& other) const { return time != other.time ? time > other.time : made > other.made; }
    };

    std::priority_queue<Event> events_;
    std::uint64_t made_ = 0;
    Picoseconds now_ = 0;
    bool running_ = false;
    std::function<void()> wake_;
};

}  // namespace aqpim::pcie
