#pragma once

#include <optional>

#include "platform/study/study.h"
#include "platform/study/study_json.h"

namespace aqpim {

/// Parts of a study's file, each read into what study.h describes. What refers to points takes the study as far as its
/// sets have been read. All throw InputError.

/// {"configs": [...], "set": {...}}, both optional.
StudyChange read_change(const StudyJson& json);

/// Where a name in the study leads: relative names count from the study's folder. Refuses what is no file.
std::string study_path(const StudyJson& json);

StudySet read_set(const std::string& name, const StudyJson& json);

/// Throws for a name that no set has.
const StudySet& read_set_name(const StudyJson& json, const Study& study);

/// {"set": ..., "at": {axis: label}, "change": {...}, "figure": ...}
FigureReference read_figure_reference(const StudyJson& json, const Study& study);

/// The sides "numerator" and "denominator" (of a figure only the first), each from what the first layer says of it,
/// changed by what the others say. A layer's "both" stands for either side.
Quotient read_quotient(const std::vector<StudyJson>& layers, ClaimKind kind, const Study& study);

ClaimKind read_claim_kind(const StudyJson& json);
Claim read_claim(const StudyJson& json, const Study& study);
/// `claims`: those that the study has by now, as they stand in the file.
Tornado read_tornado(const StudyJson& json, const std::vector<StudyJson>& claims, const Study& study);
StudyTable read_table(const StudyJson& json, const Study& study);

}  // namespace aqpim
