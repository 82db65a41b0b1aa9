#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "platform/study/study.h"

namespace aqpim {

/// A figure, or why there is none.
struct Found {
    std::optional<double> value;
    std::string missing;  ///< "point 7-aqpim failed: ..."
};

/// What a sweep's points gave, by their places.
class StudyFigures {
 public:
    /// `sweep`: a `sweep.json` of the study's plan. Throws InputError when it is no such thing. Both must outlive this.
    StudyFigures(const Study& study, const nlohmann::json& sweep);

    Found find(const FigureReference& reference) const;
    Found find(const Quotient& quotient) const;

 private:
    const nlohmann::json* point(const PointReference& reference) const;

    const Study& study_;
    const nlohmann::json& sweep_;
};

/// Whether a dotted key is what `pattern` says, in which `*` stands for one part.
bool matches_key(const std::string& pattern, const std::string& key);

}  // namespace aqpim
