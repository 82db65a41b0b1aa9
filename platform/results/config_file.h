#pragma once

#include <map>
#include <string>

#include "models/common/clock.h"
#include "models/common/parameter.h"

namespace aqpim {

/// Sets parameters from a `.cfg` file: the INI form of Boost.Program_options, `[section]`, `key = value`, `#` comments.
/// Each value's origin is FILE:LINE. Throws InputError for a file that cannot be read, a line that is none of these, a
/// key given twice, and whatever ParameterTable::set refuses.
void read_config_file(ParameterTable& table, const std::string& file);

/// Sets one parameter from the command line. Throws InputError as ParameterTable::set does, and for a value that no
/// configuration file could hold (`#` starts a comment there).
void set_from_option(ParameterTable& table, const std::string& key, const std::string& value,
                     const std::string& option);

enum class ConfigFormat { cfg, json, md };

/// The resolved configuration. `cfg` can be run again and gives the same values from any folder; `json` is
/// {section: {key: {value (in the base unit), text, type, default, range, help, source, origin}}} with `dram.timing`
/// in picoseconds by JEDEC name; `md` is the reference table of the documentation.
std::string format_config(const ParameterTable& table, ConfigFormat format,
                          const std::map<std::string, Picoseconds>& dram_timing = {});

/// Writes the `cfg` form, whole or not at all. Throws InputError when it cannot be written.
void write_config_file(const ParameterTable& table, const std::string& file);

/// Names all parameters' values in 16 hexadecimal digits (FNV-1a, 64 bit). Of paths only the file's name counts, so
/// that a moved tree keeps its digest.
std::string configuration_digest(const ParameterTable& table);

}  // namespace aqpim
