#include "sc_main/sweep_worker.h"

#include <algorithm>

#include "platform/sweep/worker.h"
#include "sc_main/interruption.h"

namespace aqpim {

namespace po = boost::program_options;

bool is_sweep_worker(const Arguments& arguments) {
    return std::find(arguments.begin(), arguments.end(), "--run-point") != arguments.end();
}

int sweep_worker(const Arguments& arguments) {
    Command command{"sweep", "", po::options_description("Options")};
    auto add = command.options.add_options();
    for (const char* name : {"run-point", "point-digest", "program-digest"}) {
        add(name, po::value<std::string>()->required(), "");
    }
    add("threads", po::value<unsigned>()->default_value(1), "");
    const po::variables_map given = parse(command, arguments);
    end_in_order_when_interrupted();
    WorkerRequest request;
    request.directory = given["run-point"].as<std::string>();
    request.point_digest = given["point-digest"].as<std::string>();
    request.program_digest = given["program-digest"].as<std::string>();
    request.threads = given["threads"].as<unsigned>();
    request.is_interrupted = was_interrupted;
    return run_point(request);
}

}  // namespace aqpim
