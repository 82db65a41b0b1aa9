// Presets, organisations and timing figures at random: refused with one clear message, or good for a controller that
// serves every request.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <random>

#include "models/common/error.h"
#include "models/dram/controller.h"

using namespace aqpim;
using namespace aqpim::dram;

namespace {

constexpr int memories = 100'000;
constexpr int requests = 40;

using Random = std::mt19937_64;

template <class Choices>
const auto& one_of(Random& random, const Choices& choices) {
    return choices[random() % choices.size()];
}

std::string some_value(Random& random, const Parameter& parameter) {
    const std::vector<std::string> values = {"0",  "1",   "2",    "3",        "4",   "16",         "64",      "255",
                                             "",   "-1",  "1e9",  "default",  "off", "per_bank",   "closed",  "fcfs",
                                             "8",  "100", "5000", "1000000",  "x",   "4294967296", "timeout", "1ns",
                                             "32", "0.5", "7",    "all_bank", "3GHz"};
    return random() % 4 == 0 ? parameter.default_text : one_of(random, values);
}

/// A memory of some standard with a few parameters changed, or the message that refused it.
struct Memory {
    explicit Memory(Random& random) {
        parameters.declare_memory(table.section("memory"));
        parameters.declare_dram(table.section("dram"));
        parameters.declare_pim(table.section("pim"));
        const Standard& standard = one_of(random, standards());
        table.set("dram.standard", std::string(standard.name), "fuzz");
        if (random() % 2 == 0) {
            table.set("dram.speed", std::string(one_of(random, standard.speeds).name), "fuzz");
        }
        for (int changes = static_cast<int>(random() % 6); changes > 0; --changes) {
            const Parameter& parameter = one_of(random, table.parameters());
            changed += fmt::format("{} ", parameter.key);
            table.set(parameter.key, some_value(random, parameter), "fuzz");
        }
        parameters.apply_presets(table);
        parameters.check();
        parameters.controller.check();
    }

    ParameterTable table;
    DramParameters parameters;
    std::string changed;
};

class Served : public CompletionSink {
 public:
    void completed(const Request&, Ticks) override { ++count; }
    int count = 0;
};

int serve(const Memory& memory, Random& random) {
    const Organization o = memory.parameters.organization();
    Channel channel(memory.parameters, 0, nullptr);
    Served served;
    Controller controller(channel, memory.parameters, served);
    for (int i = 0; i < requests; ++i) {
        Request request;
        request.location.pseudo_channel = random() % o.pseudo_channels;
        request.location.rank = random() % o.ranks;
        request.location.bank_group = random() % o.bank_groups;
        request.location.bank = random() % o.banks;
        request.location.row = random() % o.rows;
        request.location.column = random() % o.columns;
        request.write = random() % 3 == 0;
        controller.wait_for_room(request.write);
        controller.enqueue(request);
    }
    while (controller.step()) {
    }
    const Ticks access = channel.access({}, memory.parameters.columns, true, controller.now());
    channel.issue({Command::PIM_ACT_AB, 1, o.rows - 1}, access);
    REQUIRE(channel.issue({Command::PIM_MAC_AB, o.columns, o.rows - 1}, access) > access);
    return served.count;
}

}  // namespace

TEST_CASE("damaged presets are refused, or serve every request") {
    Random random(1);
    int accepted = 0;
    for (int i = 0; i < memories; ++i) {
        try {
            const Memory memory(random);
            INFO(memory.changed);
            REQUIRE(serve(memory, random) == requests);
            ++accepted;
        } catch (const InputError& error) {
            REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
            REQUIRE(std::string(error.what()).size() > 10);
        }
    }
    CHECK(accepted > memories / 20);
    CHECK(accepted < memories);
}
