#include "models/gdb/fields.h"

namespace aqpim {

int hex_digit(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
        return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'F') {
        return character - 'A' + 10;
    }
    return -1;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const char byte : bytes) {
        text += digits[static_cast<std::uint8_t>(byte) >> 4];
        text += digits[static_cast<std::uint8_t>(byte) & 15];
    }
    return text;
}

std::string from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = hex_digit(digits[i]);
        const int low = hex_digit(digits[i + 1]);
        if (high < 0 || low < 0) {
            throw GdbRefusal{GdbRefusal::malformed};
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

bool Fields::skip(std::string_view token) {
    if (!rest_.starts_with(token)) {
        return false;
    }
    rest_.remove_prefix(token.size());
    return true;
}

void Fields::expect(std::string_view token) {
    if (!skip(token)) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
}

void Fields::expect_end() const {
    if (!at_end()) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
}

std::uint64_t Fields::number() {
    if (at_end() || hex_digit(rest_.front()) < 0) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    std::uint64_t value = 0;
    for (; !at_end() && hex_digit(rest_.front()) >= 0; rest_.remove_prefix(1)) {
        if (value >> 60 != 0) {
            throw GdbRefusal{GdbRefusal::malformed};
        }
        value = value << 4 | static_cast<std::uint64_t>(hex_digit(rest_.front()));
    }
    return value;
}

Fields Fields::until(char separator) {
    const std::size_t end = rest_.find(separator);
    const Fields part(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return part;
}

}  // namespace aqpim
