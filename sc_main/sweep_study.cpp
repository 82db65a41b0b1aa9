#include "sc_main/sweep_study.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/common/error.h"
#include "platform/results/config_file.h"
#include "platform/study/study_page.h"
#include "sc_main/commands.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

void override_in_all_sets(Study& study, const std::vector<Assignment>& overrides) {
    Configuration probe;
    for (const Assignment& each : overrides) {
        set_from_option(probe.table, each.key, each.value, each.origin);
        for (StudySet& set : study.sets) {
            if (set.find(each.key) != nullptr) {
                throw InputError(fmt::format("{}: '{}' found, which is an axis of the study's set '{}'", each.origin,
                                             each.key, set.name));
            }
            set.change.parameters[each.key] = each.value;
        }
    }
}

}  // namespace

StudyRequest study_request(const po::variables_map& given) {
    const std::string file = given["study"].as<std::string>();
    if (given.count("positional") != 0 || given.count("axis") != 0) {
        throw InputError("sweep: --study found with CONFIG or --axis; a study says itself what is run");
    }
    StudyRequest request{read_study(file), fmt::format("aqpim-vp sweep --study {}", file)};
    const std::vector<Assignment> overrides = assignments(given);
    override_in_all_sets(request.study, overrides);
    for (const Assignment& each : overrides) {
        request.command += fmt::format(" --set {}={}", each.key, each.value);
    }
    render_study(request.study, {{"points", nlohmann::json::array()}}, request.command);
    return request;
}

bool tell_study(const StudyRequest& request, const SweepEnd& end, const std::string& out_dir, bool quiet) {
    const std::vector<std::string> missed = write_study(request.study, end.results, request.command, out_dir);
    for (const std::string& line : missed) {
        print_error(fmt::format("{}: {}", request.study.file, line));
    }
    if (!quiet) {
        for (const StudyPage& page : request.study.pages) {
            fmt::print("page    {}/{}\n", out_dir, page.file);
        }
    }
    return missed.empty();
}

}  // namespace aqpim
