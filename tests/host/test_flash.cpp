#include <string>

#include "models/flash/cfi_flash.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

constexpr std::uint64_t block_bytes = 256 * 1024;  // of both chips

struct Scene {
    Initiator hart{"hart"};
    CfiFlash flash{"flash"};

    Scene() {
        hart.socket.bind(flash.socket);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }

    void write(std::uint64_t address, std::uint32_t value) {
        REQUIRE(hart.write<std::uint32_t>(address, value) == tlm::TLM_OK_RESPONSE);
    }
    /// The same command to both chips.
    void command(std::uint8_t code, std::uint64_t address = 0) { write(address, code * 0x0001'0001u); }
    std::uint32_t read(std::uint64_t address) { return hart.read<std::uint32_t>(address); }
    std::uint32_t contents(std::uint64_t address) {
        command(0xff);
        return read(address);
    }
    void program(std::uint64_t address, std::uint32_t value) {
        command(0x40);
        write(address, value);
    }
    void load_buffer(std::uint64_t address, std::initializer_list<std::uint32_t> words) {
        command(0xe8, address);
        CHECK(read(address) == 0x0080'0080);
        command(static_cast<std::uint8_t>(words.size() - 1), address);
        for (const std::uint32_t word : words) {
            write(address, word);
            address += 4;
        }
    }
    /// Entry `address` of chip 0's query table.
    unsigned query(unsigned address) { return hart.read<std::uint16_t>(4 * address); }
};

}  // namespace

TEST_CASE("new flash reads as ones, to its end") {
    Scene scene;
    CHECK(scene.read(0) == 0xffff'ffff);
    CHECK(scene.hart.read<std::uint64_t>(CfiFlash::size - 8) == ~std::uint64_t{0});
    CHECK(scene.flash.blocks_in_use() == 0);
}

TEST_CASE("either chip answers the CFI query") {
    Scene scene;
    scene.command(0x98, 4 * 0x55);
    CHECK(scene.read(4 * 0x10) == 0x0051'0051);
    CHECK(scene.read(4 * 0x11) == 0x0052'0052);
    CHECK(scene.read(4 * 0x12) == 0x0059'0059);
    CHECK(scene.read(4 * 0x0f) == 0);
    CHECK(scene.read(4 * 0x40) == 0);
}

TEST_CASE("the CFI query tells command set, size, buffer and blocks") {
    Scene scene;
    scene.command(0x98);
    CHECK(scene.query(0x13) + 256 * scene.query(0x14) == 0x0001);    // Intel's
    CHECK(std::uint64_t{2} << scene.query(0x27) == CfiFlash::size);  // two chips
    CHECK(1 << (scene.query(0x2a) + 256 * scene.query(0x2b)) == 16 * 2);
    CHECK(scene.query(0x2c) == 1);
    const unsigned blocks = scene.query(0x2d) + 256 * scene.query(0x2e) + 1;
    const unsigned bytes = 256 * (scene.query(0x2f) + 256 * scene.query(0x30));
    CHECK(bytes == block_bytes / 2);
    CHECK(std::uint64_t{2} * blocks * bytes == CfiFlash::size);

    const unsigned extended = scene.query(0x15) + 256 * scene.query(0x16);
    std::string name;
    for (unsigned i = 0; i < 3; ++i) {
        name += static_cast<char>(scene.query(extended + i));
    }
    CHECK(name == "PRI");
    CHECK(scene.query(extended + 5) == 0);  // no optional feature: no suspending, no locking
}

TEST_CASE("the identifier names a 28F128J3 whose blocks are not locked") {
    Scene scene;
    scene.command(0x90);
    CHECK(scene.read(0) == 0x0089'0089);
    CHECK(scene.read(4) == 0x0018'0018);
    CHECK(scene.read(8) == 0);
    CHECK(scene.read(block_bytes + 8) == 0);
    CHECK(scene.contents(0) == 0xffff'ffff);
}

TEST_CASE("a program clears bits and sets none") {
    Scene scene;
    scene.program(0x1000, 0x1234'5678);
    CHECK(scene.read(0) == 0x0080'0080);  // status
    CHECK(scene.contents(0x1000) == 0x1234'5678);
    scene.command(0x10);  // the command's other code
    scene.write(0x1000, 0xff0f'ff0f);
    CHECK(scene.contents(0x1000) == 0x1204'5608);
    CHECK(scene.contents(0x0ffc) == 0xffff'ffff);
    CHECK(scene.contents(0x1004) == 0xffff'ffff);
}

TEST_CASE("an erase sets a block of both chips to ones, and no other") {
    Scene scene;
    for (const std::uint64_t address : {block_bytes - 4, block_bytes, 2 * block_bytes - 4, 2 * block_bytes}) {
        scene.program(address, 0);
    }
    CHECK(scene.flash.blocks_in_use() == 6);
    scene.command(0x20, block_bytes + 0x100);
    scene.command(0xd0, block_bytes + 0x100);
    CHECK(scene.read(0) == 0x0080'0080);
    CHECK(scene.contents(block_bytes - 4) == 0);
    CHECK(scene.contents(block_bytes) == 0xffff'ffff);
    CHECK(scene.contents(2 * block_bytes - 4) == 0xffff'ffff);
    CHECK(scene.contents(2 * block_bytes) == 0);
    CHECK(scene.flash.blocks_in_use() == 4);
}

TEST_CASE("an erase that is not confirmed changes nothing and is a sequence error, until the status is cleared") {
    Scene scene;
    scene.program(0, 0);
    scene.command(0x20);
    scene.command(0xff);
    CHECK(scene.read(0) == 0x00b0'00b0);
    CHECK(scene.contents(0) == 0);
    scene.command(0x70);
    CHECK(scene.read(0) == 0x00b0'00b0);
    scene.command(0x50);
    CHECK(scene.read(0) == 0x0080'0080);
}

TEST_CASE("a buffer is programmed when it is confirmed") {
    Scene scene;
    scene.load_buffer(0x40, {0x1111'1111, 0x2222'2222, 0x3333'3333});
    scene.command(0xd0, 0x40);
    CHECK(scene.read(0x40) == 0x0080'0080);
    CHECK(scene.contents(0x40) == 0x1111'1111);
    CHECK(scene.contents(0x44) == 0x2222'2222);
    CHECK(scene.contents(0x48) == 0x3333'3333);
    CHECK(scene.contents(0x4c) == 0xffff'ffff);
}

TEST_CASE("a buffer holds 16 words of each chip") {
    Scene scene;
    scene.load_buffer(0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
    scene.command(0xd0);
    CHECK(scene.read(0) == 0x0080'0080);
    CHECK(scene.contents(60) == 15);

    scene.command(0xe8);
    scene.command(16);
    CHECK(scene.read(0) == 0x00b0'00b0);
    scene.command(0xff);  // a command again
    CHECK(scene.read(60) == 15);
}

TEST_CASE("a buffer that is not confirmed, or leaves its block, is not programmed but a sequence error") {
    Scene scene;
    scene.load_buffer(0, {0});
    scene.command(0xff);
    CHECK(scene.read(0) == 0x00b0'00b0);
    scene.command(0x50);
    scene.load_buffer(block_bytes - 4, {0, 0});
    scene.command(0xd0);
    CHECK(scene.read(0) == 0x00b0'00b0);
    CHECK(scene.contents(0) == 0xffff'ffff);
    CHECK(scene.contents(block_bytes - 4) == 0xffff'ffff);
    CHECK(scene.contents(block_bytes) == 0xffff'ffff);
}

TEST_CASE("lock bits are taken and have no effect") {
    Scene scene;
    for (const std::uint8_t kind : {0x01, 0xd0}) {
        scene.command(0x60);
        scene.command(kind);
        CHECK(scene.read(0) == 0x0080'0080);
    }
    scene.program(0, 5);
    CHECK(scene.contents(0) == 5);
    scene.command(0x60);
    scene.command(0x77);
    CHECK(scene.read(0) == 0x00b0'00b0);
}

TEST_CASE("unknown commands are ignored") {
    Scene scene;
    scene.command(0x90);
    scene.command(0xf0);
    scene.command(0xb0);
    CHECK(scene.read(0) == 0x0089'0089);
}

TEST_CASE("each chip has its own mode") {
    Scene scene;
    scene.write(0, 0x0090'0070);
    CHECK(scene.read(0) == 0x0089'0080);
    scene.write(0, 0x00ff'0098);
    CHECK(scene.read(4 * 0x10) == 0xffff'0051);
}

TEST_CASE("a double word is two words, of which the first may be a command and the second its data") {
    Scene scene;
    CHECK(scene.hart.write<std::uint64_t>(0, 0x1234'5678'0040'0040) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.contents(0) == 0xffff'ffff);
    CHECK(scene.contents(4) == 0x1234'5678);
}

TEST_CASE("a write of less than a word, or across words, has no effect") {
    Scene scene;
    CHECK(scene.hart.write<std::uint8_t>(0, 0x90) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint16_t>(0, 0x90) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint16_t>(2, 0x90) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(2, 0x0090'0090) == tlm::TLM_OK_RESPONSE);
    CHECK(scene.read(0) == 0xffff'ffff);
}

TEST_CASE("reads of any length and place are put together from the chips' words") {
    Scene scene;
    scene.program(0, 0x4433'2211);
    scene.program(4, 0x8877'6655);
    scene.command(0xff);
    CHECK(scene.hart.read<std::uint64_t>(0) == 0x8877'6655'4433'2211);
    CHECK(scene.hart.read<std::uint32_t>(1) == 0x5544'3322);
    CHECK(scene.hart.read<std::uint32_t>(3) == 0x7766'5544);
    CHECK(scene.hart.read<std::uint8_t>(6) == 0x77);
}

TEST_CASE("a reset ends every command, and keeps the contents") {
    Scene scene;
    scene.program(8, 0x0bad'cafe);
    scene.command(0x20);
    scene.command(0x00);  // an error
    scene.command(0x40);
    scene.flash.reset();
    CHECK(scene.read(8) == 0x0bad'cafe);
    scene.command(0x70);
    CHECK(scene.read(8) == 0x0080'0080);
}

TEST_CASE("debug accesses reach the contents in any mode, and leave it") {
    Scene scene;
    std::uint32_t word = 0x0102'0304;
    std::uint32_t seen = 0;
    scene.command(0x90);
    CHECK(scene.hart.debug(tlm::TLM_WRITE_COMMAND, 0x1001, word) == 4);
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, 0x1001, seen) == 4);
    CHECK(seen == word);
    CHECK(scene.read(0) == 0x0089'0089);
    CHECK(scene.contents(0x1000) == 0x0203'04ff);
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, CfiFlash::size - 2, seen) == 2);
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, CfiFlash::size, seen) == 0);
}

TEST_CASE("accesses beyond the end, byte enables and wrapping are refused, and do nothing") {
    Scene scene;
    std::uint32_t value = 0x0090'0090;
    CHECK(scene.hart.try_read(CfiFlash::size - 2, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(~std::uint64_t{0} - 1, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);

    unsigned char enable = TLM_BYTE_ENABLED;
    sc_core::sc_time delay;
    tlm::tlm_generic_payload transaction;
    transaction.set_write();
    transaction.set_address(0);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    transaction.set_data_length(4);
    transaction.set_streaming_width(2);
    scene.hart.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
    transaction.set_streaming_width(4);
    transaction.set_byte_enable_ptr(&enable);
    transaction.set_byte_enable_length(1);
    scene.hart.socket->b_transport(transaction, delay);
    CHECK(transaction.get_response_status() == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    CHECK(scene.read(0) == 0xffff'ffff);
}

TEST_CASE("there is no DMI, and no latency beside the bus's") {
    Scene scene;
    tlm::tlm_generic_payload transaction;
    transaction.set_address(0);
    tlm::tlm_dmi dmi;
    CHECK_FALSE(scene.hart.socket->get_direct_mem_ptr(transaction, dmi));

    sc_core::sc_time delay = from_ps(700);
    std::uint32_t word = 0;
    CHECK(access(scene.hart.socket, tlm::TLM_READ_COMMAND, 0, &word, 4, delay) == tlm::TLM_OK_RESPONSE);
    CHECK(delay == from_ps(700));
}
