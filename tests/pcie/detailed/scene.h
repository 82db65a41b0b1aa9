#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/pcie/detailed/end_port.h"
#include "models/pcie/detailed/event_queue.h"
#include "models/pcie/detailed/forwarder.h"
#include "tests/pcie/detailed/end.h"
#include "tests/pcie/detailed/test_switch.h"

namespace aqpim::pcie::test {

/// What hangs below a switch: endpoints on its first downstream ports, switches on those after them.
struct Shape {
    unsigned endpoints = 1;
    std::vector<Shape> switches{};
};

/// Sees what passes the links at the ends of the fabric.
class Observer {
 public:
    virtual void leaves(unsigned end, const Tlp& tlp) = 0;
    virtual void arrives(unsigned end, const Tlp& tlp) = 0;

 protected:
    ~Observer() = default;
};

/// A link's two halves, and the ends that it has.
struct SceneLink {
    Transmitter* down;
    Transmitter* up;
    std::vector<End*> ends;
};

/// A PCIe fabric without a simulation kernel: a root, switches in any tree, and endpoints, each end with a memory.
///
/// End 0 is the root; endpoints follow in the order of their ports, depth first. The memory of end `i` begins at
/// `base_of(i)`.
class Scene {
 public:
    /// Without a shape: one endpoint right below the root. `observer` may be null.
    Scene(const PcieParameters& parameters, const std::optional<Shape>& shape, const MemoryTiming& memory = {},
          Observer* observer = nullptr);
    ~Scene();

    EventQueue& events() { return events_; }
    End& root() { return *ends_.front(); }
    /// 0 is the root.
    End& end(unsigned index) { return *ends_[index]; }
    unsigned ends() const { return static_cast<unsigned>(ends_.size()); }
    TestSwitch& fabric_switch(unsigned index) { return *switches_[index]; }

    static constexpr std::uint64_t base_of(unsigned end) { return end * 0x1'0000'0000; }

    /// The link above endpoint `end`, or, for 0, below the root.
    SceneLink& link_of(unsigned end) { return links_[link_of_end_[end]]; }
    /// The link above switch `index`.
    SceneLink& link_of_switch(unsigned index) { return links_[link_of_switch_[index]]; }
    /// Takes a link down, or up again, at the event queue's time.
    void set_up(SceneLink& link, bool up);

    /// Until nothing happens any more.
    void run();
    void run_until(Picoseconds time);
    /// True if nothing waits, all credits and tags are back and all is acknowledged.
    bool is_idle();

 private:
    class Probe;
    /// An event at which nothing happens.
    struct Here final : EventHandler {
        void handle(std::uint64_t, Picoseconds) override {}
    };
    End& add_end(const EndLatencies& latencies, RoutingId id, bool is_root);
    void add_endpoint(Transmitter& above, TlpReceiver& receiver, unsigned port);
    void add_switch(const Shape& shape, Transmitter& above, TlpReceiver& receiver, unsigned port, End* end_above);
    TlpReceiver& probed(unsigned end, bool leaves, TlpReceiver& receiver);

    PcieParameters parameters_;
    MemoryTiming memory_;
    Observer* observer_;
    EventQueue events_;
    Recorder recorder_;
    std::vector<std::unique_ptr<End>> ends_;
    std::vector<std::unique_ptr<TestSwitch>> switches_;
    std::vector<std::unique_ptr<Probe>> probes_;
    std::deque<SceneLink> links_;
    std::vector<std::size_t> link_of_end_;
    std::vector<std::size_t> link_of_switch_;
    unsigned buses_ = 0;
    Here here_;
};

/// How a transaction ended.
struct Outcome final : TransactionOwner {
    TransactionPtr transaction;
    unsigned times = 0;
    Picoseconds at = 0;
    TransactionStatus status = TransactionStatus::success;

    void done(Transaction& ended, Picoseconds now) override {
        ++times;
        at = now;
        status = ended.status;
    }
};

/// Starts a memory read or write of `data` at `address`, at time `at`; the outcome lives as long as the caller keeps
/// it. Null `data`: `bytes` whose contents do not matter.
std::unique_ptr<Outcome> start(End& from, TransactionKind kind, std::uint64_t address, std::uint8_t* data,
                               std::uint64_t bytes, Picoseconds at = 0);

}  // namespace aqpim::pcie::test
