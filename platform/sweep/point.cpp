#include "platform/sweep/point.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/sweep/digest.h"

namespace aqpim {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string outcome_file(const std::string& directory) {
    return (fs::path(directory) / "outcome.json").string();
}

}  // namespace

void resolve(Configuration& configuration, const std::vector<ConfigurationLayer>& layers) {
    for (const ConfigurationLayer& layer : layers) {
        if (layer.file.empty()) {
            set_from_option(configuration.table, layer.key, layer.value, layer.origin);
        } else {
            read_config_file(configuration.table, layer.file);
        }
    }
    configuration.finish();
    configuration.check();
}

std::string point_digest(const ParameterTable& table) {
    Digest digest;
    for (const Parameter& parameter : table.parameters()) {
        digest.add(fmt::format("{} = {}\n", parameter.key, change_paths(parameter, parameter.text, file_state)));
    }
    return digest.text();
}

std::optional<PointOutcome> read_outcome(const std::string& directory) {
    if (!fs::exists(outcome_file(directory))) {
        return std::nullopt;
    }
    try {
        const json outcome = json::parse(read_text_file(outcome_file(directory)));
        return PointOutcome{outcome.at("exit_status"), outcome.at("message"), outcome.at("configuration_digest"),
                            outcome.at("point_digest"), outcome.at("program_digest")};
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const InputError&) {
        return std::nullopt;
    }
}

void write_outcome(const PointOutcome& outcome, const std::string& directory) {
    const json text{{"status", outcome.is_done() ? "done" : "failed"},
                    {"exit_status", outcome.exit_status},
                    {"message", outcome.message},
                    {"configuration_digest", outcome.configuration_digest},
                    {"point_digest", outcome.point_digest},
                    {"program_digest", outcome.program_digest}};
    write_file_atomically(outcome_file(directory), text.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace aqpim
