#include "models/cpu/elf_file.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "models/common/error.h"

namespace aqpim {

namespace {

std::string machine_name(unsigned machine) {
    static const std::map<unsigned, const char*> names = {
        {EM_386, "x86"},         {EM_X86_64, "x86-64"},    {EM_ARM, "Arm"},
        {EM_AARCH64, "AArch64"}, {EM_MIPS, "MIPS"},        {EM_PPC, "PowerPC"},
        {EM_PPC64, "PowerPC"},   {EM_SPARCV9, "SPARC V9"}, {EM_S390, "S/390"}};
    const auto found = names.find(machine);
    return found == names.end() ? "an unknown machine" : found->second;
}

std::string type_name(unsigned type) {
    switch (type) {
        case ET_REL:
            return "an object file";
        case ET_DYN:
            return "a shared object or position-independent executable";
        case ET_CORE:
            return "a core dump";
        default:
            return fmt::format("of type {}", type);
    }
}

/// A file's contents, from which nothing is taken that is not there.
class File {
 public:
    File(std::string name, std::vector<std::uint8_t> bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {}

    bool starts_with(std::string_view magic) const {
        return bytes_.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes_.begin());
    }
    [[noreturn]] void fail(const std::string& what) const { throw InputError(name_ + ": " + what); }

    const std::uint8_t* at(std::uint64_t offset, std::uint64_t bytes, const std::string& what) const {
        if (offset > bytes_.size() || bytes > bytes_.size() - offset) {
            fail(fmt::format("ELF is truncated: {} is {} bytes at {:#x}, but the file has {} bytes", what, bytes,
                             offset, bytes_.size()));
        }
        return bytes_.data() + offset;
    }

    /// The text from `offset` to the next zero byte, which has to come before `end`, and soon.
    std::string text(std::uint64_t offset, std::uint64_t end, const std::string& what) const {
        constexpr std::uint64_t longest = 4096;
        const std::uint64_t bytes = std::min(end - offset, longest);
        const std::uint8_t* const first = at(offset, bytes, what);
        const std::uint8_t* const last = std::find(first, first + bytes, 0);
        if (last == first + bytes) {
            fail(fmt::format("{} has no end", what));
        }
        return {first, last};
    }

    template <class T>
    T read(std::uint64_t offset, const std::string& what) const {
        T value;
        std::memcpy(&value, at(offset, sizeof(T), what), sizeof(T));
        return value;
    }

 private:
    std::string name_;
    std::vector<std::uint8_t> bytes_;
};

void check_identity(const File& file) {
    const auto ident = file.read<std::array<std::uint8_t, EI_NIDENT>>(0, "the identification");
    if (ident[EI_CLASS] != ELFCLASS64) {
        file.fail(ident[EI_CLASS] == ELFCLASS32
                      ? "is a 32-bit ELF; a 64-bit one is needed"
                      : fmt::format("is an ELF of class {}; a 64-bit one is needed", ident[EI_CLASS]));
    }
    if (ident[EI_DATA] != ELFDATA2LSB) {
        file.fail(ident[EI_DATA] == ELFDATA2MSB ? "is a big-endian ELF; a little-endian one is needed"
                                                : fmt::format("is an ELF of data encoding {}; a little-endian one is "
                                                              "needed",
                                                              ident[EI_DATA]));
    }
}

Elf64_Ehdr read_header(const File& file) {
    const auto header = file.read<Elf64_Ehdr>(0, "the header");
    if (header.e_machine != EM_RISCV) {
        file.fail(fmt::format("is an ELF for {} (e_machine {}); one for RISC-V ({}) is needed",
                              machine_name(header.e_machine), header.e_machine, EM_RISCV));
    }
    if (header.e_type != ET_EXEC) {
        file.fail(fmt::format("is {}; a statically linked executable is needed", type_name(header.e_type)));
    }
    if (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr)) {
        file.fail(
            fmt::format("has program headers of {} bytes; {} are needed", header.e_phentsize, sizeof(Elf64_Phdr)));
    }
    return header;
}

ElfImage::Segment read_segment(const File& file, const Elf64_Phdr& header, unsigned index) {
    const std::string name = fmt::format("segment {}", index);
    if (header.p_filesz > header.p_memsz) {
        file.fail(
            fmt::format("{} has {} bytes in the file but only {} in memory", name, header.p_filesz, header.p_memsz));
    }
    if (header.p_memsz - 1 > ~header.p_paddr) {
        file.fail(fmt::format("{} of {} bytes at {:#x} goes beyond the 64-bit address space", name, header.p_memsz,
                              header.p_paddr));
    }
    if (header.p_filesz == 0) {
        return {header.p_paddr, {}, header.p_memsz};
    }
    const std::uint8_t* const bytes = file.at(header.p_offset, header.p_filesz, name);
    return {header.p_paddr, {bytes, bytes + header.p_filesz}, header.p_memsz};
}

void check_overlap(const File& file, const std::vector<ElfImage::Segment>& segments) {
    for (std::size_t i = 1; i < segments.size(); ++i) {
        const ElfImage::Segment& below = segments[i - 1];
        const ElfImage::Segment& above = segments[i];
        if (above.address - below.address < below.memory_bytes) {
            file.fail(fmt::format("segments overlap: {} bytes at {:#x} and {} bytes at {:#x}", below.memory_bytes,
                                  below.address, above.memory_bytes, above.address));
        }
    }
}

/// The header of section `index`, which must exist.
Elf64_Shdr read_section(const File& file, const Elf64_Ehdr& header, std::uint64_t index) {
    if (index >= header.e_shnum) {
        file.fail(fmt::format("names section {} of {}", index, header.e_shnum));
    }
    return file.read<Elf64_Shdr>(header.e_shoff + index * sizeof(Elf64_Shdr), "a section header");
}

void add_symbols(const File& file, const Elf64_Shdr& table, const Elf64_Shdr& names, ElfImage& image) {
    file.at(table.sh_offset, table.sh_size, "the symbol table");
    file.at(names.sh_offset, names.sh_size, "the symbols' names");
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
        const auto symbol = file.read<Elf64_Sym>(table.sh_offset + at, "a symbol");
        const unsigned type = ELF64_ST_TYPE(symbol.st_info);
        const bool is_place = type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC;
        if (!is_place || symbol.st_shndx == SHN_UNDEF || symbol.st_name == 0) {
            continue;
        }
        if (symbol.st_name >= names.sh_size) {
            file.fail(fmt::format("has a symbol whose name is at {} of {} bytes", symbol.st_name, names.sh_size));
        }
        const std::string name =
            file.text(names.sh_offset + symbol.st_name, names.sh_offset + names.sh_size, "a symbol's name");
        const bool is_global = ELF64_ST_BIND(symbol.st_info) != STB_LOCAL;
        if (is_global) {
            image.symbols[name] = symbol.st_value;
        } else {
            image.symbols.try_emplace(name, symbol.st_value);
        }
    }
}

void read_symbols(const File& file, const Elf64_Ehdr& header, ElfImage& image) {
    if (header.e_shnum == 0) {
        return;
    }
    if (header.e_shentsize != sizeof(Elf64_Shdr)) {
        file.fail(
            fmt::format("has section headers of {} bytes; {} are needed", header.e_shentsize, sizeof(Elf64_Shdr)));
    }
    file.at(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr), "the table of section headers");
    for (unsigned index = 0; index < header.e_shnum; ++index) {
        const Elf64_Shdr section = read_section(file, header, index);
        if (section.sh_type == SHT_SYMTAB) {
            add_symbols(file, section, read_section(file, header, section.sh_link), image);
        }
    }
}

}  // namespace

bool is_elf(const std::string& file) {
    std::array<char, SELFMAG> magic{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(magic.data(), magic.size());
    return stream.good() && std::string_view(magic.data(), magic.size()) == ELFMAG;
}

ElfImage read_elf(const std::string& name) {
    std::ifstream stream(name, std::ios::binary);
    if (!stream.is_open() || !std::filesystem::is_regular_file(name)) {
        throw InputError(fmt::format("{}: cannot be read; a RISC-V ELF executable is needed", name));
    }
    std::ostringstream contents;
    contents << stream.rdbuf();
    const std::string text = contents.str();
    return parse_elf(name, {text.begin(), text.end()});
}

ElfImage parse_elf(const std::string& name, std::vector<std::uint8_t> bytes) {
    const File file(name, std::move(bytes));
    if (!file.starts_with(ELFMAG)) {
        file.fail("is not an ELF file; a RISC-V executable is needed");
    }
    check_identity(file);
    const Elf64_Ehdr header = read_header(file);
    const std::uint64_t headers_bytes = std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr);
    file.at(header.e_phoff, headers_bytes, "the table of program headers");

    ElfImage image{header.e_entry, {}, {}};
    for (unsigned index = 0; index < header.e_phnum; ++index) {
        const auto segment = file.read<Elf64_Phdr>(header.e_phoff + index * sizeof(Elf64_Phdr), "a program header");
        if (segment.p_type == PT_LOAD && segment.p_memsz != 0) {
            image.segments.push_back(read_segment(file, segment, index));
        }
    }
    if (image.segments.empty()) {
        file.fail("has no loadable segment; at least one is needed");
    }
    std::sort(image.segments.begin(), image.segments.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    check_overlap(file, image.segments);
    read_symbols(file, header, image);
    return image;
}

}  // namespace aqpim
