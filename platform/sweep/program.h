#pragma once

#include <string>

namespace aqpim {

/// What runs points, and what makes their results comparable.
struct Program {
    std::string executable;  ///< absolute
    std::string digest;      ///< of the executable's and its firmware's places, sizes and times of change
};

/// The one that is running.
Program this_program();

}  // namespace aqpim
