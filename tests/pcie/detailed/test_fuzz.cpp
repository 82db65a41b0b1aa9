// Transactions of any kind, to anywhere, with faults on all links: each ends once, and the fabric is idle afterwards.

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/pcie/detailed/scene.h"
#include "tests/pcie/parameters.h"

using namespace aqpim;
using namespace aqpim::pcie;
using namespace aqpim::pcie::test;

namespace {

constexpr unsigned transactions = 100'000;
constexpr std::uint64_t most_bytes = 16 * 1024;

PcieParameters any_parameters() {
    PcieParameters parameters = default_pcie_parameters();
    parameters.completion_timeout_ps = 50'000'000;
    parameters.posted_headers = 8;
    parameters.nonposted_headers = 8;
    parameters.completion_headers = 8;
    parameters.bit_error_rate = 1e-7;
    return parameters;
}

class Fuzz {
 public:
    Fuzz() : scene_(any_parameters(), Shape{.endpoints = 2, .switches = {Shape{.endpoints = 2}}}), data_(most_bytes) {}

    void start_one() {
        End& from = scene_.end(below(scene_.ends()));
        auto outcome = std::make_unique<Outcome>();
        outcome->transaction = std::make_shared<Transaction>();
        Transaction& t = *outcome->transaction;
        t.kind = static_cast<TransactionKind>(below(5));
        t.requester = from.id();
        t.owner = outcome.get();
        t.attributes = {below(2) == 0, below(2) == 0, below(2) == 0};
        t.data = below(2) == 0 ? data_.data() : nullptr;
        if (t.is_configuration()) {
            t.target = static_cast<RoutingId>(below(2) == 0 ? below(16) << 8 : random_());
            t.address = below(1024) * 4;
            t.bytes = 4;
        } else if (t.kind != TransactionKind::message) {
            t.address = any_address();
            t.bytes = 1 + below(below(4) == 0 ? most_bytes : 256);
        }
        from.port().start(outcome->transaction, scene_.events().now() + below(100'000));
        outcomes_.push_back(std::move(outcome));
    }
    void disturb() {
        SceneLink& link = scene_.link_of(below(scene_.ends()));
        Transmitter& transmitter = below(2) == 0 ? *link.up : *link.down;
        switch (below(8)) {
            case 0:
                transmitter.poison_next();
                break;
            case 1:
                transmitter.drop_next_completion();
                break;
            case 2:
                scene_.end(below(scene_.ends())).answer_with(CompletionStatus::completer_abort);
                break;
            default:
                scene_.end(below(scene_.ends())).answer_with(std::nullopt);
        }
    }
    void let_pass() { scene_.run_until(scene_.events().now() + 1 + below(500'000)); }
    unsigned open() const {
        return static_cast<unsigned>(
            std::count_if(outcomes_.begin(), outcomes_.end(), [](const auto& outcome) { return outcome->times != 1; }));
    }
    unsigned ended_with(TransactionStatus status) const {
        return static_cast<unsigned>(std::count_if(outcomes_.begin(), outcomes_.end(),
                                                   [&](const auto& outcome) { return outcome->status == status; }));
    }
    Scene& scene() { return scene_; }

 private:
    unsigned below(std::uint64_t limit) { return static_cast<unsigned>(random_() % limit); }
    /// In a memory, around one, in a window without memory, or anywhere in 64 bits.
    std::uint64_t any_address() {
        const std::uint64_t window = Scene::base_of(below(scene_.ends() + 1));
        switch (below(8)) {
            case 0:
                return random_();
            case 1:
                return window + below(0x1'0000'0000);
            case 2:
                return window - below(8192);
            default:
                return window + below(80 * 1024);
        }
    }

    std::mt19937_64 random_{20261121};
    Scene scene_;
    std::vector<std::uint8_t> data_;
    std::vector<std::unique_ptr<Outcome>> outcomes_;
};

}  // namespace

TEST_CASE("100000 random transactions on a fabric with faults all end once and leave it idle") {
    Fuzz fuzz;
    for (unsigned i = 0; i < transactions; ++i) {
        fuzz.start_one();
        if (i % 32 == 0) {
            fuzz.disturb();
            fuzz.let_pass();
        }
    }
    fuzz.scene().run();
    CHECK(fuzz.open() == 0);
    CHECK(fuzz.scene().is_idle());
    for (const auto status :
         {TransactionStatus::success, TransactionStatus::unsupported_request, TransactionStatus::completer_abort,
          TransactionStatus::poisoned, TransactionStatus::timeout}) {
        CAPTURE(static_cast<int>(status));
        CHECK(fuzz.ended_with(status) > 0);
    }
}
