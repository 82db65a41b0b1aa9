#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/config_file.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using test::message_of;
using test::TemporaryDirectory;

namespace {

/// A small platform's parameters.
struct Parameters {
    Parameters() {
        ParameterSection pcie = table.section("pcie");
        pcie.count(lanes, "lanes", 16U, {1, 16}, {"Lanes of each link", "open"});
        pcie.time(latency, "latency", "105ns", {"Of the switch", "data sheets: 85 to 140 ns"});
        ParameterSection workload = table.section("workload");
        workload.path(keys, "keys", {"Keys | of the prompt", "the user"});
        workload.choice(policy, "policy", "aqpim", {"aqpim", "fp16"}, {"How KV is kept", "AQPIM"});
        workload.text(note, "note", "", {"A note", "open"});
    }

    ParameterTable table;
    std::uint32_t lanes = 0;
    Picoseconds latency = 0;
    std::string keys;
    std::string policy;
    std::string note;
};

std::string error_of(const TemporaryDirectory& directory, const std::string& contents) {
    Parameters parameters;
    const std::string file = directory.write("a.cfg", contents);
    return message_of<InputError>([&] { read_config_file(parameters.table, file); });
}

}  // namespace

TEST_CASE("a configuration file sets parameters and remembers the line of each") {
    const TemporaryDirectory directory;
    Parameters parameters;
    const std::string file =
        directory.write("a.cfg", "# lanes\r\n[pcie]\n\nlanes = 4  # half of half\nlatency=85ns\n[workload]\nnote =\n");
    read_config_file(parameters.table, file);
    CHECK(parameters.lanes == 4);
    CHECK(parameters.latency == 85'000);
    CHECK(parameters.table.find("pcie.lanes")->origin == file + ":4");
    CHECK(parameters.table.find("pcie.latency")->origin == file + ":5");
    CHECK(parameters.table.find("workload.policy")->origin == "default");
}

TEST_CASE("a later configuration file overrides an earlier one") {
    const TemporaryDirectory directory;
    Parameters parameters;
    read_config_file(parameters.table, directory.write("a.cfg", "[pcie]\nlanes = 4\nlatency = 90ns\n"));
    read_config_file(parameters.table, directory.write("b.cfg", "[pcie]\nlanes = 8\n"));
    CHECK(parameters.lanes == 8);
    CHECK(parameters.latency == 90'000);
}

TEST_CASE("a path counts from the folder of the file that gives it, an option's from the working directory") {
    const TemporaryDirectory directory;
    Parameters parameters;
    for (const char* name : {"a.cfg", "a.conf"}) {
        read_config_file(parameters.table, directory.write(name, "[workload]\nkeys = data/keys.npy\n"));
        CHECK(parameters.keys == directory.path("data/keys.npy"));
    }
    set_from_option(parameters.table, "workload.keys", "data/keys.npy", "--keys");
    CHECK(parameters.keys == "data/keys.npy");
}

TEST_CASE("a wrong line is named with its file, its number, what was found and what is allowed") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("a.cfg");
    const std::string allowed = "' found; allowed: [section], key = value, or a # comment";
    CHECK(error_of(directory, "[pcie]\nlanes 4\n") == file + ":2: 'lanes 4" + allowed);
    CHECK(error_of(directory, "\n[pcie\nlanes = 4\n") == file + ":2: '[pcie" + allowed);
    CHECK(error_of(directory, "[]\n") == file + ":1: '[]" + allowed);
}

TEST_CASE("a key that is given twice in one file is refused") {
    const TemporaryDirectory directory;
    CHECK(error_of(directory, "[pcie]\nlanes = 4\n[workload]\n[pcie]\nlanes = 4\n") ==
          directory.path("a.cfg") + ":5: pcie.lanes is given twice; allowed: once in a file (first at line 2)");
}

TEST_CASE("unknown keys and values that are not allowed are named with file and line") {
    const TemporaryDirectory directory;
    const std::string file = directory.path("a.cfg");
    CHECK(error_of(directory, "[pcie]\nlane = 4\n") ==
          file + ":2: unknown key 'pcie.lane'; did you mean 'pcie.lanes'?");
    CHECK(error_of(directory, "lanes = 4\n") == file + ":1: unknown key 'lanes'; did you mean 'pcie.lanes'?");
    CHECK(error_of(directory, "[pcie]\nlanes = 17\n") == file + ":2: pcie.lanes: 17 is out of range; allowed: 1 to 16");
    CHECK(error_of(directory, "[pcie]\nlatency = 85\n").starts_with(file + ":2: pcie.latency: '85'"));
}

TEST_CASE("a configuration file that cannot be read is named") {
    const TemporaryDirectory directory;
    Parameters parameters;
    CHECK(message_of<InputError>([&] { read_config_file(parameters.table, directory.path("none.cfg")); }) ==
          directory.path("none.cfg") + ": cannot be read: No such file or directory");
    CHECK(message_of<InputError>([&] { read_config_file(parameters.table, directory.path()); }) ==
          directory.path() + ": cannot be read: Is a directory");
}

TEST_CASE("the written configuration gives the same values from another folder") {
    const TemporaryDirectory directory;
    Parameters first;
    set_from_option(first.table, "pcie.lanes", "2", "--set");
    set_from_option(first.table, "workload.keys", "some/keys.npy", "--keys");
    set_from_option(first.table, "workload.note", "a = b; [c]", "--set");
    write_config_file(first.table, directory.path("config.cfg"));

    Parameters second;
    read_config_file(second.table, directory.path("config.cfg"));
    CHECK(second.lanes == 2);
    CHECK(second.latency == first.latency);
    CHECK(second.keys == std::filesystem::absolute("some/keys.npy").string());
    CHECK(second.note == first.note);
    CHECK(configuration_digest(second.table) == configuration_digest(first.table));
}

TEST_CASE("an option's value that no configuration file can hold is refused") {
    Parameters parameters;
    for (const std::string value : {"a#b", "a\nb", " a", "a "}) {
        CHECK(message_of<InputError>([&] {
                  set_from_option(parameters.table, "workload.note", value, "--set");
              }).starts_with("--set: workload.note: '" + value + "' found; allowed: "));
    }
}

TEST_CASE("the configuration's digest changes with any value, but not with a file's folder") {
    Parameters parameters;
    const std::string before = configuration_digest(parameters.table);
    parameters.table.set("workload.keys", "/a/keys.npy", "--keys");
    const std::string with_keys = configuration_digest(parameters.table);
    parameters.table.set("workload.keys", "/b/keys.npy", "--keys");
    CHECK(before != with_keys);
    CHECK(configuration_digest(parameters.table) == with_keys);
    parameters.table.set("pcie.lanes", "8", "--set");
    CHECK(configuration_digest(parameters.table) != with_keys);
    CHECK(with_keys.size() == 16);
}

TEST_CASE("the configuration as JSON has all that was declared, and the DRAM timing") {
    Parameters parameters;
    set_from_option(parameters.table, "pcie.latency", "85ns", "--set");
    const auto json =
        nlohmann::json::parse(format_config(parameters.table, ConfigFormat::json, {{"tRCD", 14'611}, {"tRP", 14'612}}));
    const nlohmann::json expected = {{"value", 85'000},
                                     {"text", "85ns"},
                                     {"type", "time"},
                                     {"default", "105ns"},
                                     {"range", "whole picoseconds, with a unit"},
                                     {"help", "Of the switch"},
                                     {"source", "data sheets: 85 to 140 ns"},
                                     {"origin", "--set"}};
    CHECK(json["pcie"]["latency"] == expected);
    CHECK(json["pcie"]["lanes"]["value"] == 16);
    CHECK(json["dram"]["timing"] == nlohmann::json{{"tRCD", 14'611}, {"tRP", 14'612}});
}

TEST_CASE("the configuration as Markdown is one table for each section") {
    const Parameters parameters;
    const std::string text = format_config(parameters.table, ConfigFormat::md);
    CHECK(text.find("## `[pcie]`\n\n| key | meaning |") != std::string::npos);
    CHECK(text.find("| `lanes` | Lanes of each link | count | `16` | 1 to 16 | open |\n") != std::string::npos);
    CHECK(text.find("| `keys` | Keys \\| of the prompt | path |  |") != std::string::npos);
}
