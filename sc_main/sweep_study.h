#pragma once

#include <string>

#include "platform/study/study.h"
#include "platform/sweep/sweep.h"
#include "sc_main/arguments.h"

namespace aqpim {

/// What `sweep --study F` asks for.
struct StudyRequest {
    Study study;
    std::string command;  ///< what a reader of the study's pages types
};

/// Options that set parameters do so in all sets, beneath the sets' axes and what claims and tornados change. Throws
/// InputError for a file that is no study, for templates of pages that cannot be filled, and for what does not go
/// together with `--study`.
StudyRequest study_request(const boost::program_options::variables_map& given);

/// Writes the study's pages into the sweep's directory and tells which expectations were missed. Returns whether all
/// were met.
bool tell_study(const StudyRequest& request, const SweepEnd& end, const std::string& out_dir, bool quiet);

}  // namespace aqpim
