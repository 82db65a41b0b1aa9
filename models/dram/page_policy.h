#pragma once

#include <memory>

#include "models/common/clock.h"
#include "models/dram/dram_parameters.h"

namespace aqpim::dram {

/// When a controller closes a row that no request asks it to close.
class PagePolicy {
 public:
    static constexpr Ticks never = ~Ticks{0};

    virtual ~PagePolicy() = default;
    /// Whether a column command precharges its bank, no request that waits having a use for the open row.
    virtual bool precharges_automatically() const = 0;
    /// From when on a bank is closed whose latest column command went at `last_column`, no request having a use for its
    /// open row; `never` if it stays open.
    virtual Ticks closes_from(Ticks last_column) const = 0;
};

/// As `memory.page_policy` says.
std::unique_ptr<PagePolicy> make_page_policy(const DramParameters& parameters);

}  // namespace aqpim::dram
