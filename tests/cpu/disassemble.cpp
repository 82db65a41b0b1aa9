// Prints a file of instructions as the disassembler writes them, or the instruction table, for disassembly_test.py.
//
//   disassemble FILE ADDRESS   every instruction of FILE, the first at ADDRESS (hexadecimal)
//   disassemble --table        every line of the table: mnemonic, match, mask

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "models/cpu/compressed.h"
#include "models/cpu/disassembler.h"

namespace {

void print_table() {
    for (const aqpim::InstructionRow& row : aqpim::instruction_table()) {
        fmt::print("{} {:#010x} {:#010x}\n", aqpim::mnemonic(row), row.match, row.mask);
    }
}

void print_file(const std::vector<std::uint8_t>& bytes, std::uint64_t address) {
    const aqpim::Disassembler disassembler(aqpim::Isa("rv64gc"));
    const auto half = [&](std::size_t at) -> std::uint32_t {
        return at + 1 < bytes.size() ? bytes[at] | static_cast<std::uint32_t>(bytes[at + 1]) << 8 : 0;
    };
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint32_t encoding = half(at) | half(at + 2) << 16;
        fmt::print("{}\n", disassembler.line(encoding, address + at));
        at += aqpim::is_compressed(encoding) ? 2 : 4;
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 2 && std::string(arguments[1]) == "--table") {
        print_table();
        return 0;
    }
    if (count != 3) {
        std::cerr << "usage: disassemble FILE ADDRESS | --table\n";
        return 2;
    }
    std::ifstream file(arguments[1], std::ios::binary);
    if (!file) {
        std::cerr << "disassemble: cannot read " << arguments[1] << "\n";
        return 2;
    }
    print_file({std::istreambuf_iterator<char>(file), {}}, std::stoull(arguments[2], nullptr, 16));
    return 0;
}
