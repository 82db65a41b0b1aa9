#pragma once

#include <string>
#include <string_view>

#include "platform/study/study.h"

namespace aqpim {

/// What a figure of stats.json is measured in, by its key (docs/stats.md).
enum class FigureUnit { plain, time_ps, energy_pj, bytes, bytes_per_s, tokens_per_s };

FigureUnit unit_of(std::string_view key);
/// Of its first term.
FigureUnit unit_of(const FigureReference& reference);

/// Four significant digits, never in powers of ten: "0.1741", "29.91", "135.0", "2779".
std::string significant(double value);

/// As people read it: "29.91 ms", "1.415 J", "64.00 GiB".
std::string figure_text(double value, FigureUnit unit);

/// "8.330x", "98.9 %", or as figure_text.
std::string quotient_text(double value, const Quotient& quotient);

}  // namespace aqpim
