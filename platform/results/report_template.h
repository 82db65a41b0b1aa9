#pragma once

namespace aqpim {

/// The contents of report_template.html.
extern const char* const report_template;

}  // namespace aqpim
