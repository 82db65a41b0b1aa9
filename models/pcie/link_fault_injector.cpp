#include "models/pcie/link_fault_injector.h"

#include <fmt/format.h>

#include <utility>

#include "models/common/error.h"

namespace aqpim {

LinkFaultInjector::LinkFaultInjector(sc_core::sc_module_name name, const std::string& faults,
                                     std::map<std::string, PcieLink*> links)
    : sc_module(name), faults_(parse_link_faults(faults)), links_(std::move(links)) {
    for (const LinkFault& fault : faults_) {
        if (!links_.contains(fault.link)) {
            std::string known;
            for (const auto& [link, unused] : links_) {
                known += (known.empty() ? "" : ", ") + link;
            }
            throw InputError(fmt::format("pcie.faults: no link '{}'; there are {}", fault.link, known));
        }
    }
    if (!faults_.empty()) {
        SC_HAS_PROCESS(LinkFaultInjector);
        SC_THREAD(run);
    }
}

void LinkFaultInjector::run() {
    for (const LinkFault& fault : faults_) {
        wait(from_ps(fault.at_ps) - sc_core::sc_time_stamp());
        apply(fault);
    }
}

void LinkFaultInjector::apply(const LinkFault& fault) {
    PcieLink& link = *links_.at(fault.link);
    switch (fault.kind) {
        case LinkFaultKind::down:
            link.fail();
            break;
        case LinkFaultKind::up:
            link.recover();
            break;
        case LinkFaultKind::poison:
            link.poison_next();
            break;
        case LinkFaultKind::drop:
            link.drop_next_completion();
            break;
    }
}

}  // namespace aqpim
