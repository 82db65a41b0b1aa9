#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/cpu/elf_file.h"

namespace aqpim {

/// A file and what it puts into memory.
struct Image {
    std::string file;
    ElfImage contents;
};

/// The decode program, beside the executable in the build tree.
std::string default_firmware();

/// What is in memory when the harts come out of reset: the firmware, then each file of `loads` (separated by commas).
///
/// `FILE@ADDRESS` puts the file's bytes at ADDRESS (decimal, or hexadecimal with 0x), whatever they are. `FILE` alone
/// is an ELF, which goes where it says, or, as firmware only, a raw image that goes to the beginning of RAM. Raw images
/// are entered at their first byte.
///
/// Throws InputError, in one line that names the file, if one cannot be read, reaches beyond the RAM of `ram_bytes`, or
/// overlaps another.
std::vector<Image> read_images(const std::string& firmware, const std::string& loads, std::uint64_t ram_bytes);

}  // namespace aqpim
