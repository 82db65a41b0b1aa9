#include "platform/images.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>

#include "aqpim/memory_map.h"
#include "models/common/error.h"

namespace aqpim {

namespace {

/// The number after the last '@' of FILE@ADDRESS. Only what begins like a number is meant as one: names may hold a '@'.
std::optional<std::uint64_t> address_in(const std::string& text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string::npos || at + 1 == text.size() ||
        std::isdigit(static_cast<unsigned char>(text[at + 1])) == 0) {
        return std::nullopt;
    }
    const bool is_hex = text.compare(at + 1, 2, "0x") == 0;
    const char* const end = text.data() + text.size();
    std::uint64_t address = 0;
    const auto [rest, error] = std::from_chars(text.data() + at + (is_hex ? 3 : 1), end, address, is_hex ? 16 : 10);
    if (error != std::errc{} || rest != end) {
        throw InputError(
            fmt::format("{}: address '{}' found; a decimal number, or a hexadecimal one with 0x, is allowed", text,
                        text.substr(at + 1)));
    }
    return address;
}

ElfImage read_raw(const std::string& file, std::uint64_t address, std::uint64_t ram_bytes) {
    std::error_code error;
    const std::uint64_t bytes =
        std::filesystem::is_regular_file(file, error) ? std::filesystem::file_size(file, error) : 0;
    std::ifstream stream(file, std::ios::binary);
    if (error || bytes == 0 || !stream) {
        throw InputError(fmt::format("{}: cannot be read, or is empty; an image of 1 byte or more is needed", file));
    }
    ElfImage image{address, {{address, {}, bytes}}, {}};
    if (bytes <= ram_bytes) {  // else it is refused soon
        std::vector<std::uint8_t>& contents = image.segments.front().bytes;
        contents.resize(bytes);
        stream.read(reinterpret_cast<char*>(contents.data()), static_cast<std::streamsize>(bytes));
    }
    return image;
}

Image read_image(const std::string& text, std::optional<std::uint64_t> raw_address, std::uint64_t ram_bytes) {
    if (const auto address = address_in(text)) {
        const std::string file = text.substr(0, text.rfind('@'));
        return {file, read_raw(file, *address, ram_bytes)};
    }
    if (is_elf(text)) {
        return {text, read_elf(text)};
    }
    if (!raw_address && std::filesystem::exists(text)) {
        throw InputError(fmt::format("{}: is not an ELF file; {}@ADDRESS is needed", text, text));
    }
    return {text, read_raw(text, raw_address.value_or(0), ram_bytes)};
}

void check_in_ram(const Image& image, std::uint64_t ram_bytes) {
    const std::uint64_t base = AQPIM_RAM_BASE;
    for (const ElfImage::Segment& segment : image.contents.segments) {
        const std::uint64_t offset = segment.address - base;
        if (segment.address < base || offset >= ram_bytes || segment.memory_bytes > ram_bytes - offset) {
            throw InputError(fmt::format("{}: {} bytes at {:#x} found; RAM from {:#x} to {:#x} (ram.size) is allowed",
                                         image.file, segment.memory_bytes, segment.address, base,
                                         base + ram_bytes - 1));
        }
    }
}

void check_apart(const Image& first, const Image& second) {
    for (const ElfImage::Segment& a : first.contents.segments) {
        for (const ElfImage::Segment& b : second.contents.segments) {
            if (a.address < b.address + b.memory_bytes && b.address < a.address + a.memory_bytes) {
                throw InputError(fmt::format("{}: {} bytes at {:#x} overlap {} bytes at {:#x} of {}", second.file,
                                             b.memory_bytes, b.address, a.memory_bytes, a.address, first.file));
            }
        }
    }
}

}  // namespace

std::string default_firmware() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "firmware" / "decode.elf").string();
}

std::vector<Image> read_images(const std::string& firmware, const std::string& loads, std::uint64_t ram_bytes) {
    std::vector<Image> images{read_image(firmware, AQPIM_RAM_BASE, ram_bytes)};
    for (std::size_t begin = 0; begin < loads.size();) {
        const std::size_t end = std::min(loads.find(',', begin), loads.size());
        images.push_back(read_image(loads.substr(begin, end - begin), std::nullopt, ram_bytes));
        begin = end + 1;
    }
    for (std::size_t second = 0; second < images.size(); ++second) {
        check_in_ram(images[second], ram_bytes);
        for (std::size_t first = 0; first < second; ++first) {
            check_apart(images[first], images[second]);
        }
    }
    return images;
}

}  // namespace aqpim
