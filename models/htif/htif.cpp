#include "models/htif/htif.h"

#include <fmt/format.h>

#include <systemc>
#include <utility>

namespace aqpim {

namespace {

constexpr unsigned system_device = 0;
constexpr unsigned system_command = 0;
constexpr unsigned console_device = 1;
constexpr unsigned console_write = 1;
constexpr std::uint64_t payload_mask = (std::uint64_t{1} << 48) - 1;

}  // namespace

Htif::Htif(std::uint64_t tohost, std::optional<std::uint64_t> fromhost, Memory memory, std::ostream& console)
    : tohost_(tohost), fromhost_(fromhost), memory_(std::move(memory)), console_(console) {}

void Htif::look() {
    const std::uint64_t request = memory_.read(tohost_);
    if (request == 0 || exit_code_ || !refusal_.empty()) {
        return;
    }
    memory_.write(tohost_, 0);
    const auto device = static_cast<unsigned>(request >> 56);
    const auto command = static_cast<unsigned>(request >> 48 & 0xff);
    if (device == system_device && command == system_command && (request & 1) != 0) {
        exit_code_ = (request & payload_mask) >> 1;
        sc_core::sc_stop();
    } else if (device == console_device && command == console_write) {
        console_.put(static_cast<char>(request));
        if (fromhost_) {
            memory_.write(*fromhost_, request & ~payload_mask);
        }
    } else {
        refuse(request);
    }
}

void Htif::refuse(std::uint64_t request) {
    const bool is_call = request >> 48 == 0;
    refusal_ = fmt::format(
        "tohost = {:#x} ({}) found; the end of the run (code << 1 | 1) and console output (device 1, "
        "command 1) are allowed",
        request,
        is_call ? fmt::format("a system call described at {:#x}", request)
                : fmt::format("device {}, command {}", request >> 56, request >> 48 & 0xff));
    sc_core::sc_stop();
}

}  // namespace aqpim
