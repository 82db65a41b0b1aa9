#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace aqpim {

/// The other end of the UART's line, as `host.uart_input` names it: nobody, a file, or standard input. A terminal on
/// standard input gives each key at once and without echo, as long as this object lives; its Ctrl-C still interrupts.
class UartLine {
 public:
    /// "none", "stdin" or a file's name. Throws InputError if the file cannot be read.
    explicit UartLine(const std::string& source);
    ~UartLine();
    UartLine(const UartLine&) = delete;
    UartLine& operator=(const UartLine&) = delete;

    /// What has been typed since the last call. A file is there as a whole, at the first.
    std::string take();
    /// Whether somebody may still type.
    bool is_open() const { return is_open_; }
    /// Waits until something is typed or the line closes, not longer than `most`.
    void wait(std::chrono::milliseconds most) const;

 private:
    class RawTerminal;

    std::string from_file_;
    bool is_open_ = false;  ///< of standard input
    std::unique_ptr<RawTerminal> terminal_;
};

}  // namespace aqpim
