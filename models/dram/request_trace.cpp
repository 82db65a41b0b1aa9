#include "models/dram/request_trace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "models/common/error.h"

namespace aqpim::dram {

namespace {

constexpr std::size_t block_bytes = 1 << 20;
constexpr std::string_view line_form = "R|W HEX_ADDRESS [ARRIVAL_CYCLE]";

constexpr std::uint8_t no_digit = 255;

/// The value of each character as a hexadecimal digit.
constexpr std::array<std::uint8_t, 256> hex_digits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::uint8_t value = 0; value < 16; ++value) {
        digits[static_cast<std::uint8_t>("0123456789abcdef"[value])] = value;
        digits[static_cast<std::uint8_t>("0123456789ABCDEF"[value])] = value;
    }
    return digits;
}();

std::uint8_t digit(char c) {
    return hex_digits[static_cast<std::uint8_t>(c)];
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

const char* skip_blanks(const char* text) {
    while (is_blank(*text)) {
        ++text;
    }
    return text;
}

/// A number's last digit is followed by one of these.
bool ends_field(char c) {
    return is_blank(c) || c == '\n' || c == '\r' || c == '#';
}

/// LF, or CR before it.
bool ends_line(const char* text) {
    return *text == '\n' || (*text == '\r' && text[1] == '\n');
}

/// What stands at `text`, up to a blank or the line's end, fit to be printed.
std::string found_at(const char* text) {
    constexpr std::size_t most = 40;
    if (ends_line(text)) {
        return "the line's end";
    }
    std::string found;
    for (; !ends_line(text) && (found.empty() || !is_blank(*text)); ++text) {
        if (found.size() >= most) {
            found += "...";
            break;
        }
        const bool printable = *text >= ' ' && *text <= '~';
        found += printable ? std::string(1, *text) : fmt::format("\\x{:02x}", static_cast<std::uint8_t>(*text));
    }
    return fmt::format("'{}'", found);
}

/// A file that is read in order, and closed at the end.
class InputFile {
 public:
    explicit InputFile(const std::string& name) : name_(name), descriptor_(open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) {
            refuse();
        }
    }
    ~InputFile() { close(descriptor_); }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    /// The bytes read, fewer than `bytes` only before the end; 0 there.
    std::size_t read_some(char* to, std::size_t bytes) {
        for (;;) {
            const ssize_t got = read(descriptor_, to, bytes);
            if (got >= 0) {
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR) {
                refuse();
            }
        }
    }

    /// 0 for what is no regular file.
    std::size_t size() const {
        struct stat status {};
        return fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size)
                                                                           : 0;
    }

 private:
    [[noreturn]] void refuse() const {
        throw InputError(fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    }

    const std::string& name_;
    int descriptor_;
};

}  // namespace

void RequestParser::parse(std::string_view lines, std::vector<TracedRequest>& requests) {
    const char* text = lines.data();
    for (const char* const end = text + lines.size(); text != end; ++line_) {
        text = parse_line(text, requests);
    }
}

const char* RequestParser::parse_line(const char* text, std::vector<TracedRequest>& requests) {
    text = skip_blanks(text);
    if (*text == 'R' || *text == 'W') {
        const bool write = *text == 'W';
        if (!is_blank(text[1])) {
            refuse(text, line_form);
        }
        std::uint64_t address = 0;
        text = parse_address(skip_blanks(text + 1), address);
        text = skip_blanks(text);
        if (digit(*text) < 10) {
            text = skip_blanks(parse_arrival(text));
        }
        requests.push_back({address, write, arrival_cycle_});
    }
    if (*text == '#') {
        while (*text != '\n') {
            ++text;
        }
    }
    if (!ends_line(text)) {
        refuse(text, line_form);
    }
    return text + (*text == '\n' ? 1 : 2);
}

const char* RequestParser::parse_address(const char* text, std::uint64_t& address) const {
    const char* const begin = text;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
    }
    const char* const first = text;
    constexpr std::uint64_t top_digit = std::uint64_t{15} << 60;
    for (std::uint8_t value = 0; (value = digit(*text)) != no_digit; ++text) {
        if ((address & top_digit) != 0) {
            refuse_address(begin);
        }
        address = address << 4 | value;
    }
    if (text == first || !ends_field(*text)) {
        refuse(begin, "a hexadecimal address");
    }
    if (address >= capacity_bytes_) {
        refuse_address(begin);
    }
    return text;
}

const char* RequestParser::parse_arrival(const char* text) {
    const char* const begin = text;
    std::uint64_t cycle = 0;
    for (; digit(*text) < 10; ++text) {
        cycle = cycle * 10 + digit(*text);
        if (cycle > last_arrival_cycle) {
            refuse(begin, fmt::format("an arrival cycle up to {}", last_arrival_cycle));
        }
    }
    if (!ends_field(*text)) {
        refuse(begin, "an arrival cycle in decimal digits");
    }
    if (cycle < arrival_cycle_) {
        refuse(begin, fmt::format("an arrival cycle from {}, that of an earlier line, on", arrival_cycle_));
    }
    arrival_cycle_ = cycle;
    return text;
}

void RequestParser::finish(const std::vector<TracedRequest>& requests) const {
    if (requests.empty()) {
        throw InputError(fmt::format("{}: no request found; allowed: lines of {}", file_, line_form));
    }
}

std::string RequestParser::place() const {
    return fmt::format("{}:{}", file_, line_ + 1);
}

void RequestParser::refuse(const char* text, std::string_view allowed) const {
    throw InputError(fmt::format("{}: {} found; allowed: {}", place(), found_at(text), allowed));
}

void RequestParser::refuse_address(const char* text) const {
    refuse(text, fmt::format("an address up to 0x{:x}, the memory's last", capacity_bytes_ - 1));
}

std::vector<TracedRequest> read_request_trace(const std::string& file, std::uint64_t capacity_bytes) {
    InputFile input(file);
    RequestParser parser(file, capacity_bytes);
    std::vector<TracedRequest> requests;
    const auto block = std::make_unique_for_overwrite<char[]>(block_bytes + 1);
    std::size_t held = 0;
    while (const std::size_t got = input.read_some(&block[held], block_bytes - held)) {
        held += got;
        const std::size_t lines = std::string_view(&block[0], held).rfind('\n') + 1;
        const bool is_first = requests.empty();
        parser.parse({&block[0], lines}, requests);
        if (is_first && lines != 0) {
            requests.reserve(requests.size() * (input.size() / lines + 1));  // as if all of it were like this
        }
        held -= lines;
        std::memmove(&block[0], &block[lines], held);
        if (held == block_bytes) {
            throw InputError(fmt::format("{}: a line of {} bytes or more found; allowed: {}", parser.place(),
                                         block_bytes, line_form));
        }
    }
    if (held != 0) {
        block[held] = '\n';
        parser.parse({&block[0], held + 1}, requests);
    }
    parser.finish(requests);
    return requests;
}

}  // namespace aqpim::dram
