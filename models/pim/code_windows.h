#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace aqpim {

/// The elements of one codebook window.
struct CodeWindow {
    std::uint32_t index;
    std::uint32_t begin;
    std::uint32_t end;
};

/// The windows of `coded` elements: `window` elements each (0: one window for all), at most `windows` of them, of which
/// the last has all that follow. None without elements.
inline std::vector<CodeWindow> code_windows(std::uint32_t coded, std::uint32_t window, std::uint32_t windows) {
    std::vector<CodeWindow> result;
    for (std::uint32_t begin = 0; begin < coded;) {
        const auto index = static_cast<std::uint32_t>(result.size());
        const bool is_last = window == 0 || index + 1 >= windows || coded - begin <= window;
        result.push_back({index, begin, is_last ? coded : begin + window});
        begin = result.back().end;
    }
    return result;
}

/// The window of element `element`.
inline std::uint32_t window_of(std::uint32_t element, std::uint32_t window, std::uint32_t windows) {
    return window == 0 ? 0 : std::min(element / window, std::max(windows, 1U) - 1);
}

}  // namespace aqpim
