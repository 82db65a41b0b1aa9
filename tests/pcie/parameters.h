#pragma once

#include "models/pcie/pcie_parameters.h"

namespace aqpim {

inline PcieParameters default_pcie_parameters() {
    ParameterTable table;
    PcieParameters parameters;
    parameters.declare(table.section("pcie"));
    return parameters;
}

}  // namespace aqpim
