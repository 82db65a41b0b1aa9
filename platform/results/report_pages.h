#pragma once

#include <string_view>

namespace aqpim {

/// The pages that report/ is built into, whole, with `@AQPIM_TITLE@` and `@AQPIM_DATA@` once each, where a page's title
/// and its data belong.
std::string_view run_page();
std::string_view sweep_page();
std::string_view comparison_page();

}  // namespace aqpim
