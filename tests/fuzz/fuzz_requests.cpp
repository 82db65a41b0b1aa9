#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/dram/address_map.h"
#include "models/dram/request_trace.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr int cases = 100'000;

using Random = std::mt19937_64;

std::uint32_t power_of_two(Random& random, unsigned most_bits) {
    return 1u << random() % (most_bits + 1);
}

Organization random_organization(Random& random) {
    Organization o;
    o.channels = power_of_two(random, 6);
    o.pseudo_channels = power_of_two(random, 2);
    o.ranks = power_of_two(random, 2);
    o.bank_groups = power_of_two(random, 3);
    o.banks = power_of_two(random, 3);
    o.rows = power_of_two(random, 20);
    o.columns = power_of_two(random, 8);
    o.burst_bytes = 8u << random() % 5;
    return o;
}

struct Field {
    std::string name;
    std::uint32_t count;
};

std::vector<Field> fields_of(const Organization& o) {
    return {{"row", o.rows},        {"column", o.columns},         {"rank", o.ranks},
            {"bank", o.banks},      {"bank_group", o.bank_groups}, {"pseudo_channel", o.pseudo_channels},
            {"channel", o.channels}};
}

std::uint32_t bits(const Field& field) {
    return static_cast<std::uint32_t>(std::countr_zero(field.count));
}

std::string range(const Field& field, std::uint32_t low, std::uint32_t count) {
    const std::string first = field.name + "[" + std::to_string(low + count - 1);
    return count == 1 ? first + "]" : first + ":" + std::to_string(low) + "]";
}

/// Each field whole or cut into parts, all in any order.
std::string random_order(Random& random, const Organization& organization) {
    std::vector<std::string> parts;
    for (const Field& field : fields_of(organization)) {
        if (bits(field) == 0 || random() % 2 == 0) {
            if (bits(field) != 0 || random() % 2 == 0) {
                parts.push_back(field.name);
            }
            continue;
        }
        for (std::uint32_t low = 0; low < bits(field);) {
            const auto count = 1 + static_cast<std::uint32_t>(random() % (bits(field) - low));
            parts.push_back(range(field, low, count));
            low += count;
        }
    }
    std::shuffle(parts.begin(), parts.end(), random);
    std::string order;
    for (const std::string& part : parts) {
        order += part + ":";
    }
    return order + "burst";
}

/// Some fields hashed with bits of others.
std::string random_hash(Random& random, const Organization& organization) {
    std::vector<Field> fields = fields_of(organization);
    std::shuffle(fields.begin(), fields.end(), random);
    const std::size_t targets = 1 + random() % (fields.size() - 1);
    std::string hash;
    for (std::uint64_t items = random() % 5; items > 0; --items) {
        const Field& target = fields[random() % targets];
        const Field& source = fields[targets + random() % (fields.size() - targets)];
        const std::uint32_t most = std::min(bits(target), bits(source));
        hash += (hash.empty() ? "" : ",") + target.name + "^";
        if (most == 0 || random() % 2 == 0) {
            hash += source.name;
        } else {
            const auto count = 1 + static_cast<std::uint32_t>(random() % most);
            hash += range(source, static_cast<std::uint32_t>(random() % (bits(source) - count + 1)), count);
        }
    }
    return hash.empty() ? "none" : hash;
}

bool within(const Location& l, const Organization& o) {
    return l.channel < o.channels && l.pseudo_channel < o.pseudo_channels && l.rank < o.ranks &&
           l.bank_group < o.bank_groups && l.bank < o.banks && l.row < o.rows && l.column < o.columns;
}

void require_both_ways(const AddressMap& map, const Organization& o, Random& random) {
    for (int i = 0; i < 8; ++i) {
        const std::uint64_t address = random() % o.capacity_bytes();
        const Location location = map.decode(address);
        REQUIRE(within(location, o));
        REQUIRE(map.encode(location) == address / o.burst_bytes * o.burst_bytes);
    }
}

std::string damaged(std::string text, Random& random, const std::string& alphabet) {
    for (std::uint64_t steps = 1 + random() % 3; steps > 0 && !text.empty(); --steps) {
        const std::size_t at = random() % text.size();
        switch (random() % 5) {
            case 0:
                text[at] = alphabet[random() % alphabet.size()];
                break;
            case 1:
                text.insert(at, 1, alphabet[random() % alphabet.size()]);
                break;
            case 2:
                text.erase(at, 1 + random() % 4);
                break;
            case 3:
                text.insert(random() % text.size(), text.substr(at, random() % 24));
                break;
            default:
                text[at] = static_cast<char>(random());
        }
    }
    return text;
}

bool is_printable(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string random_requests(Random& random) {
    std::string text;
    std::uint64_t arrival = 0;
    for (std::uint64_t lines = 1 + random() % 8; lines > 0; --lines) {
        text += (random() % 2 == 0 ? "R " : "W ") + std::string(random() % 2 == 0 ? "" : "0x");
        for (std::uint64_t digits = 1 + random() % 9; digits > 0; --digits) {
            text += "0123456789abcdefABCDEF"[random() % 22];
        }
        if (random() % 2 == 0) {
            arrival += random() % 1000;
            text += fmt::format(" {}", arrival);
        }
        text += random() % 8 == 0 ? " # text\r\n" : "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("any order and any hash can be undone") {
    Random random(1);
    for (int i = 0; i < cases; ++i) {
        const Organization organization = random_organization(random);
        const std::string order = random_order(random, organization);
        const std::string hash = random_hash(random, organization);
        INFO(order << " " << hash);
        require_both_ways(AddressMap(order, hash, organization), organization, random);
    }
}

TEST_CASE("damaged orders and hashes are refused, or can be undone") {
    Random random(2);
    const std::string alphabet = ":[]^,0123456789rowclumnbakgp_";
    int refused = 0;
    for (int i = 0; i < cases; ++i) {
        const Organization organization = random_organization(random);
        std::string order = random_order(random, organization);
        std::string hash = random_hash(random, organization);
        std::string& victim = i % 2 == 0 ? order : hash;
        victim = damaged(victim, random, alphabet);
        INFO(order << " " << hash);
        try {
            require_both_ways(AddressMap(order, hash, organization), organization, random);
        } catch (const InputError& error) {
            const std::string message = error.what();
            REQUIRE(message.starts_with(i % 2 == 0 ? "dram.address_map: '" : "dram.address_hash: '"));
            REQUIRE(message.find("; allowed: ") != std::string::npos);
            REQUIRE(is_printable(message));
            ++refused;
        }
    }
    CHECK(refused > cases / 2);
    CHECK(refused < cases);
}

TEST_CASE("damaged requests are read or refused, never worse") {
    Random random(3);
    const std::string alphabet = "RW 0123456789abcdefx#\t\r\n-";
    constexpr std::uint64_t capacity = std::uint64_t{1} << 34;
    int refused = 0;
    for (int i = 0; i < cases; ++i) {
        const std::string text = damaged(random_requests(random), random, alphabet) + "\n";
        std::vector<TracedRequest> requests;
        try {
            RequestParser parser("r.txt", capacity);
            parser.parse(text, requests);
            parser.finish(requests);
        } catch (const InputError& error) {
            const std::string message = error.what();
            REQUIRE(message.starts_with("r.txt:"));
            REQUIRE(message.find(" found; allowed: ") != std::string::npos);
            REQUIRE(is_printable(message));
            ++refused;
        }
        std::uint64_t arrival = 0;
        for (const TracedRequest& request : requests) {
            REQUIRE(request.address < capacity);
            REQUIRE(request.arrival_cycle >= arrival);
            arrival = request.arrival_cycle;
        }
    }
    CHECK(refused > cases / 4);
    CHECK(refused < cases);
}
