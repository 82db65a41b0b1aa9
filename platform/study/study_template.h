#pragma once

#include <kainjow/mustache.hpp>
#include <string>

namespace aqpim {

/// Fills a page's template. A page whose name ends in `.html` has text escaped for HTML, any other for Markdown. Throws
/// InputError when the template cannot be read, is none, or names what `data` does not have.
std::string render_template(const std::string& file, const std::string& page, const kainjow::mustache::data& data);

}  // namespace aqpim
