#pragma once

#include "sc_main/arguments.h"

namespace aqpim {

/// Each command takes the arguments behind its name and returns the exit status. Throws InputError or SimulationError.
int run_command(const Arguments& arguments);
int replay_command(const Arguments& arguments);
int sweep_command(const Arguments& arguments);
int config_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int sort_command(const Arguments& arguments);

/// One line on stderr, whatever the message holds.
void print_error(std::string message);

}  // namespace aqpim
