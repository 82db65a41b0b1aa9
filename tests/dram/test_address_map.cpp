#include <catch2/catch.hpp>

#include "aqpim/pim_layout.h"
#include "models/common/error.h"
#include "models/dram/address_map.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

std::string refusal(const std::string& order) {
    try {
        AddressMap(order, Organization{});
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

TEST_CASE("encoding undoes decoding in any order") {
    const Organization organization;
    for (const std::string_view order :
         {default_address_map, std::string_view("row:bank:bank_group:rank:channel:column:pseudo_channel:burst"),
          std::string_view("channel:pseudo_channel:rank:bank_group:bank:row:column:burst")}) {
        const AddressMap map(order, organization);
        std::uint64_t address = 12345;
        for (int i = 0; i < 1000; ++i) {
            address = (address * 6364136223846793005u + 1442695040888963407u) % organization.capacity_bytes();
            CHECK(map.encode(map.decode(address)) == address / 32 * 32);
        }
    }
}

TEST_CASE("the map agrees with the firmware's layout of banks") {
    const Organization organization;
    const AddressMap map(default_address_map, organization);
    const std::uint32_t kv_heads = 4;
    const aqpim_layout layout =
        aqpim_make_layout(organization.channels, organization.banks_per_channel(), kv_heads, 32, 128);
    for (std::uint32_t group = 0; group < kv_heads; ++group) {
        for (std::uint32_t bank = 0; bank < layout.banks; ++bank) {
            for (const std::uint64_t column : {0u, 5u, 32u * 77u + 31u}) {
                const Location location = map.decode(aqpim_bank_address(&layout, group, bank, column, 0));
                const std::uint32_t bank_in_channel =
                    ((location.rank * organization.banks + location.bank) * organization.bank_groups +
                     location.bank_group) *
                        organization.pseudo_channels +
                    location.pseudo_channel;
                CHECK(location.channel == group * layout.group_channels + bank / organization.banks_per_channel());
                CHECK(bank_in_channel == bank % organization.banks_per_channel());
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
               Catch::Contains("'row' twice"));
    CHECK_THAT(refusal("row:column:rank:bank:bank_group:pseudo_channel:burst:channel"),
               Catch::Contains("does not end in 'burst'"));
    CHECK_THAT(refusal(""), Catch::Contains("unknown field ''"));
}

TEST_CASE("a count that is no power of two cannot be mapped") {
    Organization organization;
    organization.banks = 3;
    CHECK_THROWS_WITH(AddressMap(default_address_map, organization), Catch::Contains("3 banks"));
}
