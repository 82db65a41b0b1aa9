// jedec_rules TRACE.csv CONFIG.json: holds a command trace (`aqpim-vp ... --dram-trace`) against JEDEC's rules, with
// the parameters of `aqpim-vp config --format json`. Prints the first violations, then how many there are. Exit status:
// 0 if there is none, 1 if there are, 2 if a file cannot be used.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "jedec_rules.h"

namespace {

using namespace aqpim;
using namespace aqpim::dram;

constexpr std::string_view header = "time_ps,channel,pseudo_channel,rank,bank_group,bank,command,row,column";
constexpr std::size_t most_printed = 20;

JedecRules read_rules(const char* file) {
    std::ifstream stream(file);
    const nlohmann::json config = nlohmann::json::parse(stream);
    const auto& dram = config.at("dram");
    const auto& pim = config.at("pim");
    const auto count = [](const nlohmann::json& section, const char* name) {
        return section.at(name).at("value").get<std::uint32_t>();
    };
    const auto text = [](const nlohmann::json& section, const char* name) {
        return section.at(name).at("value").get<std::string>();
    };
    JedecRules rules;
    rules.timing_ps = dram.at("timing").get<std::map<std::string, Picoseconds>>();
    rules.timing_ps["tCMD_COL"] = count(dram, "column_ticks") * rules.timing_ps.at("tTICK");
    rules.timing_ps["tCMD_ROW"] = count(dram, "row_ticks") * rules.timing_ps.at("tTICK");
    rules.organization = {count(pim, "stacks") * count(pim, "channels"),
                          count(dram, "pseudo_channels"),
                          count(dram, "ranks"),
                          count(dram, "bank_groups"),
                          count(dram, "banks"),
                          count(dram, "rows"),
                          count(dram, "columns"),
                          count(dram, "burst_bytes")};
    rules.split_command_bus = text(dram, "standard").substr(0, 3) == "HBM";
    rules.refreshed = text(dram, "refresh") != "off";
    rules.moves_share_bus = pim.at("moves_share_bus").at("value").get<bool>();
    rules.activate_all_ps =
        activate_all_windows(rules.organization, text(pim, "activate_all")) * rules.timing_ps["tFAW"];
    rules.mode_change_ps = count(pim, "mode_change") * rules.timing_ps["tCK"];
    return rules;
}

/// The fields of one line, from the left.
class Fields {
 public:
    explicit Fields(std::string_view line) : rest_(line) {}

    std::string_view text() {
        const std::size_t end = std::min(rest_.find(','), rest_.size());
        const std::string_view field = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return field;
    }
    template <class Number>
    Number number() {
        const std::string_view field = text();
        Number value{};
        const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc() || end != field.data() + field.size()) {
            throw std::invalid_argument(fmt::format("'{}' found where a number is needed", field));
        }
        return value;
    }

 private:
    std::string_view rest_;
};

/// Moves of open rows, and a precharge of the whole channel, share the name of their kind.
Command command_of(std::string_view name, const TracedCommand& traced) {
    if (name == "PREA" && traced.rank < 0) {
        return Command::PIM_PREA;
    }
    if (traced.row >= 0 && (name == "PIM_MV_BA" || name == "PIM_MV_BF")) {
        return name == "PIM_MV_BA" ? Command::PIM_MV_BA_ROW : Command::PIM_MV_BF_ROW;
    }
    for (const CommandInfo& known : commands) {
        if (known.name == name) {
            return known.command;
        }
    }
    throw std::invalid_argument(fmt::format("unknown command '{}'", name));
}

TracedCommand parse(std::string_view line) {
    Fields fields(line);
    TracedCommand traced{};
    traced.time_ps = fields.number<Picoseconds>();
    for (std::int32_t* const field :
         {&traced.channel, &traced.pseudo_channel, &traced.rank, &traced.bank_group, &traced.bank}) {
        *field = fields.number<std::int32_t>();
    }
    const std::string_view name = fields.text();
    traced.row = fields.number<std::int32_t>();
    traced.column = fields.number<std::int32_t>();
    traced.command = command_of(name, traced);
    return traced;
}

void check_trace(const char* file, JedecChecker& checker) {
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line) || line != header) {
        throw std::invalid_argument(fmt::format("{}: its first line is not {}", file, header));
    }
    for (std::size_t number = 2; std::getline(stream, line); ++number) {
        try {
            checker.check(parse(line));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(fmt::format("{}:{}: {}", file, number, error.what()));
        }
    }
    checker.finish();
}

int run(const char* trace, const char* config) {
    JedecChecker checker(read_rules(config));
    check_trace(trace, checker);
    const std::vector<Violation>& violations = checker.violations();
    for (std::size_t i = 0; i < std::min(violations.size(), most_printed); ++i) {
        fmt::print("{}\n", violations[i].text);
    }
    fmt::print("{} commands, {} violations\n", checker.commands(), violations.size());
    return violations.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "Usage: jedec_rules TRACE.csv CONFIG.json\n");
        return 2;
    }
    try {
        return run(arguments[1], arguments[2]);
    } catch (const std::exception& error) {
        fmt::print(stderr, "jedec_rules: {}\n", error.what());
        return 2;
    }
}
