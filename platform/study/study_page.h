#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/study/study.h"

namespace aqpim {

struct StudyFile {
    std::string name;
    std::string contents;
};

/// What a study leaves beside its points, and which of its expectations were missed.
struct StudyPages {
    std::vector<StudyFile> files;  ///< pages, and a picture images/NAME.svg of each tornado
    std::vector<std::string> missed;
};

/// From a `sweep.json` of the study's plan alone. `command`: what a reader types to get the same. Throws InputError for
/// a `sweep.json` that is none, and a template that cannot be read or names what there is not.
StudyPages render_study(const Study& study, const nlohmann::json& sweep, const std::string& command);

/// The same into a sweep's directory; returns what was missed. Throws InputError when it cannot be written.
std::vector<std::string> write_study(const Study& study, const nlohmann::json& sweep, const std::string& command,
                                     const std::string& directory);

}  // namespace aqpim
