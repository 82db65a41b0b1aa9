#pragma once

#include <elf.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace aqpim::test {

using Bytes = std::vector<std::uint8_t>;

/// An executable of two segments: 6 bytes of code with 4 more in memory, and zeros alone.
struct Elf {
    Elf64_Ehdr header{};
    Elf64_Phdr segments[2]{};
    std::uint8_t code[6] = {1, 2, 3, 4, 5, 6};

    Elf() {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_RISCV;
        header.e_version = EV_CURRENT;
        header.e_entry = 0x8000'0002;
        header.e_phoff = sizeof(header);
        header.e_ehsize = sizeof(header);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = 2;
        segments[0] = {PT_LOAD, PF_R | PF_W, 0, 0x9000'0000, 0x9000'0000, 0, 16, 8};
        segments[1] = {PT_LOAD, PF_R | PF_X, sizeof(header) + sizeof(segments), 0x1000, 0x8000'0000, 6, 10, 2};
    }

    Bytes bytes() const {
        Bytes all(sizeof(header) + sizeof(segments) + sizeof(code));
        std::memcpy(all.data(), &header, sizeof(header));
        std::memcpy(all.data() + sizeof(header), segments, sizeof(segments));
        std::memcpy(all.data() + sizeof(header) + sizeof(segments), code, sizeof(code));
        return all;
    }
};

/// The same with a symbol table behind it.
struct ElfWithSymbols {
    Elf elf;
    Elf64_Shdr sections[3]{};
    Elf64_Sym symbols[6]{};
    char names[24] = "\0tohost\0main\0absent\0";

    ElfWithSymbols() {
        const std::uint64_t start = elf.bytes().size();
        elf.header.e_shoff = start;
        elf.header.e_shentsize = sizeof(Elf64_Shdr);
        elf.header.e_shnum = 3;
        sections[1].sh_type = SHT_SYMTAB;
        sections[1].sh_link = 2;
        sections[1].sh_offset = start + sizeof(sections);
        sections[1].sh_size = sizeof(symbols);
        sections[2].sh_type = SHT_STRTAB;
        sections[2].sh_offset = start + sizeof(sections) + sizeof(symbols);
        sections[2].sh_size = sizeof(names);
        symbols[1] = {1, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, 0x8000'1000, 8};
        symbols[2] = {1, ELF64_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1, 0x8000'2000, 8};
        symbols[3] = {8, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 1, 0x8000'0002, 4};
        symbols[4] = {13, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, SHN_UNDEF, 0, 0};
        symbols[5] = {13, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS, 0, 0};
    }

    Bytes bytes() const {
        Bytes all = elf.bytes();
        const auto add = [&all](const auto& part) {
            all.resize(all.size() + sizeof(part));
            std::memcpy(all.data() + all.size() - sizeof(part), &part, sizeof(part));
        };
        add(sections);
        add(symbols);
        add(names);
        return all;
    }
};

class TemporaryFile {
 public:
    TemporaryFile() : name_(std::filesystem::temp_directory_path() / ("aqpim_elf_test." + std::to_string(getpid()))) {}
    ~TemporaryFile() { std::filesystem::remove(name_); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    std::string name() const { return name_; }
    void write(const Bytes& bytes) const {
        std::ofstream(name_, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }

 private:
    std::filesystem::path name_;
};

}  // namespace aqpim::test
