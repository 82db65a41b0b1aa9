// What a transmitter sends next when the receiver has no room for one class of TLPs.

#include <catch2/catch.hpp>
#include <string>

#include "models/pcie/detailed/transmitter.h"
#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;

namespace {

constexpr RoutingId host = 0x0000;
constexpr RoutingId device = 0x0100;

/// A transmitter of one queue, and a receiver that names what arrives and frees a buffer only when told to.
class Sender final : public TransmitterOwner, public TlpReceiver {
 public:
    explicit Sender(const ReceiveBuffers& buffers)
        : buffers_(buffers), transmitter(events, default_pcie_parameters(), *this, {0, {1}, "link", 1}, recorder) {
        transmitter.connect(*this, 0);
    }

    void receive(unsigned, TlpPtr tlp, const Arrival&) override { arrived += names_[tlp->tag]; }
    ReceiveBuffers receive_buffers() const override { return buffers_; }
    void attach(unsigned, Transmitter&) override {}
    void left(unsigned, unsigned, const Tlp&, Picoseconds) override {}
    void link_error(unsigned, CorrectableError) override {}

    void push(char name, TlpType type, const Attributes& attributes = {}) {
        auto tlp = std::make_unique<Tlp>();
        tlp->type = type;
        tlp->attributes = attributes;
        tlp->bytes = 64;
        tlp->requester = flow_class(type) == FlowClass::completion ? host : device;
        tlp->target = device;
        tlp->tag = static_cast<std::uint16_t>(names_.size());
        names_ += name;
        transmitter.push(0, std::move(tlp), events.now());
    }
    /// What has been sent since the last call.
    std::string sent() {
        while (!events.empty()) {
            events.run_next();
        }
        return std::exchange(arrived, "");
    }
    std::string sent_after_return(FlowClass flow) {
        transmitter.return_credits(flow, flow == FlowClass::non_posted ? 0 : 64, events.now());
        return sent();
    }

    EventQueue events;
    Recorder recorder;

 private:
    ReceiveBuffers buffers_;
    std::string arrived;
    std::string names_;

 public:
    Transmitter transmitter;
};

constexpr Credits none_after_first{1, 4};
constexpr Credits plenty{100, 1000};

}  // namespace

TEST_CASE("a posted write passes reads that wait for credits") {
    Sender sender({plenty, none_after_first, plenty});
    sender.push('r', TlpType::memory_read);
    sender.push('s', TlpType::memory_read);
    sender.push('t', TlpType::configuration_read);
    sender.push('W', TlpType::memory_write);
    sender.push('M', TlpType::message);
    CHECK(sender.sent() == "rWM");
    CHECK(sender.sent_after_return(FlowClass::non_posted) == "s");
    CHECK(sender.sent_after_return(FlowClass::non_posted) == "t");
}

TEST_CASE("a completion passes reads that wait for credits") {
    Sender sender({plenty, none_after_first, plenty});
    sender.push('r', TlpType::memory_read);
    sender.push('s', TlpType::memory_read);
    sender.push('c', TlpType::completion_with_data);
    sender.push('d', TlpType::completion);
    CHECK(sender.sent() == "rcd");
    CHECK(sender.sent_after_return(FlowClass::non_posted) == "s");
}

TEST_CASE("a completion never passes a posted write before it") {
    Sender sender({none_after_first, plenty, plenty});
    sender.push('V', TlpType::memory_write);
    sender.push('c', TlpType::completion_with_data);
    sender.push('W', TlpType::memory_write);
    sender.push('d', TlpType::completion_with_data);
    CHECK(sender.sent() == "Vc");
    CHECK(sender.sent_after_return(FlowClass::posted) == "Wd");
}

TEST_CASE("a read never passes a posted write before it") {
    Sender sender({none_after_first, plenty, plenty});
    sender.push('V', TlpType::memory_write);
    sender.push('W', TlpType::memory_write);
    sender.push('r', TlpType::memory_read);
    sender.push('s', TlpType::configuration_write);
    CHECK(sender.sent() == "V");
    CHECK(sender.sent_after_return(FlowClass::posted) == "Wrs");
}

TEST_CASE("posted writes and reads pass completions that wait for credits") {
    Sender sender({plenty, plenty, none_after_first});
    sender.push('c', TlpType::completion_with_data);
    sender.push('d', TlpType::completion_with_data);
    sender.push('W', TlpType::memory_write);
    sender.push('r', TlpType::memory_read);
    CHECK(sender.sent() == "cWr");
    CHECK(sender.sent_after_return(FlowClass::completion) == "d");
}

TEST_CASE("posted writes keep their order and wait for data credits together") {
    // A write takes four units of 16 B: the second one fits only once the room of the first is back.
    Sender sender({Credits{100, 7}, plenty, plenty});
    sender.push('V', TlpType::memory_write);
    sender.push('W', TlpType::memory_write);
    sender.push('M', TlpType::message);
    CHECK(sender.sent() == "V");
    CHECK(sender.sent_after_return(FlowClass::posted) == "WM");
}

TEST_CASE("a completion with relaxed ordering passes a posted write and a read with it does not") {
    Sender sender({none_after_first, plenty, plenty});
    constexpr Attributes relaxed{.relaxed_ordering = true};
    sender.push('V', TlpType::memory_write);
    sender.push('W', TlpType::memory_write);
    sender.push('r', TlpType::memory_read, relaxed);
    sender.push('c', TlpType::completion_with_data, relaxed);
    CHECK(sender.sent() == "Vc");
}

TEST_CASE("a completion ordered by id does not pass a write of its own sender") {
    Sender sender({none_after_first, plenty, plenty});
    sender.push('V', TlpType::memory_write);
    sender.push('W', TlpType::memory_write);
    sender.push('c', TlpType::completion_with_data, {.id_based_ordering = true});
    CHECK(sender.sent() == "V");
}

TEST_CASE("what arrives first goes first when there is room for all") {
    Sender sender({plenty, plenty, plenty});
    for (const char name : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        const auto type = name % 3 == 0   ? TlpType::memory_write
                          : name % 3 == 1 ? TlpType::memory_read
                                          : TlpType::completion_with_data;
        sender.push(name, type);
    }
    CHECK(sender.sent() == "abcdef");
}

TEST_CASE("a completion that arrives behind a posted write is carried out behind it") {
    // A device takes 200 ns until a write is in its memory, and none for a completion.
    test::Scene scene(default_pcie_parameters(), std::nullopt);
    const auto read = test::start(scene.end(1), TransactionKind::memory_read, 0, nullptr, 4);
    // The root has the answer ready 150 + 150 ns after the request's arrival at 20 ns; the write leaves 150 ns after
    // its start, right before it.
    const auto write =
        test::start(scene.root(), TransactionKind::memory_write, test::Scene::base_of(1), nullptr, 4, 160'000);
    scene.run();
    CHECK(scene.end(1).last_written() > 500'000);
    CHECK(read->at == scene.end(1).last_written());
    // Without the write it takes no more than the way there and back.
    test::Scene alone(default_pcie_parameters(), std::nullopt);
    const auto undisturbed = test::start(alone.end(1), TransactionKind::memory_read, 0, nullptr, 4);
    alone.run();
    CHECK(undisturbed->at < 345'000);
}
