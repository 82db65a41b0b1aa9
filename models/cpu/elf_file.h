#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace aqpim {

/// What an ELF executable puts into memory.
struct ElfImage {
    struct Segment {
        std::uint64_t address;            ///< physical
        std::vector<std::uint8_t> bytes;  ///< from the file
        std::uint64_t memory_bytes;       ///< at least bytes.size(); the rest is zero
    };
    std::uint64_t entry;
    std::vector<Segment> segments;  ///< by address, without overlap; none is empty
    /// Functions, objects and labels, by name; empty for a stripped file. Of two with one name, the global one.
    std::map<std::string, std::uint64_t> symbols;
};

/// Whether the file begins as an ELF does; false also if it cannot be read.
bool is_elf(const std::string& file);

/// Reads a statically linked, little-endian, 64-bit RISC-V executable (System V ABI, chapters 4 and 5). Throws
/// InputError that names the file, what was found and what is allowed.
ElfImage read_elf(const std::string& file);
/// The same from a file's contents.
ElfImage parse_elf(const std::string& file, std::vector<std::uint8_t> bytes);

}  // namespace aqpim
