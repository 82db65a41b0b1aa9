#include "platform/uart_line.h"

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <utility>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace {

/// Whether a read of standard input would not block: something is there, or its end.
bool stdin_is_ready(int timeout_ms) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, timeout_ms) > 0;
}

}  // namespace

/// Standard input's terminal without line editing and echo, if it is one.
class UartLine::RawTerminal {
 public:
    RawTerminal() : is_terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (is_terminal_) {
            termios raw = before_;
            raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
            tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        }
    }
    ~RawTerminal() {
        if (is_terminal_) {
            tcsetattr(STDIN_FILENO, TCSANOW, &before_);
        }
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

 private:
    termios before_{};
    bool is_terminal_;
};

UartLine::UartLine(const std::string& source) {
    if (source == "stdin") {
        is_open_ = true;
        terminal_ = std::make_unique<RawTerminal>();
    } else if (source != "none") {
        if (!std::filesystem::is_regular_file(source)) {
            throw InputError(
                fmt::format("{}: cannot be read as the UART's input; none, stdin or a file is allowed", source));
        }
        from_file_ = read_text_file(source);
    }
}

UartLine::~UartLine() = default;

std::string UartLine::take() {
    std::string typed = std::exchange(from_file_, {});
    while (is_open_ && stdin_is_ready(0)) {
        std::array<char, 4096> buffer;
        const ssize_t bytes = read(STDIN_FILENO, buffer.data(), buffer.size());
        is_open_ = bytes > 0;
        typed.append(buffer.data(), is_open_ ? static_cast<std::size_t>(bytes) : 0);
    }
    return typed;
}

void UartLine::wait(std::chrono::milliseconds most) const {
    if (is_open_) {
        stdin_is_ready(static_cast<int>(most.count()));
    }
}

}  // namespace aqpim
