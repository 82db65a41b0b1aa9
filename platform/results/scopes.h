#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aqpim {

/// The parts of a dotted path.
std::vector<std::string> scopes_of(const std::string& path);

/// "pim" of "pim.channel0.moves".
std::string device_of(const std::string& path);

/// A permutation of `paths` by which each scope is in one piece, scopes in the order of their first path.
std::vector<std::size_t> scope_order(const std::vector<std::string>& paths);

/// As a word for formats whose words end at white space.
std::string as_word(std::string_view text);

}  // namespace aqpim
