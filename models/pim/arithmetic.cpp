#include "models/pim/arithmetic.h"

#include <algorithm>

namespace aqpim {

std::vector<std::uint16_t> store_words(const std::vector<float>& values, Arithmetic arithmetic) {
    std::vector<std::uint16_t> words(values.size());
    with_arithmetic(arithmetic, [&](auto policy) {
        std::transform(values.begin(), values.end(), words.begin(), [&](float value) { return policy.store(value); });
    });
    return words;
}

std::vector<float> load_words(const std::vector<std::uint16_t>& words, Arithmetic arithmetic) {
    std::vector<float> values(words.size());
    with_arithmetic(arithmetic, [&](auto policy) {
        std::transform(words.begin(), words.end(), values.begin(), [&](auto word) { return policy.load(word); });
    });
    return values;
}

}  // namespace aqpim
