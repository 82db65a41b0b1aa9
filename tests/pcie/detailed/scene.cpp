#include "tests/pcie/detailed/scene.h"

#include <utility>

namespace aqpim::pcie::test {

namespace {

/// system.md §4's MMIO read: the root complex is passed on the way out and on the way back, an endpoint once.
EndLatencies root_latencies(const PcieParameters& p) {
    return {p.root_latency_ps, p.root_latency_ps, p.root_latency_ps, p.root_latency_ps};
}

EndLatencies endpoint_latencies(const PcieParameters& p) {
    return {.request_in = p.endpoint_latency_ps};
}

constexpr unsigned only_port = 0;
constexpr unsigned upstream = 0;
constexpr unsigned root_index = 0;

}  // namespace

/// On a link: shows what passes.
class Scene::Probe final : public TlpReceiver {
 public:
    Probe(Observer& observer, unsigned end, bool leaves, TlpReceiver& receiver)
        : observer_(observer), end_(end), leaves_(leaves), receiver_(receiver) {}

    void receive(unsigned port, TlpPtr tlp, const Arrival& arrival) override {
        if (leaves_) {
            observer_.leaves(end_, *tlp);
        } else {
            observer_.arrives(end_, *tlp);
        }
        receiver_.receive(port, std::move(tlp), arrival);
    }
    void link_error(unsigned port, CorrectableError error) override { receiver_.link_error(port, error); }
    ReceiveBuffers receive_buffers() const override { return receiver_.receive_buffers(); }
    void attach(unsigned port, Transmitter& sender) override { receiver_.attach(port, sender); }

 private:
    Observer& observer_;
    unsigned end_;
    bool leaves_;
    TlpReceiver& receiver_;
};

Scene::Scene(const PcieParameters& parameters, const std::optional<Shape>& shape, const MemoryTiming& memory,
             Observer* observer)
    : parameters_(parameters), memory_(memory), observer_(observer) {
    End& top = add_end(root_latencies(parameters), routing_id(0, 0, 0), true);
    link_of_end_.push_back(0);
    if (shape) {
        add_switch(*shape, top.port().transmitter(), top.port(), only_port, &top);
    } else {
        add_endpoint(top.port().transmitter(), top.port(), only_port);
        links_.back().ends.push_back(&top);
    }
}

Scene::~Scene() = default;

End& Scene::add_end(const EndLatencies& latencies, RoutingId id, bool is_root) {
    const auto index = static_cast<unsigned>(ends_.size());
    const End::Setup setup{id, base_of(index), is_root, parameters_.seed + index};
    ends_.push_back(std::make_unique<End>(events_, parameters_, latencies, memory_, setup, recorder_));
    return *ends_.back();
}

TlpReceiver& Scene::probed(unsigned end, bool leaves, TlpReceiver& receiver) {
    if (observer_ == nullptr) {
        return receiver;
    }
    probes_.push_back(std::make_unique<Probe>(*observer_, end, leaves, receiver));
    return *probes_.back();
}

void Scene::add_endpoint(Transmitter& above, TlpReceiver& receiver, unsigned port) {
    const auto index = static_cast<unsigned>(ends_.size());
    End& end = add_end(endpoint_latencies(parameters_), routing_id(++buses_, 0, 0), false);
    above.connect(probed(index, false, end.port()), only_port);
    end.port().transmitter().connect(probed(index, true, receiver), port);
    link_of_end_.push_back(links_.size());
    links_.push_back({&above, &end.port().transmitter(), {&end}});
}

void Scene::add_switch(const Shape& shape, Transmitter& above, TlpReceiver& receiver, unsigned port, End* end_above) {
    const unsigned ports = 1 + shape.endpoints + static_cast<unsigned>(shape.switches.size());
    const RoutingId id = routing_id(++buses_, 0, 0);
    switches_.push_back(std::make_unique<TestSwitch>(events_, parameters_, ports, id, recorder_));
    TestSwitch& made = *switches_.back();
    Forwarder& forwarder = made.forwarder();
    const bool below_root = end_above != nullptr;
    above.connect(below_root ? probed(root_index, true, forwarder) : forwarder, upstream);
    forwarder.transmitter(upstream).connect(below_root ? probed(root_index, false, receiver) : receiver, port);
    link_of_switch_.push_back(links_.size());
    links_.push_back({&above, &forwarder.transmitter(upstream), {}});
    if (below_root) {
        links_.back().ends.push_back(end_above);
    }
    for (unsigned below = 1; below < ports; ++below) {
        const unsigned first_bus = buses_ + 1;
        const auto first_end = static_cast<unsigned>(ends_.size());
        if (below <= shape.endpoints) {
            add_endpoint(forwarder.transmitter(below), forwarder, below);
        } else {
            add_switch(shape.switches[below - 1 - shape.endpoints], forwarder.transmitter(below), forwarder, below,
                       nullptr);
        }
        made.set_below(below, {base_of(first_end), base_of(ends()), first_bus, buses_});
    }
}

void Scene::set_up(SceneLink& link, bool up) {
    const Picoseconds now = events_.now();
    link.down->set_up(up, now);
    link.up->set_up(up, now);
    if (!up) {
        for (End* end : link.ends) {
            end->port().link_down(now);
        }
    }
}

void Scene::run() {
    while (!events_.empty()) {
        events_.run_next();
    }
}

void Scene::run_until(Picoseconds time) {
    events_.at(time, here_);
    while (events_.now() < time) {
        events_.run_next();
    }
}

bool Scene::is_idle() {
    // Later than any acknowledgement or credit that may still be on its way.
    constexpr Picoseconds second = 1'000'000'000'000;
    const Picoseconds now = events_.now() + second;
    for (SceneLink& link : links_) {
        if (!link.down->is_idle(now) || !link.up->is_idle(now)) {
            return false;
        }
    }
    for (const auto& end : ends_) {
        if (end->port().requester().outstanding() != 0 || end->port().requester().waiting() != 0) {
            return false;
        }
    }
    return true;
}

std::unique_ptr<Outcome> start(End& from, TransactionKind kind, std::uint64_t address, std::uint8_t* data,
                               std::uint64_t bytes, Picoseconds at) {
    auto outcome = std::make_unique<Outcome>();
    auto transaction = std::make_shared<Transaction>();
    transaction->kind = kind;
    transaction->requester = from.id();
    transaction->address = address;
    transaction->bytes = bytes;
    transaction->data = data;
    transaction->owner = outcome.get();
    outcome->transaction = transaction;
    from.port().start(std::move(transaction), at);
    return outcome;
}

}  // namespace aqpim::pcie::test
