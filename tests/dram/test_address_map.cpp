#include <catch2/catch.hpp>

#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/dram/address_map.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

std::string refusal(const std::string& order, const std::string& hash = "none") {
    try {
        AddressMap(order, hash, Organization{});
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("the default order puts consecutive bursts on consecutive channels, then banks, then columns") {
    const AddressMap map(default_address_map, Organization{});
    CHECK(map.decode(0) == Location{});
    CHECK(map.decode(32).channel == 1);
    CHECK(map.decode(31) == Location{});
    CHECK(map.decode(16 * 32).pseudo_channel == 1);
    CHECK(map.decode(2 * 16 * 32).bank_group == 1);
    CHECK(map.decode(4 * 2 * 16 * 32).bank == 1);
    CHECK(map.decode(4 * 4 * 2 * 16 * 32).rank == 1);
    CHECK(map.decode(2 * 4 * 4 * 2 * 16 * 32).column == 1);
    CHECK(map.decode(1024 * 1024).row == 1);
}

TEST_CASE("encoding undoes decoding in any order and with any hash") {
    const Organization organization;
    for (const std::string& order :
         {std::string(default_address_map), std::string("row:bank:bank_group:rank:channel:column:pseudo_channel:burst"),
          std::string("channel:pseudo_channel:rank:bank_group:bank:row:column:burst"),
          std::string("column[1:0]:row[3:0]:rank:bank[0]:bank_group:row[13:4]:bank[1]:channel:column[4:2]:"
                      "pseudo_channel:burst")}) {
        for (const char* const hash :
             {"none", "channel^row", "bank^row[1:0],bank_group^row[3:2],channel^row[13:10]",
              "row^column,bank^column[0]", "pseudo_channel^row[0],pseudo_channel^row[5],pseudo_channel^row[9]"}) {
            const AddressMap map(order, hash, organization);
            std::uint64_t address = 12345;
            for (int i = 0; i < 1000; ++i) {
                address = (address * 6364136223846793005u + 1442695040888963407u) % organization.capacity_bytes();
                const Location location = map.decode(address);
                REQUIRE(map.encode(location) == address / 32 * 32);
                REQUIRE(map.decode(map.encode(location)) == location);
                REQUIRE(location.channel < organization.channels);
                REQUIRE(location.row < organization.rows);
                REQUIRE(location.column < organization.columns);
                REQUIRE(location.bank < organization.banks);
            }
        }
    }
}

TEST_CASE("a field in parts takes its bits from where each part stands") {
    // From bit 0: 5 burst, 2 column, 4 channel, 1 pseudo-channel, 2 bank group, 2 bank, 1 rank, 3 column, 14 row.
    const AddressMap map("row:column[4:2]:rank:bank:bank_group:pseudo_channel:channel:column[1:0]:burst",
                         Organization{});
    CHECK(map.decode(3 << 5).column == 3);
    CHECK(map.decode(1 << 7).channel == 1);
    CHECK(map.decode(1 << 17).column == 4);
    CHECK(map.decode(7 << 17 | 2 << 5).column == 30);
    CHECK(map.decode(1 << 20).row == 1);
    CHECK(map.encode({.row = 5, .column = 30}) == (5 << 20 | 7 << 17 | 2 << 5));
}

TEST_CASE("one bit of a field may stand alone, and parts in any order") {
    Organization organization;
    organization.channels = organization.pseudo_channels = organization.ranks = organization.bank_groups = 1;
    organization.banks = 4;
    organization.columns = 4;
    organization.rows = 2;
    const AddressMap map("bank[0]:column[0]:row:bank[1]:column[1]:burst", organization);
    const auto at = [&](unsigned bits) { return map.decode(bits << 5); };
    CHECK(at(0b00001) == Location{.column = 2});
    CHECK(at(0b00010) == Location{.bank = 2});
    CHECK(at(0b00100) == Location{.row = 1});
    CHECK(at(0b01000) == Location{.column = 1});
    CHECK(at(0b10000) == Location{.bank = 1});
}

TEST_CASE("fields of one may be left out or named") {
    Organization organization;
    organization.channels = organization.pseudo_channels = organization.ranks = 1;
    for (const std::string order :
         {"row:column:bank:bank_group:burst", "rank:row:column:bank:channel:bank_group:burst"}) {
        const AddressMap map(order, organization);
        CHECK(map.decode(5 << 5) == Location{.bank_group = 1, .bank = 1});
        CHECK(map.decode(1 << 9) == Location{.column = 1});
    }
}

TEST_CASE("a hash XORs bits of one field into another and leaves the others alone") {
    const Organization organization;
    const AddressMap plain(default_address_map, organization);
    const AddressMap map(default_address_map, "bank^row[1:0],bank_group^row[3:2],channel^row,rank^column[4]",
                         organization);
    for (const std::uint32_t row : {0u, 1u, 6u, 0x2b3u, 16383u}) {
        for (const std::uint32_t column : {0u, 9u, 16u, 31u}) {
            const std::uint64_t address = plain.encode({.channel = 11,
                                                        .pseudo_channel = 1,
                                                        .rank = 1,
                                                        .bank_group = 2,
                                                        .bank = 3,
                                                        .row = row,
                                                        .column = column});
            const Location found = map.decode(address);
            CHECK(found.bank == (3 ^ (row & 3)));
            CHECK(found.bank_group == (2 ^ (row >> 2 & 3)));
            CHECK(found.channel == (11 ^ (row & 15)));
            CHECK(found.rank == (1 ^ column >> 4));
            CHECK(found.pseudo_channel == 1);
            CHECK(found.row == row);
            CHECK(found.column == column);
        }
    }
}

TEST_CASE("a hash goes by the field's bits, wherever their parts stand") {
    const AddressMap map("row[13:2]:column:rank:bank[0]:row[0]:bank_group:pseudo_channel:bank[1]:row[1]:channel:burst",
                         "bank^row[1:0]", Organization{});
    // From bit 0: 5 burst, 4 channel, row[1], bank[1], pseudo-channel, 2 bank group, row[0], bank[0].
    CHECK(map.decode(1 << 9) == Location{.bank = 2, .row = 2});
    CHECK(map.decode(1 << 14) == Location{.bank = 1, .row = 1});
    CHECK(map.decode(1 << 9 | 1 << 10 | 1 << 14 | 1 << 15) == Location{.row = 3});
}

TEST_CASE("a source without a range gives as many low bits as there are") {
    Organization organization;
    organization.columns = 2;
    const AddressMap map("row:column:rank:bank:bank_group:pseudo_channel:channel:burst", "channel^column",
                         organization);
    CHECK(map.decode(std::uint64_t{1} << 15) == Location{.channel = 1, .column = 1});
    organization.channels = 1;  // nothing to hash
    CHECK(AddressMap("row:column:rank:bank:bank_group:pseudo_channel:burst", "channel^row", organization)
              .decode(1 << 12) == Location{.row = 1});
}

TEST_CASE("the map agrees with the firmware's layout of banks") {
    const Organization organization;
    const AddressMap map(default_address_map, organization);
    const std::uint32_t banks = GENERATE(32, 64, 256);  // half a channel, one, four
    const aqpim_layout layout =
        aqpim_make_layout(organization.channels, organization.banks_per_channel(), banks, 32, 128);
    for (std::uint32_t group = 0; group < layout.groups; ++group) {
        for (std::uint32_t bank = 0; bank < layout.banks; ++bank) {
            for (const std::uint64_t column : {0u, 5u, 32u * 77u + 31u}) {
                const Location location = map.decode(aqpim_bank_address(&layout, group, bank, column, 0));
                const std::uint32_t bank_in_channel =
                    ((location.rank * organization.banks + location.bank) * organization.bank_groups +
                     location.bank_group) *
                        organization.pseudo_channels +
                    location.pseudo_channel;
                const std::uint32_t in_memory = group * banks + bank;
                CHECK(location.channel == in_memory / organization.banks_per_channel());
                CHECK(bank_in_channel == in_memory % organization.banks_per_channel());
                CHECK(location.row * organization.columns + location.column == column);
            }
        }
    }
}

TEST_CASE("an order with an unknown, missing, repeated or misplaced field is refused with the fields allowed") {
    const std::string fields = "row, column, rank, bank, bank_group, pseudo_channel, channel, burst";
    CHECK_THAT(refusal("row:colum:rank:bank:bank_group:pseudo_channel:channel:burst"),
               Catch::Contains("unknown field 'colum'") && Catch::Contains(fields));
    CHECK_THAT(refusal("row:column:rank:bank:bank_group:pseudo_channel:burst"), Catch::Contains("lacks 'channel'"));
    CHECK_THAT(refusal("row:row:column:rank:bank:bank_group:pseudo_channel:channel:burst"),
               Catch::Contains("bits of 'row' twice"));
    CHECK_THAT(refusal("row:column:rank:bank:bank_group:pseudo_channel:burst:channel"),
               Catch::Contains("does not end in the whole 'burst'"));
    CHECK_THAT(refusal("row:column:rank:bank:bank_group:pseudo_channel:channel"), Catch::Contains("lacks 'burst'"));
    CHECK_THAT(refusal(""), Catch::Contains("unknown field ''"));
}

TEST_CASE("a count that is no power of two cannot be mapped") {
    Organization organization;
    organization.banks = 3;
    CHECK_THROWS_WITH(AddressMap(default_address_map, organization), Catch::Contains("3 banks"));
}

TEST_CASE("parts that leave a gap, overlap or exceed their field are refused") {
    const auto refused = [](const std::string& columns, const std::string& message) {
        INFO(columns);
        CHECK_THAT(refusal("row:" + columns + ":rank:bank:bank_group:pseudo_channel:channel:burst"),
                   Catch::Contains(message) && Catch::StartsWith("dram.address_map: 'row:" + columns + ":"));
    };
    refused("column[4:3]:column[1:0]", "lacks bit 2 of 'column'");
    refused("column[4:1]", "lacks bit 0 of 'column'");
    refused("column[4:2]:column[2:0]", "has bits of 'column' twice");
    refused("column:column[0]", "has bits of 'column' twice");
    refused("column[5:0]", "has 'column[5:0]', but 'column' has 5 bits");
    refused("column[0:4]", "has 'column[0:4]', whose higher bit does not stand first");
    for (const std::string part :
         {"column[", "column[]", "column[4", "column[4:", "column[4:0", "column[4:0]x", "column[a:0]", "column[-1:0]",
          "column[4294967296:0]", "column[4:0:0]", "column[4 :0]"}) {
        refused(part, "which is neither FIELD[HIGH:LOW] nor FIELD[BIT]");
    }
    CHECK_THAT(refusal("row:column:rank:bank:bank_group:pseudo_channel:channel:burst[4:2]:burst[1:0]"),
               Catch::Contains("does not end in the whole 'burst'"));
}

TEST_CASE("a hash that cannot be undone or names what is not there is refused") {
    const auto refused = [](const std::string& hash, const std::string& message) {
        INFO(hash);
        CHECK_THAT(refusal(std::string(default_address_map), hash),
                   Catch::StartsWith("dram.address_hash: '" + hash + "' ") && Catch::Contains(message) &&
                       Catch::Contains("allowed: none, or a list such as"));
    };
    refused("bank^bank", "hashes with 'bank', which is hashed itself");
    refused("bank^row,channel^bank", "hashes with 'bank', which is hashed itself");
    refused("channel^bank,bank^row", "hashes with 'bank', which is hashed itself");
    refused("bank^row[2:0]", "with 3 bits for the 2 of 'bank'");
    refused("bank^row[14:13]", "'row' has 14 bits");
    refused("bank^rows", "unknown field 'rows'");
    refused("bonk^row", "unknown field 'bonk'");
    refused("bank[1]^row", "a range stands on the left");
    refused("bank^row,", "has '', which lacks a '^'");
    refused("bank", "lacks a '^'");
    refused("", "lacks a '^'");
    refused("None", "lacks a '^'");
    refused("bank^row^column", "unknown field 'row^column'");
    refused("bank^burst", "'burst'");
    refused("burst^row", "'burst'");
}
