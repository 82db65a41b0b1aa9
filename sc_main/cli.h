#pragma once

namespace aqpim {

/// `aqpim-vp COMMAND ...`: does what the arguments ask for and returns the exit status: 0 the job ran and firmware
/// reported success, 1 firmware reported failure, 2 wrong usage or configuration, 3 the simulation could not go on.
/// Every error is one line on stderr. Throws nothing.
int run_command_line(int argc, const char* const* argv);

}  // namespace aqpim
