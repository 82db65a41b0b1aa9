#include "platform/results/vcd_writer.h"

#include <fmt/format.h>

namespace aqpim {

namespace {

/// IEEE 1364-2005 clause 18: identifiers are made of the characters ! to ~.
std::string identifier(SignalId number) {
    constexpr SignalId first = '!';
    constexpr SignalId letters = '~' - '!' + 1;
    std::string text;
    do {
        text += static_cast<char>(first + number % letters);
        number /= letters;
    } while (number != 0);
    return text;
}

std::string_view declaration(SignalKind kind) {
    switch (kind) {
        case SignalKind::bit:
            return "wire 1";
        case SignalKind::text:
            return "string 1";
        case SignalKind::real:
            return "real 64";
    }
    return {};
}

}  // namespace

VcdWriter::VcdWriter(const std::string& file) : file_(file) {
    file_.stream() << "$version aqpim-vp $end\n$timescale 1 ps $end\n";
}

void VcdWriter::enter_scope(const std::string& name) {
    file_.stream() << fmt::format("$scope module {} $end\n", name);
}

void VcdWriter::leave_scope() {
    file_.stream() << "$upscope $end\n";
}

SignalId VcdWriter::add_signal(SignalKind kind, const std::string& name) {
    const SignalId signal = signals_++;
    file_.stream() << fmt::format("$var {} {} {} $end\n", declaration(kind), identifier(signal), name);
    return signal;
}

void VcdWriter::start(Picoseconds time_ps) {
    file_.stream() << fmt::format("$enddefinitions $end\n#{}\n$dumpvars\n", time_ps);
    time_ps_ = time_ps;
    in_first_values_ = true;
}

void VcdWriter::set_time(Picoseconds time_ps) {
    if (in_first_values_) {
        file_.stream() << "$end\n";
        in_first_values_ = false;
    }
    if (time_ps != time_ps_) {
        file_.stream() << fmt::format("#{}\n", time_ps);
        time_ps_ = time_ps;
    }
}

void VcdWriter::change(SignalId signal, bool value) {
    file_.stream() << fmt::format("{}{}\n", value ? '1' : '0', identifier(signal));
}

void VcdWriter::change(SignalId signal, std::string_view value) {
    file_.stream() << fmt::format("s{} {}\n", value, identifier(signal));
}

void VcdWriter::change(SignalId signal, double value) {
    file_.stream() << fmt::format("r{:.16g} {}\n", value, identifier(signal));
}

void VcdWriter::finish(Picoseconds end_ps) {
    set_time(end_ps);
    file_.commit();
}

}  // namespace aqpim
