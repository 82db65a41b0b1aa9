#include "models/cpu/elf_file.h"

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "tests/cpu/elf_scene.h"

using namespace aqpim;
using namespace aqpim::test;
using Catch::Matchers::Contains;

namespace {

ElfImage read(const Bytes& bytes) {
    const TemporaryFile file;
    file.write(bytes);
    return read_elf(file.name());
}

/// The message with which `bytes` are refused, without the file's name, which it must begin with.
std::string refusal(const Bytes& bytes) {
    const TemporaryFile file;
    file.write(bytes);
    try {
        read_elf(file.name());
    } catch (const InputError& error) {
        const std::string message = error.what();
        REQUIRE(message.substr(0, file.name().size() + 2) == file.name() + ": ");
        CHECK(message.find('\n') == std::string::npos);
        return message.substr(file.name().size() + 2);
    }
    return "";
}

}  // namespace

TEST_CASE("an executable's segments are read with their physical addresses, in their order") {
    const ElfImage image = read(Elf().bytes());
    CHECK(image.entry == 0x8000'0002);
    REQUIRE(image.segments.size() == 2);
    CHECK(image.segments[0].address == 0x8000'0000);
    CHECK(image.segments[0].bytes == Bytes{1, 2, 3, 4, 5, 6});
    CHECK(image.segments[0].memory_bytes == 10);
    CHECK(image.segments[1].address == 0x9000'0000);
    CHECK(image.segments[1].bytes.empty());
    CHECK(image.segments[1].memory_bytes == 16);
}

TEST_CASE("symbols are read by name, a global one before a local one, none that only names something elsewhere") {
    using Symbols = std::map<std::string, std::uint64_t>;
    CHECK(read(Elf().bytes()).symbols.empty());
    CHECK(read(ElfWithSymbols().bytes()).symbols == Symbols{{"main", 0x8000'0002}, {"tohost", 0x8000'1000}});
}

TEST_CASE("symbol tables that point beyond the file or themselves are refused") {
    ElfWithSymbols elf;
    elf.elf.header.e_shoff = 1000;
    CHECK_THAT(refusal(elf.bytes()), Contains("truncated: the table of section headers"));
    elf = {};
    elf.elf.header.e_shentsize = 40;
    CHECK_THAT(refusal(elf.bytes()), Contains("section headers of 40 bytes; 64 are needed"));
    elf = {};
    elf.sections[1].sh_link = 3;
    CHECK_THAT(refusal(elf.bytes()), Contains("section 3 of 3"));
    elf = {};
    elf.sections[1].sh_size = ~0ull;
    CHECK_THAT(refusal(elf.bytes()), Contains("truncated: the symbol table"));
    elf = {};
    elf.sections[2].sh_offset = ~0ull;
    CHECK_THAT(refusal(elf.bytes()), Contains("truncated: the symbols' names"));
    elf = {};
    elf.symbols[1].st_name = sizeof(elf.names);
    CHECK_THAT(refusal(elf.bytes()), Contains("name is at 24 of 24 bytes"));
    elf = {};
    std::memset(elf.names + 8, 'x', sizeof(elf.names) - 8);
    CHECK_THAT(refusal(elf.bytes()), Contains("a symbol's name has no end"));
}

TEST_CASE("segments that load nothing are passed over") {
    Elf elf;
    elf.segments[0].p_memsz = 0;
    CHECK(read(elf.bytes()).segments.size() == 1);
    elf.segments[0] = {PT_NOTE, 0, ~0ull, 0, 0, ~0ull, 0, 0};
    CHECK(read(elf.bytes()).segments.size() == 1);
}

TEST_CASE("a file that is missing or a directory is refused") {
    CHECK_THROWS_WITH(read_elf("/nowhere/firmware.elf"), Contains("/nowhere/firmware.elf: cannot be read"));
    CHECK_THROWS_WITH(read_elf("/"), Contains("/: cannot be read"));
}

TEST_CASE("a file that is no ELF is refused") {
    CHECK_THAT(refusal({}), Contains("is not an ELF file"));
    CHECK_THAT(refusal({'#', '!', '/', 'b', 'i', 'n'}), Contains("is not an ELF file"));
}

TEST_CASE("an ELF for another machine is refused and named") {
    Elf elf;
    elf.header.e_machine = EM_X86_64;
    CHECK_THAT(refusal(elf.bytes()), Contains("x86-64 (e_machine 62)") && Contains("RISC-V (243)"));
    elf.header.e_machine = EM_AARCH64;
    CHECK_THAT(refusal(elf.bytes()), Contains("AArch64 (e_machine 183)"));
    elf.header.e_machine = 0x1234;
    CHECK_THAT(refusal(elf.bytes()), Contains("unknown machine (e_machine 4660)"));
}

TEST_CASE("an ELF of another class or byte order is refused") {
    Elf elf;
    elf.header.e_ident[EI_CLASS] = ELFCLASS32;
    CHECK_THAT(refusal(elf.bytes()), Contains("32-bit"));
    elf.header.e_ident[EI_CLASS] = 7;
    CHECK_THAT(refusal(elf.bytes()), Contains("class 7"));
    elf = Elf();
    elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
    CHECK_THAT(refusal(elf.bytes()), Contains("big-endian"));
    elf.header.e_ident[EI_DATA] = 9;
    CHECK_THAT(refusal(elf.bytes()), Contains("data encoding 9"));
}

TEST_CASE("what is not an executable is refused") {
    Elf elf;
    elf.header.e_type = ET_REL;
    CHECK_THAT(refusal(elf.bytes()), Contains("object file"));
    elf.header.e_type = ET_DYN;
    CHECK_THAT(refusal(elf.bytes()), Contains("shared object"));
    elf.header.e_type = ET_CORE;
    CHECK_THAT(refusal(elf.bytes()), Contains("core dump"));
    elf.header.e_type = 77;
    CHECK_THAT(refusal(elf.bytes()), Contains("type 77"));
}

TEST_CASE("an executable that loads nothing is refused") {
    Elf elf;
    elf.header.e_phnum = 0;
    CHECK_THAT(refusal(elf.bytes()), Contains("no loadable segment"));
    elf.header.e_phnum = 2;
    elf.segments[0].p_type = elf.segments[1].p_type = PT_NOTE;
    CHECK_THAT(refusal(elf.bytes()), Contains("no loadable segment"));
}

TEST_CASE("every truncation of an executable is refused") {
    const Bytes whole = Elf().bytes();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        INFO(length << " bytes");
        CHECK_THAT(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
                   Contains("truncated") || Contains("is not an ELF file"));
    }
}

TEST_CASE("headers and segments that point beyond the file or wrap are refused") {
    const std::uint64_t far[] = {1000, 1ull << 40, ~0ull, ~0ull - 55, 1ull << 63};
    for (const std::uint64_t offset : far) {
        INFO(offset);
        Elf elf;
        elf.header.e_phoff = offset;
        CHECK_THAT(refusal(elf.bytes()), Contains("truncated"));
        elf = Elf();
        elf.segments[1].p_offset = offset;
        CHECK_THAT(refusal(elf.bytes()), Contains("truncated"));
        elf = Elf();
        elf.segments[1].p_filesz = elf.segments[1].p_memsz = offset;
        CHECK_THAT(refusal(elf.bytes()), Contains("truncated") || Contains("address space"));
    }
}

TEST_CASE("segments that contradict themselves are refused") {
    Elf elf;
    elf.segments[1].p_filesz = 11;
    CHECK_THAT(refusal(elf.bytes()), Contains("11 bytes in the file but only 10 in memory"));
    elf = Elf();
    elf.segments[0].p_paddr = ~0ull - 8;
    CHECK_THAT(refusal(elf.bytes()), Contains("address space"));
    elf = Elf();
    elf.segments[0].p_paddr = 0x8000'0009;
    CHECK_THAT(refusal(elf.bytes()), Contains("overlap"));
    elf = Elf();
    elf.header.e_phentsize = 32;
    CHECK_THAT(refusal(elf.bytes()), Contains("program headers of 32 bytes; 56 are needed"));
}

TEST_CASE("segments may touch each other and the end of the address space") {
    Elf elf;
    elf.segments[0].p_paddr = 0x8000'000a;
    CHECK(read(elf.bytes()).segments.size() == 2);
    elf.segments[0].p_paddr = ~0ull - 15;
    CHECK(read(elf.bytes()).segments.size() == 2);
}

TEST_CASE("a file is recognised as ELF by its first bytes") {
    const TemporaryFile file;
    file.write(Elf().bytes());
    CHECK(is_elf(file.name()));
    file.write({0x7f, 'E', 'L'});
    CHECK_FALSE(is_elf(file.name()));
    CHECK_FALSE(is_elf("/nowhere/firmware.elf"));
}
