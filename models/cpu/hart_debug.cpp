#include <algorithm>

#include "models/cpu/hart.h"

namespace aqpim {

namespace {

constexpr std::uint64_t page_bytes = HostPages::page_bytes;
constexpr unsigned csr_numbers = 4096;

StopReason reason_of(WatchKind kind) {
    switch (kind) {
        case WatchKind::write:
            return StopReason::write_watchpoint;
        case WatchKind::read:
            return StopReason::read_watchpoint;
        default:
            return StopReason::access_watchpoint;
    }
}

bool sees(WatchKind kind, Access access) {
    return kind == WatchKind::access || (kind == WatchKind::write) == (access == Access::store);
}

}  // namespace

void Hart::set_debugger(Debugger* debugger) {
    debugger_ = debugger;
}

void Hart::trace_instructions(std::ostream* lines) {
    trace_ = lines;
    update_observation();
}

void Hart::count_instructions(InstructionCoverage* coverage) {
    coverage_ = coverage;
    update_observation();
}

void Hart::update_observation() {
    one_at_a_time_ = stepping_ || trace_ != nullptr || coverage_ != nullptr || !watchpoints_.empty();
    observed_ = one_at_a_time_ || !breakpoints_.empty();
    limit_ = std::min(limit_, tick_ + 1);
}

void Hart::step() {
    stepping_ = true;
    update_observation();
}

/// False: the debugger has done what ends the slice before the instruction.
bool Hart::stop_before_instruction() {
    const bool at_breakpoint = std::find(breakpoints_.begin(), breakpoints_.end(), pc_) != breakpoints_.end();
    if (at_breakpoint && resumed_at_ != pc_) {
        tell_debugger({StopReason::breakpoint, pc_});
        if (tick_ >= limit_) {
            return false;
        }
    }
    resumed_at_.reset();
    return true;
}

void Hart::stop_after_instruction() {
    if (!stepping_ && !watch_hit_) {
        return;
    }
    const Stop stop = watch_hit_.value_or(Stop{StopReason::stepped, pc_});
    watch_hit_.reset();
    stepping_ = false;
    update_observation();
    tell_debugger(stop);
}

void Hart::tell_debugger(const Stop& stop) {
    if (debugger_ == nullptr) {
        return;
    }
    debugger_->stopped(id_, stop);
    resumed_at_ = pc_;
    if (held_) {
        limit_ = 0;
    }
}

std::optional<std::uint64_t> Hart::read_register(unsigned number) {
    if (number < pc_number) {
        return x_[number];
    }
    if (number == pc_number) {
        return pc_;
    }
    if (number < first_csr_number) {
        return isa().has('f') ? std::optional(f_[number - first_float_number]) : std::nullopt;
    }
    if (number == privilege_number) {
        return static_cast<std::uint64_t>(csrs_.privilege());
    }
    return number - first_csr_number < csr_numbers ? csrs_.debug_read(number - first_csr_number) : std::nullopt;
}

bool Hart::write_register(unsigned number, std::uint64_t value) {
    if (number == 0) {
        return false;
    }
    if (number < pc_number) {
        x_[number] = value;
    } else if (number == pc_number) {
        if ((value & (jump_alignment_ | 1)) != 0) {
            return false;
        }
        pc_ = value;
    } else if (number < first_csr_number) {
        if (!isa().has('f')) {
            return false;
        }
        f_[number - first_float_number] = value;
    } else if (number == privilege_number) {
        if (value > 3 || value == 2) {
            return false;
        }
        csrs_.set_privilege(static_cast<Privilege>(value));
    } else if (number - first_csr_number >= csr_numbers || !csrs_.debug_write(number - first_csr_number, value)) {
        return false;
    }
    follow_mode();
    return true;
}

bool Hart::find_for_debugger(std::uint64_t address, std::uint64_t& physical) {
    physical = address;
    if (csrs_.data_privilege() == Privilege::machine || !csrs_.translation().sv39) {
        return true;
    }
    const auto read = [this](std::uint64_t at, std::uint64_t& entry) {
        return debug_access(socket, tlm::TLM_READ_COMMAND, at, &entry, sizeof(entry));
    };
    const auto leave_as_it_is = [](std::uint64_t, std::uint64_t, std::uint64_t) { return true; };
    TranslationContext context = csrs_.translation();
    context.sum = true;
    context.mxr = true;
    const Translation translation =
        Sv39(read, leave_as_it_is, true).translate(context, address, Access::load, Privilege::supervisor);
    physical = translation.physical;
    return translation.ok;
}

bool Hart::debug_move(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t bytes) {
    for (std::size_t done = 0; done < bytes;) {
        const std::uint64_t at = address + done;
        const std::size_t part = std::min<std::size_t>(bytes - done, page_bytes - at % page_bytes);
        std::uint64_t physical = 0;
        if (!find_for_debugger(at, physical) || !debug_access(socket, command, physical, data + done, part)) {
            return false;
        }
        done += part;
    }
    return true;
}

bool Hart::read_memory(std::uint64_t address, void* data, std::size_t bytes) {
    return debug_move(tlm::TLM_READ_COMMAND, address, static_cast<std::uint8_t*>(data), bytes);
}

bool Hart::write_memory(std::uint64_t address, const void* data, std::size_t bytes) {
    group_.change_code();
    limit_ = 0;
    return debug_move(tlm::TLM_WRITE_COMMAND, address, static_cast<std::uint8_t*>(const_cast<void*>(data)), bytes);
}

void Hart::add_breakpoint(std::uint64_t address) {
    breakpoints_.push_back(address);
    update_observation();
}

void Hart::remove_breakpoint(std::uint64_t address) {
    const auto found = std::find(breakpoints_.begin(), breakpoints_.end(), address);
    if (found != breakpoints_.end()) {
        breakpoints_.erase(found);
    }
    update_observation();
}

void Hart::add_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) {
    watchpoints_.push_back({kind, address, bytes});
    drop_pages();
    update_observation();
}

void Hart::remove_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) {
    const auto found = std::find(watchpoints_.begin(), watchpoints_.end(), Watchpoint{kind, address, bytes});
    if (found != watchpoints_.end()) {
        watchpoints_.erase(found);
    }
    update_observation();
}

void Hart::check_watchpoints(Access access, std::uint64_t address, unsigned bytes) {
    for (const Watchpoint& watchpoint : watchpoints_) {
        // Differences, since either may reach the end of the address space.
        const bool overlaps = address - watchpoint.address < watchpoint.bytes || watchpoint.address - address < bytes;
        if (overlaps && sees(watchpoint.kind, access)) {
            watch_hit_ = {reason_of(watchpoint.kind), std::max(address, watchpoint.address)};
            stop_ = true;
        }
    }
}

}  // namespace aqpim
