#pragma once

#include <systemc>

#include <map>
#include <string>
#include <vector>

#include "models/pcie/link.h"
#include "models/pcie/link_faults.h"

namespace aqpim {

/// Has links fail when the configuration says so (`pcie.faults`).
class LinkFaultInjector : public sc_core::sc_module {
 public:
    /// Throws InputError for a fault of a link that `links` does not have.
    LinkFaultInjector(sc_core::sc_module_name name, const std::string& faults, std::map<std::string, PcieLink*> links);

 private:
    void run();
    void apply(const LinkFault& fault);

    std::vector<LinkFault> faults_;
    std::map<std::string, PcieLink*> links_;
};

}  // namespace aqpim
