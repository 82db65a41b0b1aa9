#pragma once

#include <optional>
#include <string>

#include "sc_main/arguments.h"

namespace aqpim {

/// out/aqpim for configs/aqpim.cfg; the names of several files are joined.
std::string default_out_dir(const Arguments& files);

/// Throws InputError for an option whose file or folder has no name.
void refuse_empty(const std::string& option, const std::string& name);

/// The file that `option` names. Throws InputError, before a long run, where it could not be written after it; the
/// output directory itself may yet be made.
std::optional<std::string> output_file(const boost::program_options::variables_map& given, const std::string& option,
                                       const std::string& out_dir);

}  // namespace aqpim
