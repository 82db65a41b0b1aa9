#pragma once

#include "models/dram/standard.h"

namespace aqpim::dram {

/// One function a standard, each in a file of its own.
Standard hbm3();
Standard hbm2();
Standard gddr6();
Standard lpddr5();
Standard ddr4();
Standard ddr5();

}  // namespace aqpim::dram
