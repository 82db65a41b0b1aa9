#include "models/cpu/elf_file.h"

#include <elf.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "models/common/error.h"

using namespace aqpim;
using Catch::Matchers::Contains;

namespace {

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

TEST_CASE("random damage is either harmless or refused, never worse") {
    std::mt19937_64 random(1);
    const Bytes whole = Elf().bytes();
    const TemporaryFile file;
    unsigned refused = 0;
    for (int round = 0; round < 2000; ++round) {
        Bytes damaged = whole;
        for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
            damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
        }
        file.write(damaged);
        try {
            read_elf(file.name());
        } catch (const InputError&) {
            ++refused;
        }
    }
    CHECK(refused > 100);
    CHECK(refused < 2000);
}
