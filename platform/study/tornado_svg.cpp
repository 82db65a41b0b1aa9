#include "platform/study/tornado_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <kainjow/mustache.hpp>

namespace aqpim {

namespace {

using kainjow::mustache::html_escape;

constexpr double width = 760;
constexpr double left = 24;
constexpr double right = 736;
constexpr double top = 84;  ///< of the first bar's label
constexpr double row_height = 58;
constexpr double bar_height = 16;
constexpr double bar_offset = 8;       ///< from the label's baseline to the bar
constexpr double character_width = 7;  ///< of 12 px text, on average, rounded up

/// Text has a rim of the page's colour, so that lines do not run through it; so have bars that lie upon each other.
constexpr const char* style =
    "rect{fill:#fff;stroke:#fff}text{fill:#1b1b1b;stroke:#fff;stroke-width:3px;paint-order:stroke;"
    "font:12px system-ui,sans-serif}text.title{font-size:16px;font-weight:600}text.label{font-weight:600}"
    "rect.low{fill:#b35806}rect.high{fill:#2166ac}.grid{stroke:#d0d0d0}.base{stroke:#1b1b1b;stroke-width:1.5}"
    ".paper{stroke:#6a3d9a;stroke-width:1.5;stroke-dasharray:5 4}"
    "@media (prefers-color-scheme:dark){rect{fill:#16181d;stroke:#16181d}text{fill:#e8e8e8;stroke:#16181d}"
    "rect.low{fill:#f1a340}rect.high{fill:#67a9cf}.grid{stroke:#3a3d44}.base{stroke:#e8e8e8}.paper{stroke:#cab2d6}}";

/// From values to places on the logarithmic axis.
struct Scale {
    double least;
    double greatest;

    double x(double value) const {
        return left + (right - left) * std::log(value / least) / std::log(greatest / least);
    }
};

Scale scale_of(const TornadoPicture& picture) {
    double least = picture.baseline;
    double greatest = picture.baseline;
    const auto take = [&](double value) {
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    };
    take(picture.reference.value_or(picture.baseline));
    for (const TornadoPictureBar& bar : picture.bars) {
        for (const TornadoPictureEnd& end : bar.ends) {
            take(end.value);
        }
    }
    const double margin = std::max(1.05, std::pow(greatest / least, 0.04));
    return {least / margin, greatest * margin};
}

std::string text_at(double x, double y, const std::string& text, const std::string& attributes = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, attributes, html_escape(text));
}

/// Text that begins at `x`, or as far to the left of it as it must to stay within the picture.
std::string text_beside(double x, double y, const std::string& text) {
    const double latest = right - character_width * static_cast<double>(text.size());
    return text_at(std::max(left, std::min(x, latest)), y, text);
}

std::string vertical(double x, double from, double to, const std::string& kind) {
    return fmt::format("<line class=\"{0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"{2:.1f}\" y2=\"{3:.1f}\"/>\n", kind, x,
                       from, to);
}

/// Lines at 1, 2 and 5 times powers of ten.
std::string grid(const Scale& scale, double bottom) {
    std::string out;
    for (double power = std::pow(10, std::floor(std::log10(scale.least))); power < scale.greatest; power *= 10) {
        for (const double step : {1.0, 2.0, 5.0}) {
            const double value = power * step;
            if (value > scale.least && value < scale.greatest) {
                out += vertical(scale.x(value), top - 16, bottom, "grid");
                out += text_at(scale.x(value), bottom + 16, fmt::format("{:g}", value), " text-anchor=\"middle\"");
            }
        }
    }
    return out;
}

std::string bar_rectangle(const TornadoPictureEnd& end, double y, const Scale& scale, double baseline) {
    const double from = scale.x(std::min(end.value, baseline));
    const double to = scale.x(std::max(end.value, baseline));
    return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:g}\"/>\n",
                       end.value < baseline ? "low" : "high", from, y, std::max(to - from, 3.0), bar_height);
}

/// Label, the parts of the bar, and beneath them what they are.
std::string bar(const TornadoPictureBar& bar, double y, const Scale& scale, double baseline) {
    std::string out = text_at(left, y, bar.label, " class=\"label\"");
    std::vector<TornadoPictureEnd> ends = bar.ends;
    std::sort(ends.begin(), ends.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    std::string words;
    // The wider of two on the same side first, so that the other lies upon it.
    std::vector<TornadoPictureEnd> widest = ends;
    std::sort(widest.begin(), widest.end(), [&](const auto& a, const auto& b) {
        return std::abs(std::log(a.value / baseline)) > std::abs(std::log(b.value / baseline));
    });
    for (const TornadoPictureEnd& end : widest) {
        out += bar_rectangle(end, y + bar_offset, scale, baseline);
    }
    for (const TornadoPictureEnd& end : ends) {
        words += fmt::format("{}{}", words.empty() ? "" : "   |   ", end.text);
    }
    return out + text_beside(scale.x(std::min(ends.front().value, baseline)), y + bar_offset + bar_height + 14, words);
}

std::string description(const TornadoPicture& picture) {
    std::string text = fmt::format("Tornado chart on a logarithmic axis. Baseline {}.", picture.baseline_text);
    if (picture.reference) {
        text += fmt::format(" {}.", picture.reference_text);
    }
    for (const TornadoPictureBar& bar : picture.bars) {
        text += fmt::format(" {}:", bar.label);
        for (const TornadoPictureEnd& end : bar.ends) {
            text += fmt::format(" {}{}", end.text, &end == &bar.ends.back() ? "." : ";");
        }
    }
    return text;
}

std::string head(const TornadoPicture& picture, double height) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" width=\"{0:g}\" height=\"{1:g}\" "
        "role=\"img\" "
        "aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n"
        "<style>{4}</style>\n<rect class=\"page\" width=\"{0:g}\" height=\"{1:g}\"/>\n",
        width, height, html_escape(picture.title), html_escape(description(picture)), style);
}

}  // namespace

std::string draw_tornado(const TornadoPicture& picture) {
    if (picture.bars.empty()) {
        return head(picture, top) + text_at(left, 28, picture.title, " class=\"title\"") +
               text_at(left, 56, fmt::format("Nothing to draw. {}", picture.baseline_text)) + "</svg>\n";
    }
    const Scale scale = scale_of(picture);
    const double bottom = top + row_height * static_cast<double>(picture.bars.size()) - 8;
    std::string out = head(picture, bottom + 28) + text_at(left, 28, picture.title, " class=\"title\"");
    out += grid(scale, bottom) + vertical(scale.x(picture.baseline), top - 16, bottom, "base");
    out += text_beside(scale.x(picture.baseline) + 4, top - 26, picture.baseline_text);
    if (picture.reference) {
        out += vertical(scale.x(*picture.reference), top - 16, bottom, "paper");
        out += text_beside(scale.x(*picture.reference) + 4, top - 40, picture.reference_text);
    }
    double y = top;
    for (const TornadoPictureBar& each : picture.bars) {
        out += bar(each, y, scale, picture.baseline);
        y += row_height;
    }
    return out + "</svg>\n";
}

}  // namespace aqpim
