#include "models/dram/page_policy.h"

namespace aqpim::dram {

namespace {

class OpenPage : public PagePolicy {
 public:
    bool precharges_automatically() const override { return false; }
    Ticks closes_from(Ticks) const override { return never; }
};

class ClosedPage : public PagePolicy {
 public:
    bool precharges_automatically() const override { return true; }
    Ticks closes_from(Ticks last_column) const override { return last_column; }
};

class PageTimeout : public PagePolicy {
 public:
    explicit PageTimeout(Ticks timeout) : timeout_(timeout) {}
    bool precharges_automatically() const override { return false; }
    Ticks closes_from(Ticks last_column) const override { return last_column + timeout_; }

 private:
    Ticks timeout_;
};

}  // namespace

std::unique_ptr<PagePolicy> make_page_policy(const DramParameters& parameters) {
    switch (parameters.controller.page_policy_kind()) {
        case PagePolicyKind::closed:
            return std::make_unique<ClosedPage>();
        case PagePolicyKind::timeout:
            return std::make_unique<PageTimeout>(parameters.timing.ticks(parameters.controller.page_timeout));
        case PagePolicyKind::open:
            break;
    }
    return std::make_unique<OpenPage>();
}

}  // namespace aqpim::dram
