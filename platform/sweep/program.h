#pragma once

#include <string>

namespace aqpim {

/// What runs points, and what makes their results comparable.
struct Program {
    std::string executable;  ///< absolute
    std::string digest;      ///< of the executable's contents and of the firmware's beside it
};

/// The one that is running. Throws InputError when its files cannot be read.
Program this_program();

}  // namespace aqpim
