#include "models/cpu/isa.h"

#include <fmt/format.h>

#include "models/common/error.h"

namespace aqpim {

namespace {

constexpr std::string_view prefix = "rv64";
constexpr std::string_view general = "imafd";     // what "g" stands for
constexpr std::string_view canonical = "imafdc";  // Unprivileged ISA 20191213, 27.11

std::uint32_t bit(char letter) {
    return std::uint32_t{1} << (letter - 'a');
}

/// Letters in canonical order, each once and the first one "i"; zero for anything else.
std::uint32_t parse(std::string_view letters) {
    std::uint32_t set = 0;
    std::size_t next = 0;
    for (const char letter : letters) {
        next = canonical.find(letter, next);
        if (next == std::string_view::npos) {
            return 0;
        }
        ++next;
        set |= bit(letter);
    }
    const bool double_without_single = (set & (bit('d') | bit('f'))) == bit('d');
    return (set & bit('i')) == 0 || double_without_single ? 0 : set;
}

}  // namespace

Isa::Isa(std::string_view name) {
    std::uint32_t letters = 0;
    if (name.substr(0, prefix.size()) == prefix) {
        std::string rest(name.substr(prefix.size()));
        if (!rest.empty() && rest.front() == 'g') {
            rest.replace(0, 1, general);
        }
        letters = parse(rest);
    }
    if (letters == 0) {
        throw InputError(fmt::format(
            "instruction set '{}'; allowed: rv64i or rv64g (= rv64imafd), then letters of 'mafdc' in this order, "
            "'d' only with 'f', such as rv64imac or rv64gc",
            name));
    }
    letters_ = letters | bit('s') | bit('u');
}

std::string Isa::name() const {
    std::string text(prefix);
    for (const char letter : canonical) {
        if (has(letter)) {
            text += letter;
        }
    }
    return text;
}

}  // namespace aqpim
