#include <catch2/catch.hpp>

#include <elf.h>

#include "aqpim/memory_map.h"
#include "models/common/error.h"
#include "platform/images.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using Catch::Contains;
using test::TemporaryDirectory;

namespace {

constexpr std::uint64_t ram_bytes = 1 << 20;

/// An executable of one segment: 4 bytes at `address`, entered 2 bytes behind its beginning.
std::string elf(std::uint64_t address) {
    Elf64_Ehdr header{};
    std::copy_n(ELFMAG, SELFMAG, header.e_ident);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_entry = address + 2;
    header.e_phoff = sizeof header;
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = 1;
    const Elf64_Phdr segment{PT_LOAD, PF_R | PF_X, sizeof header + sizeof segment, address, address, 4, 16, 4};
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) +
           std::string(reinterpret_cast<const char*>(&segment), sizeof segment) + "code";
}

struct Scene {
    TemporaryDirectory directory;
    std::string raw = directory.write("raw.bin", "1234567");
    std::string program = directory.write("program.elf", elf(AQPIM_RAM_BASE + 0x1000));

    std::string refusal(const std::string& firmware, const std::string& loads = "") const {
        try {
            read_images(firmware, loads, ram_bytes);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }
};

}  // namespace

TEST_CASE("a raw firmware goes to the beginning of RAM and is entered there") {
    const Scene scene;
    const auto images = read_images(scene.raw, "", ram_bytes);
    REQUIRE(images.size() == 1);
    CHECK(images[0].contents.entry == AQPIM_RAM_BASE);
    REQUIRE(images[0].contents.segments.size() == 1);
    CHECK(images[0].contents.segments[0].address == AQPIM_RAM_BASE);
    CHECK(images[0].contents.segments[0].memory_bytes == 7);
    CHECK(images[0].contents.segments[0].bytes == std::vector<std::uint8_t>{'1', '2', '3', '4', '5', '6', '7'});
}

TEST_CASE("an ELF goes where it says; with an address, its bytes go there as they are") {
    const Scene scene;
    const auto images =
        read_images(scene.program, scene.program + "@0x80080000," + scene.raw + "@2147549184", ram_bytes);
    REQUIRE(images.size() == 3);
    CHECK(images[0].contents.entry == AQPIM_RAM_BASE + 0x1002);
    CHECK(images[0].contents.segments[0].address == AQPIM_RAM_BASE + 0x1000);
    CHECK(images[1].contents.entry == 0x8008'0000);
    CHECK(images[1].contents.segments[0].bytes[1] == 'E');
    CHECK(images[2].contents.segments[0].address == 0x8001'0000);
}

TEST_CASE("a name may hold an @") {
    const Scene scene;
    const std::string name = scene.directory.write("fw@home.bin", "x");
    CHECK(read_images(name, "", ram_bytes)[0].contents.entry == AQPIM_RAM_BASE);
    CHECK(read_images(name + "@0x80000010", "", ram_bytes)[0].contents.entry == 0x8000'0010);
}

TEST_CASE("images that overlap are refused, both named; they may touch") {
    const Scene scene;
    CHECK_THAT(
        scene.refusal(scene.program, scene.raw + "@0x80000ffa"),
        Contains("raw.bin: 7 bytes at 0x80000ffa overlap 16 bytes at 0x80001000 of ") && Contains("program.elf"));
    CHECK_THAT(scene.refusal(scene.program, scene.raw + "@0x8000100f"), Contains("overlap"));
    CHECK(scene.refusal(scene.program, scene.raw + "@0x80000ff9," + scene.raw + "@0x80001010").empty());
}

TEST_CASE("images that reach beyond RAM are refused") {
    const Scene scene;
    for (const char* address : {"0x7fffffff", "0", "0x800ffffa", "0x80100000", "0xffffffffffffffff"}) {
        INFO(address);
        CHECK_THAT(scene.refusal(scene.raw + "@" + address), Contains("raw.bin: 7 bytes at ") && Contains("ram.size"));
    }
    CHECK(scene.refusal(scene.raw + "@0x800ffff9").empty());
    CHECK_THAT(scene.refusal(scene.directory.write("low.elf", elf(0x1000))), Contains("low.elf: 16 bytes at 0x1000"));
}

TEST_CASE("what cannot be an image is refused") {
    const Scene scene;
    CHECK_THAT(scene.refusal("nowhere.bin"), Contains("nowhere.bin: cannot be read"));
    CHECK_THAT(scene.refusal("/"), Contains("/: cannot be read"));
    CHECK_THAT(scene.refusal("/dev/zero@0x80000000"), Contains("/dev/zero: cannot be read"));
    CHECK_THAT(scene.refusal(scene.directory.write("empty.bin", "")),
               Contains("empty.bin: cannot be read, or is empty"));
    CHECK_THAT(scene.refusal(scene.raw + "@0x8000000g"), Contains("address '0x8000000g' found"));
    CHECK_THAT(scene.refusal(scene.raw + "@0x10000000000000000"), Contains("address '0x10000000000000000' found"));
    CHECK_THAT(scene.refusal(scene.program, scene.raw),
               Contains("raw.bin: is not an ELF file; ") && Contains("raw.bin@ADDRESS is needed"));
    CHECK_THAT(scene.refusal(scene.program, "x.bin,"), Contains("x.bin: cannot be read"));
}
