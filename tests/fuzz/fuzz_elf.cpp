#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "models/common/error.h"
#include "models/cpu/elf_file.h"
#include "tests/cpu/elf_scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr int cases = 100'000;

using Random = std::mt19937_64;

/// Values at which sizes, offsets and counts go wrong.
std::uint64_t edge(Random& random) {
    constexpr std::uint64_t edges[] = {0, 1, 2, 0x7f, 0xff, 0xfff, 0xffff, 0x7fffffff, 0xffffffff, 0x100000000};
    const std::uint64_t value = edges[random() % std::size(edges)];
    return random() % 2 == 0 ? value : ~value;
}

void set_bytes(Bytes& file, Random& random) {
    for (std::uint64_t changes = 1 + random() % 8; changes > 0; --changes) {
        file[random() % file.size()] = static_cast<std::uint8_t>(random());
    }
}

void set_field(Bytes& file, Random& random) {
    const std::size_t width = std::size_t{2} << random() % 3;
    const std::size_t place = random() % (file.size() / width) * width;
    const std::uint64_t value = edge(random);
    std::memcpy(&file[place], &value, std::min(width, file.size() - place));
}

void change_length(Bytes& file, Random& random) {
    file.resize(random() % (2 * file.size()));
}

void copy_part(Bytes& file, Random& random) {
    const std::size_t from = random() % file.size();
    const std::size_t to = random() % file.size();
    const std::size_t length = std::min(random() % 64, file.size() - std::max(from, to));
    const Bytes part(&file[from], &file[from] + length);
    std::copy(part.begin(), part.end(), file.begin() + static_cast<std::ptrdiff_t>(to));
}

Bytes damaged(Bytes file, Random& random) {
    using Way = void (*)(Bytes&, Random&);
    constexpr Way ways[] = {set_bytes, set_field, set_field, change_length, copy_part};
    for (std::uint64_t steps = 1 + random() % 3; steps > 0 && file.size() >= 8; --steps) {
        ways[random() % std::size(ways)](file, random);
    }
    return file;
}

}  // namespace

TEST_CASE("damaged ELF files are read or refused, never worse") {
    Random random(3);
    const Bytes whole = ElfWithSymbols().bytes();
    int refused = 0;
    for (int i = 0; i < cases; ++i) {
        try {
            const ElfImage image = parse_elf("damaged.elf", damaged(whole, random));
            for (const ElfImage::Segment& segment : image.segments) {
                REQUIRE(segment.bytes.size() <= segment.memory_bytes);
            }
        } catch (const InputError& error) {
            REQUIRE(std::string(error.what()).find("damaged.elf: ") == 0);
            ++refused;
        }
    }
    CHECK(refused > cases / 10);
    CHECK(refused < cases);
}
