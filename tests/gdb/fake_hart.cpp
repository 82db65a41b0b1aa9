#include "fake_hart.h"

#include <cstring>

namespace aqpim::test {

namespace {

constexpr unsigned a0 = 10;
constexpr unsigned a1 = 11;

}  // namespace

std::uint8_t* FakeMemory::at(std::uint64_t address, std::uint64_t length) {
    const std::uint64_t offset = address - base;
    return offset < bytes.size() && length <= bytes.size() - offset ? bytes.data() + offset : nullptr;
}

FakeHart::FakeHart(const char* isa, std::uint64_t id, FakeMemory& memory) : isa_(isa), memory_(memory) {
    const unsigned end = isa_.has('f') ? first_csr_number + 4 : first_float_number;
    for (unsigned number = 0; number < end; ++number) {
        registers[number] = 0;
    }
    registers.erase(first_csr_number);  // CSR 0
    registers[pc_number] = FakeMemory::base;
    registers[mscratch] = 0;
    registers[mscratch + 1] = 0;
    registers[mhartid] = id;
    registers[privilege_number] = 3;
}

std::optional<std::uint64_t> FakeHart::read_register(unsigned number) {
    const auto found = registers.find(number);
    return found == registers.end() ? std::nullopt : std::optional(found->second);
}

bool FakeHart::write_register(unsigned number, std::uint64_t value) {
    const auto found = registers.find(number);
    const bool jumps_between = number == pc_number && value % 2 != 0;
    if (found == registers.end() || number == 0 || number == mhartid || jumps_between) {
        return false;
    }
    found->second = value;
    return true;
}

bool FakeHart::read_memory(std::uint64_t address, void* data, std::size_t bytes) {
    const std::uint8_t* const found = memory_.at(address, bytes);
    if (found != nullptr) {
        std::memcpy(data, found, bytes);
    }
    return found != nullptr;
}

bool FakeHart::write_memory(std::uint64_t address, const void* data, std::size_t bytes) {
    std::uint8_t* const found = memory_.at(address, bytes);
    if (found != nullptr) {
        std::memcpy(found, data, bytes);
    }
    return found != nullptr;
}

void FakeHart::remove_breakpoint(std::uint64_t address) {
    const auto found = breakpoints.find(address);
    if (found != breakpoints.end()) {
        breakpoints.erase(found);
    }
}

void FakeHart::add_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) {
    watchpoints.insert({kind, address, bytes});
}

void FakeHart::remove_watchpoint(WatchKind kind, std::uint64_t address, std::uint64_t bytes) {
    const auto found = watchpoints.find({kind, address, bytes});
    if (found != watchpoints.end()) {
        watchpoints.erase(found);
    }
}

std::optional<Stop> FakeHart::execute() {
    if (held) {
        return std::nullopt;
    }
    std::uint64_t& pc = registers[pc_number];
    if (breakpoints.contains(pc) && passed_breakpoint_ != pc) {
        passed_breakpoint_ = pc;
        return Stop{StopReason::breakpoint, pc};
    }
    passed_breakpoint_.reset();

    std::optional<Stop> stop;
    std::uint32_t instruction = 0;
    read_memory(pc, &instruction, sizeof instruction);
    if (instruction == sd_a1_at_a0) {
        stop = store(registers[a0], registers[a1]);
    } else if (instruction == addi_a1) {
        ++registers[a1];
    }
    pc += instruction == jump_8_back ? std::uint64_t(-8) : 4;
    if (!stop && stepping) {
        stop = Stop{StopReason::stepped, pc};
    }
    stepping = false;
    return stop;
}

std::optional<Stop> FakeHart::store(std::uint64_t address, std::uint64_t value) {
    write_memory(address, &value, sizeof value);
    for (const auto& [kind, start, bytes] : watchpoints) {
        if (kind != WatchKind::read && start < address + sizeof value && address < start + bytes) {
            return Stop{kind == WatchKind::write ? StopReason::write_watchpoint : StopReason::access_watchpoint, start};
        }
    }
    return std::nullopt;
}

}  // namespace aqpim::test
