#pragma once

#include <optional>
#include <string>
#include <vector>

namespace aqpim {

struct TornadoPictureEnd {
    double value = 0;  ///< above 0
    std::string text;  ///< "L = 1: 0.1741x"
};

struct TornadoPictureBar {
    std::string label;
    std::vector<TornadoPictureEnd> ends;  ///< one or two
};

/// A tornado chart: what moves a figure from its baseline, and how far.
struct TornadoPicture {
    std::string title;
    double baseline = 0;  ///< above 0 where there are bars
    std::string baseline_text;
    std::optional<double> reference;  ///< above 0; a line of its own, the paper's figure
    std::string reference_text;
    std::vector<TornadoPictureBar> bars;
};

/// As SVG that stands alone, light or dark as the reader's screen is. The axis is logarithmic, so that twice as much
/// and half as much are equally far from the baseline.
std::string draw_tornado(const TornadoPicture& picture);

}  // namespace aqpim
