#include "models/gdb/commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/gdb/packet.h"
#include "models/gdb/registers.h"
#include "models/gdb/target_description.h"

namespace aqpim {

namespace {

const std::string ok = "OK";
const std::string unknown;

/// A packet's `addr,length`.
struct Range {
    explicit Range(Fields& fields) : address(fields.number()) {
        fields.expect(",");
        bytes = fields.number();
    }

    /// Not empty, and not beyond the end of the address space.
    bool valid() const { return bytes != 0 && bytes - 1 <= ~address; }

    std::uint64_t address;
    std::uint64_t bytes;
};

GdbCommands::Reply write(DebugTarget& hart, const Range& range, std::string_view data) {
    if (data.size() != range.bytes) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    if (data.empty()) {
        return ok;  // with this GDB asks whether the packet is known
    }
    if (!range.valid() || !hart.write_memory(range.address, data.data(), data.size())) {
        throw GdbRefusal{GdbRefusal::not_there};
    }
    return ok;
}

Point parse_point(Fields& fields) {
    const std::uint64_t type = fields.number();
    fields.expect(",");
    const Range range(fields);
    fields.expect_end();
    if (type > static_cast<std::uint64_t>(Point::Type::access_watchpoint) || !range.valid()) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    const bool is_breakpoint = type <= static_cast<std::uint64_t>(Point::Type::hardware_breakpoint);
    return {static_cast<Point::Type>(type), range.address, is_breakpoint ? 0 : range.bytes};
}

}  // namespace

struct GdbCommands::Command {
    std::string_view name;
    Reply (GdbCommands::*carry_out)(Fields& fields);
};

/// The first one that a packet begins with is carried out.
const std::vector<GdbCommands::Command> GdbCommands::commands = {
    {"?", &GdbCommands::stop_status},
    {"g", &GdbCommands::read_registers},
    {"G", &GdbCommands::write_registers},
    {"p", &GdbCommands::read_register},
    {"P", &GdbCommands::write_register},
    {"m", &GdbCommands::read_memory},
    {"M", &GdbCommands::write_memory},
    {"X", &GdbCommands::write_binary},
    {"Z", &GdbCommands::insert_point},
    {"z", &GdbCommands::remove_point},
    {"c", &GdbCommands::run},
    {"C", &GdbCommands::run_with_signal},
    {"s", &GdbCommands::step},
    {"S", &GdbCommands::step_with_signal},
    {"vCont?", &GdbCommands::tell_actions},
    {"vCont", &GdbCommands::act},
    {"D", &GdbCommands::detach},
    {"k", &GdbCommands::kill},
    {"vKill;", &GdbCommands::kill_process},
    {"H", &GdbCommands::select_thread},
    {"T", &GdbCommands::thread_alive},
    {"qC", &GdbCommands::current_thread},
    {"qfThreadInfo", &GdbCommands::first_threads},
    {"qsThreadInfo", &GdbCommands::further_threads},
    {"qThreadExtraInfo,", &GdbCommands::thread_name},
    {"qSupported", &GdbCommands::tell_features},
    {"qXfer:features:read:", &GdbCommands::describe_registers},
    {"QStartNoAckMode", &GdbCommands::stop_acknowledging},
    {"qAttached", &GdbCommands::attached},
    {"qRcmd,", &GdbCommands::monitor},
};

GdbCommands::GdbCommands(std::vector<DebugTarget*> harts, GdbHooks hooks)
    : harts_(std::move(harts)), hooks_(std::move(hooks)), points_(harts_), actions_(harts_.size(), HartAction::run) {}

GdbCommands::Reply GdbCommands::answer(std::string_view packet) {
    const auto command = std::find_if(commands.begin(), commands.end(),
                                      [&](const Command& each) { return packet.starts_with(each.name); });
    if (command == commands.end()) {
        return unknown;
    }
    Fields fields(packet.substr(command->name.size()));
    try {
        return (this->*command->carry_out)(fields);
    } catch (const GdbRefusal& refusal) {
        return refusal.reply;
    }
}

GdbCommands::Reply GdbCommands::stop_status(Fields& fields) {
    fields.expect_end();
    return stop_reply();
}

GdbCommands::Reply GdbCommands::read_registers(Fields& fields) {
    fields.expect_end();
    return read_all_registers(hart());
}

GdbCommands::Reply GdbCommands::write_registers(Fields& fields) {
    write_all_registers(hart(), fields);
    return ok;
}

GdbCommands::Reply GdbCommands::read_register(Fields& fields) {
    const std::uint64_t number = fields.number();
    fields.expect_end();
    return read_one_register(hart(), number);
}

GdbCommands::Reply GdbCommands::write_register(Fields& fields) {
    const std::uint64_t number = fields.number();
    fields.expect("=");
    write_one_register(hart(), number, fields);
    return ok;
}

GdbCommands::Reply GdbCommands::read_memory(Fields& fields) {
    const Range range(fields);
    fields.expect_end();
    if (!range.valid()) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    std::string data(std::min<std::uint64_t>(range.bytes, gdb_data_bytes), '\0');
    if (!hart().read_memory(range.address, data.data(), data.size())) {
        throw GdbRefusal{GdbRefusal::not_there};
    }
    return to_hex(data);
}

GdbCommands::Reply GdbCommands::write_memory(Fields& fields) {
    const Range range(fields);
    fields.expect(":");
    return write(hart(), range, from_hex(fields.rest()));
}

GdbCommands::Reply GdbCommands::write_binary(Fields& fields) {
    const Range range(fields);
    fields.expect(":");
    return write(hart(), range, fields.rest());
}

GdbCommands::Reply GdbCommands::insert_point(Fields& fields) {
    points_.insert(parse_point(fields));
    return ok;
}

GdbCommands::Reply GdbCommands::remove_point(Fields& fields) {
    points_.remove(parse_point(fields));
    return ok;
}

GdbCommands::Reply GdbCommands::select_thread(Fields& fields) {
    const bool for_running = fields.skip("c");
    if (!for_running) {
        fields.expect("g");
    }
    const ThreadId thread = parse_last_thread(fields, harts());
    if (for_running) {
        run_thread_ = thread;
    } else if (thread.kind == ThreadId::Kind::one) {
        hart_ = thread.hart;
    }
    return ok;
}

GdbCommands::Reply GdbCommands::thread_alive(Fields& fields) {
    parse_last_thread(fields, harts());
    return ok;
}

GdbCommands::Reply GdbCommands::current_thread(Fields& fields) {
    return fields.at_end() ? fmt::format("QC{:x}", hart_ + 1) : unknown;
}

GdbCommands::Reply GdbCommands::first_threads(Fields& fields) {
    fields.expect_end();
    std::string list;
    for (unsigned hart = 0; hart < harts(); ++hart) {
        list += fmt::format("{}{:x}", hart == 0 ? 'm' : ',', hart + 1);
    }
    return list;
}

GdbCommands::Reply GdbCommands::further_threads(Fields& fields) {
    fields.expect_end();
    return "l";
}

GdbCommands::Reply GdbCommands::thread_name(Fields& fields) {
    const ThreadId thread = parse_last_thread(fields, harts());
    if (thread.kind != ThreadId::Kind::one) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    return to_hex(fmt::format("hart {}", thread.hart));
}

GdbCommands::Reply GdbCommands::tell_features(Fields& fields) {
    fields.skip(":");
    while (!fields.at_end()) {
        const std::string_view feature = fields.until(';').rest();
        software_breaks_told_ = software_breaks_told_ || feature == "swbreak+";
        hardware_breaks_told_ = hardware_breaks_told_ || feature == "hwbreak+";
    }
    return fmt::format("PacketSize={:x};qXfer:features:read+;QStartNoAckMode+;vContSupported+;swbreak+;hwbreak+",
                       gdb_packet_bytes);
}

GdbCommands::Reply GdbCommands::describe_registers(Fields& fields) {
    if (!fields.skip("target.xml:")) {
        return "E00";  // no such annex
    }
    const Range part(fields);
    fields.expect_end();
    if (description_.empty()) {
        description_ = target_description(hart().isa(), described_csrs(hart()));
    }
    if (part.address > description_.size()) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    const std::string text = description_.substr(part.address, std::min<std::uint64_t>(part.bytes, gdb_data_bytes));
    const bool more = part.address + text.size() < description_.size();
    return (more ? "m" : "l") + text;
}

GdbCommands::Reply GdbCommands::stop_acknowledging(Fields& fields) {
    fields.expect_end();
    acknowledges_ = false;
    return ok;
}

GdbCommands::Reply GdbCommands::attached(Fields&) {
    return "1";  // so that GDB detaches, and does not kill, when it is left
}

GdbCommands::Reply GdbCommands::monitor(Fields& fields) {
    const std::string command = from_hex(fields.rest());
    if (command == "time") {
        return to_hex(hooks_.time_text() + "\n");
    }
    if (command == "help") {
        return to_hex("time   the simulated time\nreset  reset the platform\nhelp   this text\n");
    }
    if (command != "reset") {
        return to_hex("unknown monitor command; allowed: time, reset, help\n");
    }
    hooks_.reset();
    go_on(std::vector<HartAction>(harts_.size(), HartAction::hold));
    state_ = State::resetting;
    return std::nullopt;
}

}  // namespace aqpim
