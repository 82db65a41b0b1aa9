#pragma once

#include <stdexcept>

namespace aqpim {

/// What a user gave (a configuration, an ELF, an `.npy`) cannot be used. The message says where, what was found and
/// what is allowed, in one line. The command line turns it into exit status 2.
class InputError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// The simulation cannot go on (deadlock, time limit, firmware fault): exit status 3.
class SimulationError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

}  // namespace aqpim
